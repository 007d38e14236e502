import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { expect } from 'chai';

import { Lane } from '../../support/lane.mjs';
import { runStages, type Stage } from '../../support/stages.mjs';

describe('the stages of the tests', () => {
  let folder: string;
  beforeEach(async () => (folder = await mkdtemp(path.join(tmpdir(), 'kdeploy-stages-'))));
  afterEach(() => rm(folder, { recursive: true }));

  async function run(...lanes: readonly Stage[][]): Promise<{ failed: [string, number][]; lines: string[] }> {
    let text = '';
    const failed = await runStages(
      lanes.map((stages) => [new Lane(folder), stages]),
      (more) => (text += more.toString()),
    );
    const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('    at '));
    return { failed: [...failed], lines: lines.map((line) => line.replace(/\d+\.\d s$/, '… s')) };
  }

  const says = (text: string, exitCode = 0): Stage[1] => {
    return (lane) => {
      lane.print(text);
      return Promise.resolve(exitCode);
    };
  };

  it('all run, also after one that failed or could not be started, and report', async () => {
    const { failed, lines } = await run([
      ['lint', () => Promise.resolve(2), 1],
      ['types', () => Promise.reject(new Error('no such program')), 1],
      ['build', () => Promise.resolve(0), 1],
      ['integration tests', () => Promise.resolve(0), 1, 'build'],
    ]);
    expect(failed).to.deep.equal([
      ['lint', 2],
      ['types', 1],
    ]);
    expect(lines).to.deep.equal([
      '== lint',
      '== lint: failed (exit code 2), … s',
      '== types',
      'Error: no such program',
      '== types: failed (exit code 1), … s',
      '== build',
      '== build: passed, … s',
      '== integration tests',
      '== integration tests: passed, … s',
    ]);
  });

  it('do not run without the stage that they need', async () => {
    const { failed, lines } = await run([
      ['build', () => Promise.resolve(1), 1],
      ['integration tests', () => Promise.reject(new Error('must not run')), 1, 'build'],
    ]);
    expect(failed).to.deep.equal([['build', 1]]);
    expect(lines.at(-1)).to.equal('== integration tests: not run, because build failed');
  });

  it('run beside those of another lane, and print as if one lane ran after the other', async () => {
    let startOfOther: () => void;
    const otherHasStarted = new Promise<void>((resolve) => (startOfOther = resolve));
    const { failed, lines } = await run(
      [
        ['lint', (lane) => otherHasStarted.then(() => says('a semicolon is missing', 2)(lane)), 1],
        ['types', says('all fit'), 1],
      ],
      [
        ['build', (lane) => (startOfOther(), says('compiled', 1)(lane)), 1],
        ['bench', says('fast'), 1],
      ],
    );
    expect(failed).to.deep.equal([
      ['lint', 2],
      ['build', 1],
    ]);
    expect(lines).to.deep.equal([
      '== lint',
      'a semicolon is missing',
      '== lint: failed (exit code 2), … s',
      '== types',
      'all fit',
      '== types: passed, … s',
      '== build',
      'compiled',
      '== build: failed (exit code 1), … s',
      '== bench',
      'fast',
      '== bench: passed, … s',
    ]);
  });

  it('end with the one that runs when the tests are to end, which has not passed, whatever it says', async () => {
    const lane = new Lane(folder);
    const stages: Stage[] = [
      [
        'lint',
        () => {
          lane.end();
          return Promise.resolve(0);
        },
        1,
      ],
      ['types', () => Promise.reject(new Error('must not run')), 1],
    ];
    expect([...(await runStages([[lane, stages]], () => undefined))]).to.deep.equal([['lint', 130]]);
  });
});
