import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { expect } from 'chai';

import { Lane } from '../../support/lane.mjs';

describe('a lane of stages of the tests', () => {
  let folder: string;
  let lane: Lane;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'kdeploy-lane-'));
    lane = new Lane(folder);
  });
  afterEach(() => rm(folder, { recursive: true }));

  const node = (script: string): [string, string[]] => [process.execPath, ['-e', script]];

  it('keeps what its programs print, in order, and gives each part once', async () => {
    lane.print('== lint');
    expect(
      await lane.run(...node('console.log("out"); console.error("ä is no ASCII"); process.exitCode = 3')),
    ).to.equal(3);
    expect(lane.printed().toString()).to.equal('== lint\nout\nä is no ASCII\n');
    expect(await lane.run(...node('console.log(process.env.WORD)'), { WORD: 'more' })).to.equal(0);
    expect(lane.printed().toString()).to.equal('more\n');
    expect(lane.printed().toString()).to.equal('');
  });

  it('keeps what a program says beside the output that is read', async () => {
    const read = await lane.capture(...node('console.log("read"); console.error("said")'));
    expect(read).to.deep.equal({ status: 0, stdout: 'read\n' });
    expect(lane.printed().toString()).to.equal('said\n');
  });

  it('interrupts the program that runs, and can start another one', async () => {
    const status = lane.run(...node('console.log("ready"); setInterval(() => {}, 1000)'));
    while (lane.printed().length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    lane.interrupt();
    expect(await status).to.equal(130);
    expect(await lane.run(...node(''))).to.equal(0);
  });

  it('starts nothing more once it is to end', async () => {
    lane.end();
    expect(await lane.run(...node('console.log("started")'))).to.equal(130);
    expect((await lane.capture(...node('console.log("started")'))).status).to.equal(130);
    expect(lane.printed().toString()).to.equal('');
  });
});
