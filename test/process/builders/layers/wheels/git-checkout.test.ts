import { readFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import { checkOut } from '../../../../../src/builders/layers/wheels/git-checkout.js';
import type { GitCommit } from '../../../../../src/builders/layers/resolve/locked-package.js';
import { rejection } from '../../../../support/rejection.js';
import { TemporaryFolder } from '../../../../unit/temporary-folder.js';
import { TemporaryRepository } from '../../../git/temporary-repository.js';

describe('the files of a commit', () => {
  let repository: TemporaryRepository;
  let folder: TemporaryFolder;
  let commit: string;

  beforeEach(async () => {
    repository = await TemporaryRepository.create();
    folder = await TemporaryFolder.create();
    commit = await repository.commit('pyproject.toml', '[project]\nname = "a"\n');
    await repository.git('tag', 'v1.0');
    await repository.commit('later.txt');
  });
  afterEach(async () => {
    await repository.remove();
    await folder.remove();
  });

  const environment = (): NodeJS.ProcessEnv => ({
    ...{ PATH: process.env.PATH, HOME: folder.file('home'), GIT_CONFIG_GLOBAL: '/dev/null' },
    // A hook of another repository calls kdeploy.
    GIT_DIR: '/nonexistent',
  });
  const checkout = async (changes: Partial<GitCommit> = {}, more: NodeJS.ProcessEnv = {}): Promise<void> => {
    const { signal } = new AbortController();
    await folder.write({ 'to/.keep': '' });
    const url = pathToFileURL(repository.root).href;
    const asked = { kind: 'git', url, commit, ...changes } as const;
    await checkOut(asked, folder.file('to'), { environment: { ...environment(), ...more }, signal });
  };
  const text = (name: string): Promise<string> => readFile(folder.file(`to/${name}`), 'utf8');
  const here = (): TemporaryRepository => TemporaryRepository.at(folder.file('to'));
  const missing = (name: string): Promise<boolean> =>
    text(name).then(
      () => false,
      () => true,
    );

  it('are those of that commit, without its history', async () => {
    await repository.git('config', 'uploadpack.allowAnySHA1InWant', 'true');
    await checkout();
    expect(await text('pyproject.toml')).to.contain('name = "a"');
    expect(await missing('later.txt')).to.equal(true);
    expect(await here().git('tag')).to.equal('');
  });

  it('come from a server that hands out no single commit, too', async () => {
    await repository.git('config', 'uploadpack.allowAnySHA1InWant', 'false');
    await repository.git('config', 'uploadpack.allowTipSHA1InWant', 'false');
    // Protocol 2 allows any commit.
    await checkout({}, { GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: 'protocol.version', GIT_CONFIG_VALUE_0: '0' });
    expect(await missing('later.txt')).to.equal(true);
  });

  it('have their tags and history where the version comes from them', async () => {
    commit = await repository.commit('pyproject.toml', '[build-system]\nrequires = ["setuptools-scm"]\n');
    await checkout();
    expect(await here().git('describe', '--tags')).to.match(/^v1\.0-2-g/);
  });

  it('are whole with submodules', async () => {
    const inner = await TemporaryRepository.create();
    try {
      await inner.commit('inner.txt');
      await repository.git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', inner.root, 'inner');
      commit = await repository.commit('with-submodule.txt');
      const allowed = { GIT_CONFIG_KEY_0: 'protocol.file.allow', GIT_CONFIG_VALUE_0: 'always' };
      await checkout({}, { GIT_CONFIG_COUNT: '1', ...allowed });
      expect(await text('inner/inner.txt')).to.equal('inner.txt');
    } finally {
      await inner.remove();
    }
  });

  it('are an error where the repository does not have the commit', async () => {
    const error = await rejection(checkout({ commit: 'a'.repeat(40) }));
    expect(error.code).to.equal('build-failed');
    expect(error.message).to.match(/^file:\/\/.* at aaaaaaaaaaaa could not be fetched$/);
    expect(error.output).to.not.deep.equal([]);
  });

  it('are an error where there is no such repository', async () => {
    const error = await rejection(checkout({ url: pathToFileURL(folder.file('gone')).href }));
    expect(error.code).to.equal('build-failed');
  });

  it('are an error of credentials where git would have to ask for a password', async () => {
    const { FakeServer } = await import('../../../../support/fake-server.js');
    const server = await FakeServer.start(() => ({ status: 401, headers: { 'www-authenticate': 'Basic realm="x"' } }));
    try {
      const error = await rejection(checkout({ url: `${server.url}/a.git` }));
      expect(error.code).to.equal('credentials');
    } finally {
      await server.stop();
    }
  });

  it('are not waited for after an interruption', async () => {
    const stop = new AbortController();
    stop.abort();
    const asked = { kind: 'git', url: pathToFileURL(repository.root).href, commit } as const;
    const parts = { environment: environment(), signal: stop.signal };
    expect((await rejection(checkOut(asked, folder.path, parts))).code).to.equal('interrupted');
  });
});
