import { chmod, readFile, rm } from 'node:fs/promises';
import { expect } from 'chai';
import { findUv, OLDEST_UV, type FindUvOptions } from '../../../../../src/builders/layers/resolve/find-uv.js';
import { FolderCache } from '../../../../../src/cache/file-cache.js';
import { rejection } from '../../../../support/rejection.js';
import { TemporaryFolder } from '../../../../unit/temporary-folder.js';

describe('finding uv', () => {
  let folder: TemporaryFolder;

  beforeEach(async () => (folder = await TemporaryFolder.create()));
  afterEach(async () => folder.remove());

  /** A program that prints what uv prints for its version. */
  const program = async (file: string, says = 'echo "uv 0.9.5 (a1b2c3 2026-01-01)"'): Promise<string> => {
    await folder.write({ [file]: `#!/bin/sh\n${says}\n` });
    await chmod(folder.file(file), 0o755);
    return folder.file(file);
  };

  const find = async (environment: NodeJS.ProcessEnv = {}, changes: Partial<FindUvOptions> = {}) =>
    findUv({
      projectRoot: folder.file('project'),
      environment: { PATH: '/nonexistent', ...environment },
      signal: new AbortController().signal,
      ...changes,
    });

  beforeEach(async () => folder.write({ 'project/README.md': '' }));

  it('takes the one that KDEPLOY_UV names, by its path or by its name', async () => {
    const named = await program('tools/my-uv');
    await program('project/.venv/bin/uv', 'echo "uv 0.8.0"');
    expect(await find({ KDEPLOY_UV: named })).to.deep.equal({ program: named, version: '0.9.5' });
    expect(await find({ KDEPLOY_UV: 'my-uv', PATH: folder.file('tools') })).to.include({ program: named });
    const error = await rejection(find({ KDEPLOY_UV: './no-such-uv' }));
    expect(error.code).to.equal('tool-missing');
    expect(error.message).to.contain('KDEPLOY_UV');
  });

  it('takes the one beside the project’s kedro before the one on PATH', async () => {
    const beside = await program('kedro-home/bin/uv');
    await program('kedro-home/bin/python');
    const kedro = await program('kedro-home/bin/kedro');
    await program('bin/uv');
    expect(await find({ PATH: folder.file('bin') }, { kedro })).to.include({ program: beside });
  });

  it('takes the one of the virtual environments, whether they have a kedro or not, then the one on PATH', async () => {
    const onPath = await program('bin/uv');
    expect(await find({ PATH: folder.file('bin') })).to.include({ program: onPath });
    const active = await program('active/bin/uv');
    const environment = { PATH: folder.file('bin'), VIRTUAL_ENV: folder.file('active') };
    expect(await find(environment)).to.include({ program: active });
    const own = await program('project/.venv/bin/uv');
    expect(await find(environment)).to.include({ program: own });
  });

  it('asks a program for its version once, and again where it was replaced; a script in front of it each time', async () => {
    const cache = new FolderCache(folder.file('cache'));
    const says = (version: string, padding: number): string =>
      `echo asked >> ${folder.file('asked')}\necho "uv ${version}"\nexit 0\n# ${' '.repeat(padding)}`;
    const asked = async (): Promise<number> => {
      const text = await readFile(folder.file('asked'), 'utf8').catch(() => '');
      await rm(folder.file('asked'), { force: true });
      return text.split('\n').length - 1;
    };
    const versionOf = async (): Promise<string> => (await find({ PATH: folder.file('bin') }, { cache })).version;
    await program('bin/uv', says('0.9.5', 2_000_000));
    expect([await versionOf(), await versionOf(), await asked()]).to.deep.equal(['0.9.5', '0.9.5', 1]);
    await program('bin/uv', says('0.9.6', 2_000_000));
    expect([await versionOf(), await asked()]).to.deep.equal(['0.9.6', 1]);
    for (const { kind, key } of await cache.entries()) await cache.keep(kind, key, 'damaged');
    expect([await versionOf(), await asked()]).to.deep.equal(['0.9.6', 1]);
    await program('bin/uv', says('0.9.7', 0));
    expect([await versionOf(), await versionOf(), await asked()]).to.deep.equal(['0.9.7', '0.9.7', 2]);
  });

  it('says how to install it where there is none', async () => {
    const error = await rejection(find());
    expect(error.code).to.equal('tool-missing');
    expect(error.exitCode).to.equal(3);
    expect(error.hint).to.contain('pip install');
  });

  for (const [version, isNewEnough] of [
    ['0.6.17', false],
    ['0.7.0rc1', false],
    [OLDEST_UV, true],
    ['0.10.0', true],
    ['1.0.0', true],
  ] as const) {
    it(`${isNewEnough ? 'takes' : 'refuses'} uv ${version}`, async () => {
      await program('bin/uv', `echo "uv ${version}"`);
      const found = find({ PATH: folder.file('bin') });
      if (isNewEnough) expect((await found).version).to.equal(version);
      else expect((await rejection(found)).message).to.contain(`is uv ${version}`);
    });
  }

  for (const [what, says] of [
    ['another program', 'echo "something else"'],
    ['a broken one', 'echo "cannot start" >&2; exit 1'],
  ] as const) {
    it(`refuses ${what} of that name`, async () => {
      await program('bin/uv', says);
      const error = await rejection(find({ PATH: folder.file('bin') }));
      expect(error.code).to.equal('tool-missing');
      expect(error.message).to.equal(`${folder.file('bin/uv')} cannot be used`);
    });
  }
});
