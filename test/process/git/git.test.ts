import { access, chmod, chown, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { askGit, gitOfFolder, gitOfHook, runGit, tryGit } from '../../../src/git/git.js';
import { readRepository } from '../../../src/git/repository.js';
import { rejection } from '../../support/rejection.js';
import { TemporaryRepository, temporaryFolder } from './temporary-repository.js';

describe('git', () => {
  let repository: TemporaryRepository;
  before(async () => {
    repository = await TemporaryRepository.create();
    await repository.commit('a.txt');
  });
  after(() => repository.remove());

  it('of a folder is asked about the folder, whatever a hook’s variables say', async () => {
    const git = gitOfFolder(repository.root, {
      ...process.env,
      GIT_DIR: '/nonexistent',
      GIT_WORK_TREE: '/nonexistent',
    });
    expect((await runGit(git, ['rev-parse', '--show-toplevel'])).toString().trim()).to.equal(repository.root);
  });

  it('of a hook is asked about the repository that its variables name, also from elsewhere', async () => {
    const elsewhere = await temporaryFolder();
    try {
      const environment = { ...process.env, GIT_DIR: join(repository.root, '.git') };
      const ids = await Promise.all(
        [gitOfHook(elsewhere, environment), gitOfFolder(repository.root)].map((git) =>
          runGit(git, ['rev-parse', 'HEAD']),
        ),
      );
      expect(ids[0]?.toString()).to.equal(ids[1]?.toString());
    } finally {
      await rm(elsewhere, { recursive: true });
    }
  });

  it('gets its input, and its output is bytes', async () => {
    const bytes = await runGit(gitOfFolder(repository.root), ['cat-file', '--batch'], 'HEAD:a.txt\n');
    expect(bytes.toString()).to.match(/^[0-9a-f]{40} blob 5\na\.txt\n$/);
  });

  it('that fails is told with its own words', async () => {
    const git = gitOfFolder(repository.root);
    const error = await rejection(runGit(git, ['rev-parse', '--verify', 'nowhere']));
    expect(error.message).to.equal('git rev-parse failed: fatal: Needed a single revision');
    expect(error.output).to.deep.equal(['fatal: Needed a single revision']);
    expect((await tryGit(git, ['rev-parse', '--verify', 'nowhere'])).exitCode).to.equal(128);
  });

  it('has no answer to what is nice to know where it fails, or is not there, but refuses a repository aloud', async () => {
    expect(await askGit(repository.root, ['rev-parse', '--is-bare-repository'])).to.equal('false\n');
    expect(await askGit(repository.root, ['rev-parse', '--verify', 'nowhere'])).to.equal(undefined);
    expect(await askGit(join(repository.root, 'no folder'), ['status'])).to.equal(undefined);
    const bare = await TemporaryRepository.create('--bare');
    try {
      const error = await rejection(askGit(bare.root, ['status']));
      expect(error.message).to.match(/ is a bare repository, /);
    } finally {
      await bare.remove();
    }
  });

  it('that writes without end is stopped', async function () {
    this.timeout(30_000);
    const folder = await temporaryFolder();
    try {
      await writeFile(join(folder, 'git'), '#!/bin/sh\nexec cat /dev/zero\n');
      await chmod(join(folder, 'git'), 0o755);
      const error = await rejection(
        runGit({ directory: folder, environment: { PATH: `${folder}:/usr/bin:/bin` } }, ['log']),
      );
      expect(error.message).to.contain('git log was stopped');
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('that is not installed is told', async () => {
    const error = await rejection(
      runGit({ directory: repository.root, environment: { PATH: '/nonexistent' } }, ['log']),
    );
    expect([error.code, error.message]).to.deep.equal(['tool-missing', 'git was not found']);
  });

  describe('reads a repository without starting what its configuration names', () => {
    let trap: string;
    beforeEach(async () => {
      trap = await temporaryFolder();
      await writeFile(join(trap, 'program'), `#!/bin/sh\ntouch '${trap}/started'\n`);
      await chmod(join(trap, 'program'), 0o755);
    });
    afterEach(() => rm(trap, { recursive: true }));
    const isStarted = () =>
      access(join(trap, 'started')).then(
        () => true,
        () => false,
      );

    it('for the changed files of its own work tree, and of its submodules', async () => {
      const outer = await TemporaryRepository.create();
      try {
        await outer.commit('a.txt');
        await outer.git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', repository.root, 'inner');
        for (const at of [outer.root, join(outer.root, 'inner')])
          await TemporaryRepository.at(at).git('config', 'core.fsmonitor', join(trap, 'program'));
        expect((await readRepository(outer.root))?.dirty).to.equal(true);
        expect(await isStarted()).to.equal(false);
        // The trap works: git alone falls into it.
        await outer.git('status');
        expect(await isStarted()).to.equal(true);
      } finally {
        await outer.remove();
      }
    });

    it('where a commit brings a folder that is a bare repository', async () => {
      const outer = await TemporaryRepository.create();
      try {
        await outer.git('init', '--quiet', '--bare', 'project');
        await outer.write(
          'project/config',
          `[core]\n\trepositoryformatversion = 0\n\tbare = false\n\tworktree = ..\n\tfsmonitor = "${trap}/program"\n`,
        );
        await outer.commit('project/pyproject.toml');
        for (const folder of ['project', 'project/refs']) {
          const error = await rejection(readRepository(join(outer.root, folder)));
          expect(error.message).to.match(/project is a bare repository, /);
        }
        expect(await isStarted()).to.equal(false);
        await TemporaryRepository.at(join(outer.root, 'project')).git('status');
        expect(await isStarted()).to.equal(true);
      } finally {
        await outer.remove();
      }
    });
  });

  it('that does not trust the repository is told with the way out', async function () {
    if (process.getuid?.() !== 0) this.skip();
    const other = await TemporaryRepository.create();
    try {
      await chown(join(other.root, '.git'), 12_345, 12_345);
      await chown(other.root, 12_345, 12_345);
      const error = await rejection(runGit(gitOfFolder(other.root), ['status']));
      expect(error.hint).to.contain(`git config --global --add safe.directory '${other.root}'`);
    } finally {
      await other.remove();
    }
  });
});
