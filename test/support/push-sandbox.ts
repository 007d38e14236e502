import { execFile } from 'node:child_process';
import { chmod, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { carryOut, planInstallation, type InstalledHook } from '../../src/hook/install/install-hook.js';
import { TemporaryFolder } from '../unit/temporary-folder.js';

export interface Ended {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What the program that the hook started was given. */
export interface Call {
  readonly arguments: string;
  readonly stdin: string;
}

/**
 * A repository with a bare one to push to, and in place of node and kdeploy small programs that write down how they were called. git's
 * configuration is that of the sandbox, and HOME too.
 */
export class PushSandbox {
  readonly env: Record<string, string>;

  private constructor(private readonly folder: TemporaryFolder) {
    this.env = {
      PATH: process.env.PATH ?? '',
      HOME: folder.file('home'),
      GIT_CONFIG_SYSTEM: '/dev/null',
      GIT_AUTHOR_NAME: 'a',
      GIT_AUTHOR_EMAIL: 'a@example.com',
      GIT_COMMITTER_NAME: 'a',
      GIT_COMMITTER_EMAIL: 'a@example.com',
    };
  }

  static async create(): Promise<PushSandbox> {
    const sandbox = new PushSandbox(await TemporaryFolder.create());
    await mkdir(sandbox.file('home'));
    await sandbox.git(sandbox.file('.'), 'init', '--quiet', '--bare', '--initial-branch=main', 'remote.git');
    await sandbox.git(sandbox.file('.'), 'init', '--quiet', '--initial-branch=main', 'work tree');
    await sandbox.git(sandbox.root, 'remote', 'add', 'origin', sandbox.file('remote.git'));
    await sandbox.program('node', 0);
    await sandbox.write('program/bin/run.js', '');
    return sandbox;
  }

  /** For git as this process starts it: the machine's configuration does not count, and that of the sandbox's home does. */
  useGitConfiguration(): void {
    Object.assign(process.env, { HOME: this.env.HOME, GIT_CONFIG_SYSTEM: '/dev/null' });
    delete process.env.XDG_CONFIG_HOME;
    delete process.env.GIT_CONFIG_GLOBAL;
  }

  /** The repository that is pushed from; with a space in its path. */
  get root(): string {
    return this.file('work tree');
  }

  get hook(): string {
    return this.file('work tree/.git/hooks/pre-push');
  }

  get node(): string {
    return this.file('program/node');
  }

  file(path: string): string {
    return this.folder.file(path);
  }

  async write(path: string, text: string, mode = 0o644): Promise<string> {
    const file = this.file(path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
    await chmod(file, mode);
    return file;
  }

  /** A stand-in for node that writes its calls down, and says that it is of a version. */
  async program(name: string, exitCode: number, version = 'v22.11.0'): Promise<string> {
    const record = this.file('calls');
    const script = `#!/bin/sh
if [ "$1" = --version ]; then echo ${version}; exit; fi
{ printf '%s\\n' "$*"; cat; printf -- '--\\n'; } >>'${record}'
echo 'found something' >&2
exit ${exitCode}
`;
    return this.write(`program/${name}`, script, 0o755);
  }

  /** The calls since the last time. */
  async calls(): Promise<Call[]> {
    const text = await readFile(this.file('calls'), 'utf8').catch(() => '');
    await writeFile(this.file('calls'), '');
    return text
      .split('--\n')
      .filter((call) => call !== '')
      .map((call) => ({
        arguments: call.slice(0, call.indexOf('\n')),
        stdin: call.slice(call.indexOf('\n') + 1),
      }));
  }

  /** A hook of somebody else that writes down what it is given, before or after what it is told to do. */
  async foreignHook(path: string, exitCode = 0): Promise<string> {
    const text = `#!/bin/sh\n{ printf 'foreign %s\\n' "$*"; cat; printf -- '--\\n'; } >>'${this.file('calls')}'\nexit ${exitCode}\n`;
    return this.write(path, text, 0o755);
  }

  async install(directory = this.root, force = false): Promise<InstalledHook> {
    return carryOut(
      await planInstallation({
        directory,
        programs: { node: this.node, kdeploy: this.file('program/bin/run.js') },
        force,
      }),
    );
  }

  async git(directory: string, ...arguments_: string[]): Promise<string> {
    const { exitCode, stdout, stderr } = await run('git', arguments_, directory, this.env);
    if (exitCode !== 0) throw new Error(`git ${arguments_.join(' ')}: ${stderr}`);
    return stdout.trim();
  }

  /** A commit with a file; returns its id. */
  async commit(path: string, text: string, directory = this.root): Promise<string> {
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await writeFile(join(directory, path), text);
    await this.git(directory, 'add', '.');
    await this.git(directory, 'commit', '--quiet', '--allow-empty', '--no-gpg-sign', '--message', path);
    return this.git(directory, 'rev-parse', 'HEAD');
  }

  /** A commit with a Kedro project in it, in a folder or at the top. */
  commitProject(folder = '.'): Promise<string> {
    return this.commit(join(folder, 'pyproject.toml'), '[tool.kedro]\npackage_name = "x"\n');
  }

  push(
    arguments_: readonly string[],
    env: Readonly<Record<string, string>> = {},
    directory = this.root,
  ): Promise<Ended> {
    return run('git', ['push', '--quiet', 'origin', ...arguments_], directory, { ...this.env, ...env });
  }

  /** A folder for a PATH with everything that git and a shell script need, but neither node nor kdeploy. */
  async pathWithoutNode(): Promise<string> {
    const folder = this.file('bare path');
    await mkdir(folder, { recursive: true });
    for (const name of ['git', 'sh', 'cat', 'env', 'dirname', 'basename', 'mkdir', 'rm', 'sed', 'uname']) {
      const found = await which(name);
      if (found !== undefined) await symlink(found, join(folder, name));
    }
    return folder;
  }

  remove(): Promise<void> {
    return this.folder.remove();
  }
}

export function run(
  command: string,
  arguments_: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>>,
  stdin = '',
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = execFile(command, arguments_, { cwd, env, timeout: 300_000 }, (error, stdout, stderr) => {
      const exitCode = error === null ? 0 : error.code;
      if (typeof exitCode === 'number') resolve({ exitCode, stdout, stderr });
      else reject(new Error(`${command} could not be started`, { cause: error ?? undefined }));
    });
    // A program that ends without reading closes its end first.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(stdin);
  });
}

async function which(name: string): Promise<string | undefined> {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const found = await readFile(join(folder, name)).then(
      () => join(folder, name),
      () => undefined,
    );
    if (found !== undefined) return found;
  }
  return undefined;
}
