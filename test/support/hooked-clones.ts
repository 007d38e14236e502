import { chmod, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

import { expect } from 'chai';
import { execa } from 'execa';

import { temporaryFolder } from '../process/git/temporary-repository.js';
import { MLFLOW_YML, projectFiles } from '../process/hook/projects.js';
import { runCommand, type Outcome } from './command.js';

export type { Outcome };

/** What the checks say of a project after `breakIt`. */
export const KEDRO_MLFLOW_MISSING = 'error: kedro-mlflow is missing from the requirements';

/**
 * A bare repository, and clones of it in which the compiled kdeploy has installed its hook. HOME and git's configuration are
 * its own. Every start of node is written down.
 */
export class HookedClones {
  private constructor(
    readonly top: string,
    /** For git and kdeploy; a test may change it. */
    readonly env: Record<string, string>,
  ) {}

  static async create(env: Readonly<Record<string, string>>): Promise<HookedClones> {
    const top = await temporaryFolder();
    const nobody = { NAME: 'a', EMAIL: 'a@example.com' };
    const authors = Object.entries(nobody).flatMap(([key, value]) =>
      ['AUTHOR', 'COMMITTER'].map((who) => [`GIT_${who}_${key}`, value] as const),
    );
    const clones = new HookedClones(top, {
      ...env,
      HOME: top,
      GIT_CONFIG_GLOBAL: path.join(top, 'gitconfig'),
      GIT_CONFIG_NOSYSTEM: '1',
      ...Object.fromEntries(authors),
    });
    await clones.git(top, 'init', '--quiet', '--bare', '--initial-branch=main', clones.bare);
    const preload = path.join(top, 'record.mjs');
    await writeFile(
      preload,
      `import { appendFileSync } from 'node:fs';\nappendFileSync(${JSON.stringify(clones.record)}, 'started\\n');\n`,
    );
    clones.env.NODE_OPTIONS = `--import=${pathToFileURL(preload).href}`;
    return clones;
  }

  get bare(): string {
    return path.join(this.top, 'remote.git');
  }

  private get record(): string {
    return path.join(this.top, 'starts');
  }

  /** How often node was started since the last time. */
  async nodeStarts(): Promise<number> {
    const text = await readFile(this.record, 'utf8').catch(() => '');
    await rm(this.record, { force: true });
    return text.split('\n').length - 1;
  }

  async clone(name = 'clone', ...options: string[]): Promise<Clone> {
    const made = this.at(path.join(this.top, name));
    await this.git(this.top, 'clone', '--quiet', ...options, `file://${this.bare}`, made.folder);
    await made.git('symbolic-ref', 'HEAD', 'refs/heads/main');
    await made.install();
    return made;
  }

  at(folder: string): Clone {
    return new Clone(this, folder);
  }

  /** Fails the test where git fails. */
  async git(cwd: string, ...args: string[]): Promise<string> {
    const { stdout } = await execa('git', args, { cwd, env: this.env, extendEnv: false });
    return stdout;
  }

  /** A folder for a PATH with git and what its hooks are used to, but neither node nor kdeploy. */
  async pathWithoutNode(): Promise<string> {
    const folder = path.join(this.top, 'path');
    await mkdir(folder);
    for (const name of ['git', 'sh', 'cat', 'env', 'sed', 'uname', 'dirname', 'basename', 'mkdir', 'rm', 'ls', 'tr']) {
      const { stdout } = await execa('which', [name], { env: this.env, extendEnv: false, reject: false });
      if (stdout !== '') await symlink(stdout, path.join(folder, name));
    }
    return folder;
  }

  remove(): Promise<void> {
    return rm(this.top, { recursive: true, force: true });
  }
}

/** A work tree; `git` and what is built on it answer with the exit code and do not throw. */
export class Clone {
  constructor(
    private readonly clones: HookedClones,
    readonly folder: string,
  ) {}

  async git(...args: string[]): Promise<Outcome> {
    const options = { cwd: this.folder, env: this.clones.env, extendEnv: false, reject: false } as const;
    const { exitCode, stdout, stderr } = await execa('git', args, options);
    return { exitCode, stdout, stderr };
  }

  push(...args: string[]): Promise<Outcome> {
    return this.git('push', ...args);
  }

  kdeploy(...args: string[]): Promise<Outcome> {
    return runCommand(args, { cwd: this.folder, env: this.clones.env });
  }

  /** `kdeploy hook install`; returns the hook's file as it was told. */
  async install(...args: string[]): Promise<string> {
    const { exitCode, stdout, stderr } = await this.kdeploy('hook', 'install', ...args);
    expect(exitCode, stderr).to.equal(0);
    return stdout.trim();
  }

  async write(file: string, text: string, mode = 0o644): Promise<void> {
    const target = path.join(this.folder, file);
    await mkdir(path.dirname(target), { recursive: true });
    await writeFile(target, text);
    await chmod(target, mode);
  }

  remove(file: string): Promise<void> {
    return rm(path.join(this.folder, file), { recursive: true });
  }

  /** All there is; returns the commit's id. */
  async commit(message = 'change'): Promise<string> {
    await this.git('add', '--all', '.');
    const { exitCode, stderr } = await this.git('commit', '--quiet', '--allow-empty', '-m', message);
    expect(exitCode, stderr).to.equal(0);
    return (await this.git('rev-parse', 'HEAD')).stdout;
  }

  /** A project that is right, with conf/local/mlflow.yml, which git ignores. */
  async project(folder = '.'): Promise<void> {
    const files = { ...projectFiles(), 'conf/local/mlflow.yml': MLFLOW_YML };
    for (const [file, text] of Object.entries(files)) await this.write(path.posix.join(folder, file), text);
  }

  breakIt(folder = '.'): Promise<void> {
    return this.write(path.posix.join(folder, 'requirements.txt'), 'kedro~=1.0\n');
  }

  fixIt(folder = '.'): Promise<void> {
    return this.write(path.posix.join(folder, 'requirements.txt'), projectFiles()['requirements.txt']!);
  }

  /** The ids of the remote's refs, by name. */
  async remoteRefs(): Promise<Record<string, string>> {
    const { stdout } = await this.git('ls-remote', `file://${this.clones.bare}`);
    const lines = stdout.split('\n').filter((line) => line !== '');
    return Object.fromEntries(lines.map((line) => line.split('\t').reverse() as [string, string]));
  }
}

export function expectPushed({ exitCode, stderr }: Outcome, ...words: string[]): void {
  expect(exitCode, stderr).to.equal(0);
  for (const each of words) expect(stderr).to.contain(each);
}

export function expectStopped({ exitCode, stderr }: Outcome, ...words: string[]): void {
  expect(exitCode, stderr).to.equal(1);
  for (const each of ['Push rejected by kdeploy.', 'git push --no-verify', 'KDEPLOY_SKIP_HOOK=1', ...words])
    expect(stderr).to.contain(each);
}
