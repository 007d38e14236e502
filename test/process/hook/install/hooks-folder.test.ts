import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { findHooksFolder } from '../../../../src/hook/install/hooks-folder.js';
import { rejection } from '../../../support/rejection.js';
import { PushSandbox } from '../../../support/push-sandbox.js';
import { restoreEnvironment } from '../../../support/restore-environment.js';

describe('the hooks folder', () => {
  let sandbox: PushSandbox;
  const before = { ...process.env };

  beforeEach(async () => {
    sandbox = await PushSandbox.create();
    sandbox.useGitConfiguration();
  });
  afterEach(async () => {
    restoreEnvironment(before);
    await sandbox.remove();
  });

  const git = (...arguments_: string[]) => sandbox.git(sandbox.root, ...arguments_);

  it('is .git/hooks, from the top and from any folder below', async () => {
    const expected = {
      path: join(sandbox.root, '.git/hooks'),
      workTree: sandbox.root,
      location: 'repository',
      own: join(sandbox.root, '.git/hooks'),
      configuredIn: undefined,
    };
    expect(await findHooksFolder(sandbox.root)).to.deep.equal(expected);
    await mkdir(join(sandbox.root, 'a/b'), { recursive: true });
    expect(await findHooksFolder(join(sandbox.root, 'a/b'))).to.deep.equal(expected);
  });

  it('is that of the folder asked for, not of the hook that kdeploy was started from', async () => {
    process.env.GIT_DIR = sandbox.file('remote.git');
    expect((await findHooksFolder(sandbox.root)).path).to.equal(join(sandbox.root, '.git/hooks'));
  });

  it('is the main repository’s for a linked work tree', async () => {
    await sandbox.commit('a', '');
    await git('worktree', 'add', '--quiet', sandbox.file('linked'));
    expect(await findHooksFolder(sandbox.file('linked'))).to.include({
      path: join(sandbox.root, '.git/hooks'),
      workTree: sandbox.file('linked'),
      location: 'repository',
    });
  });

  it('is in the outer repository’s .git for a submodule', async () => {
    await sandbox.commit('a', '');
    await git('push', '--quiet', 'origin', 'main');
    await git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', sandbox.file('remote.git'), 'part');
    expect(await findHooksFolder(join(sandbox.root, 'part'))).to.include({
      path: join(sandbox.root, '.git/modules/part/hooks'),
      workTree: join(sandbox.root, 'part'),
      location: 'repository',
    });
  });

  it('follows core.hooksPath: relative to the top folder, wherever one stands', async () => {
    await git('config', 'core.hooksPath', 'tools/hooks');
    await mkdir(join(sandbox.root, 'a'));
    expect(await findHooksFolder(join(sandbox.root, 'a'))).to.deep.equal({
      path: join(sandbox.root, 'tools/hooks'),
      workTree: sandbox.root,
      location: 'work-tree',
      own: join(sandbox.root, '.git/hooks'),
      configuredIn: '.git/config',
    });
  });

  it('follows core.hooksPath: absolute, back into .git', async () => {
    await git('config', 'core.hooksPath', join(sandbox.root, '.git/hooks'));
    expect((await findHooksFolder(sandbox.root)).location).to.equal('repository');
  });

  it('follows core.hooksPath: for all repositories of a user, in the home folder', async () => {
    await git('config', '--global', 'core.hooksPath', '~/hooks');
    expect(await findHooksFolder(sandbox.root)).to.deep.equal({
      path: sandbox.file('home/hooks'),
      workTree: sandbox.root,
      location: 'elsewhere',
      own: join(sandbox.root, '.git/hooks'),
      configuredIn: sandbox.file('home/.gitconfig'),
    });
  });

  it('takes a folder beside the repository, with the same beginning of its name, for what it is: elsewhere', async () => {
    await git('config', 'core.hooksPath', `${sandbox.root}-hooks`);
    expect((await findHooksFolder(sandbox.root)).location).to.equal('elsewhere');
  });

  const refusals: readonly [where: string, folder: string, sentence: RegExp][] = [
    ['a folder in no repository', 'home', /is not in a git repository$/],
    ['a bare repository', 'remote.git', /is a bare repository, /],
    ['git’s own folder', 'work tree/.git', /is inside the .git folder$/],
    ['a folder that is not there', 'nowhere', /^the folder .* does not exist$/],
  ];
  for (const [where, folder, sentence] of refusals) {
    it(`is none in ${where}`, async () => {
      const error = await rejection(findHooksFolder(sandbox.file(folder)));
      expect([error.code, error.exitCode]).to.deep.equal(['usage', 2]);
      expect(error.message).to.match(sentence);
      expect(error.hint).to.match(/\w/);
    });
  }

  for (const [where, folder, sentence] of refusals.slice(1, 3))
    it(`is none in ${where} with a git that reads those`, async () => {
      // The options that it does not know come first.
      await sandbox.write('old/git', `#!/bin/sh\nshift 4\nPATH='${process.env.PATH ?? ''}' exec git "$@"\n`, 0o755);
      process.env.PATH = `${sandbox.file('old')}:${process.env.PATH ?? ''}`;
      const { code, message } = await rejection(findHooksFolder(sandbox.file(folder)));
      expect(code).to.equal('usage');
      expect(message).to.match(sentence);
    });

  it('says of a file that it is no folder', async () => {
    await sandbox.write('file', '');
    const { message, hint } = await rejection(findHooksFolder(sandbox.file('file')));
    expect([message, hint]).to.deep.equal([
      `the folder ${sandbox.file('file')} does not exist`,
      'pass an existing folder with --project',
    ]);
  });

  it('says what git says where it does not read the repository', async () => {
    await sandbox.write('work tree/.git/config', '[core\n');
    const error = await rejection(findHooksFolder(sandbox.root));
    expect([error.code, error.message, error.hint]).to.deep.equal([
      'configuration',
      `git cannot read the repository of ${sandbox.root}`,
      'run git status there to see why',
    ]);
    expect(error.output.join()).to.match(/^fatal: bad config.*\S$/);
  });

  it('says that git is missing', async () => {
    process.env.PATH = sandbox.file('home');
    expect((await rejection(findHooksFolder(sandbox.root))).code).to.equal('tool-missing');
  });
});
