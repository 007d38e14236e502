import { chmod } from 'node:fs/promises';
import { expect } from 'chai';
import { OLDEST_UV } from '../../../src/builders/layers/resolve/find-uv.js';
import { engineProbe } from '../../../src/doctor/engine-probe.js';
import { uvProbe } from '../../../src/doctor/uv-probe.js';
import { memorySource } from '../../support/memory-source.js';
import { inProject, outsideOfProject } from '../../unit/doctor/contexts.js';
import { TemporaryFolder } from '../../unit/temporary-folder.js';

describe('uv’s probe', () => {
  let folder: TemporaryFolder;

  beforeEach(async () => (folder = await TemporaryFolder.create()));
  afterEach(async () => folder.remove());

  const noEngine = { DOCKER_HOST: 'unix:///nowhere.sock', PATH: '/nonexistent' };
  const context = (builder: 'kedro' | 'engine' | 'layers' | null, files: Readonly<Record<string, string>> = {}) =>
    inProject({
      root: folder.path,
      source: memorySource(files),
      settings: { image: { builder } },
      environment: noEngine,
    });
  const install = async (version: string): Promise<void> => {
    await folder.write({ '.venv/bin/uv': `#!/bin/sh\necho "uv ${version}"\n` });
    await chmod(folder.file('.venv/bin/uv'), 0o755);
  };

  it('tells its version and where it is, whichever builder is configured', async () => {
    await install('0.9.5');
    for (const builder of ['kedro', 'layers'] as const)
      expect(await uvProbe.run(context(builder))).to.deep.equal({
        status: 'ok',
        detail: `0.9.5, ${folder.file('.venv/bin/uv')}`,
      });
  });

  it('tells how to install it, where it is needed and missing', async () => {
    const found = await uvProbe.run(context('layers'));
    expect(found).to.include({ status: 'failed', remedy: `install it beside kedro: pip install 'uv>=${OLDEST_UV}'` });
    expect(found.detail).to.match(/^uv was not found/);
  });

  it('tells one that is too old, and how to update it', async () => {
    await install('0.1.0');
    expect(await uvProbe.run(context('layers'))).to.deep.equal({
      status: 'failed',
      detail: `${folder.file('.venv/bin/uv')} is uv 0.1.0; the builder layers needs ${OLDEST_UV} or later`,
      remedy: 'update it: pip install --upgrade uv, or uv self update',
    });
  });

  for (const builder of ['kedro', 'engine'] as const) {
    it(`is no failure where the builder is ${builder}`, async () => {
      const { status, detail } = await uvProbe.run(context(builder));
      expect(status).to.equal('skipped');
      expect(detail).to.match(/^uv was not found .*; only the builder layers needs it$/);
    });
  }

  it('is a failure where no builder is configured and no engine answers, unless the Dockerfile needs one', async () => {
    expect((await uvProbe.run(context(null))).status).to.equal('failed');
    const own = { Dockerfile: 'FROM python:3.11\nRUN apt-get install -y curl\n' };
    expect((await uvProbe.run(context(null, own))).status).to.equal('skipped');
  });

  it('is skipped outside of a project', async () => {
    expect(await uvProbe.run(outsideOfProject(noEngine))).to.include({ status: 'skipped' });
  });

  it('leaves the engine’s probe without a failure where the builder layers needs no engine', async () => {
    const { status, detail } = await engineProbe.run(context('layers'));
    expect([status, detail.endsWith('; the builder layers needs none')]).to.deep.equal(['skipped', true]);
    const refused: unknown = await Promise.resolve(engineProbe.run(context('kedro'))).catch((error: unknown) => error);
    expect(refused).to.have.property('code', 'engine-unreachable');
  });
});
