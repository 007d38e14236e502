import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

/** A real repository in a folder of its own; the machine's git configuration does not count. */
export class TemporaryRepository {
  private constructor(readonly root: string) {}

  static async create(...options: string[]): Promise<TemporaryRepository> {
    const repository = new TemporaryRepository(await temporaryFolder());
    await repository.git('init', '--quiet', '--initial-branch=main', ...options, '.');
    return repository;
  }

  /** In a folder that git has made already, such as a clone. */
  static at(root: string): TemporaryRepository {
    return new TemporaryRepository(root);
  }

  async git(...arguments_: string[]): Promise<string> {
    return (await this.output(...arguments_)).toString('utf8').trim();
  }

  async output(...arguments_: string[]): Promise<Buffer> {
    const nobody = {
      GIT_AUTHOR_NAME: 'a',
      GIT_AUTHOR_EMAIL: 'a@example.com',
      GIT_COMMITTER_NAME: 'a',
      GIT_COMMITTER_EMAIL: 'a@example.com',
    };
    const { stdout } = await promisify(execFile)('git', arguments_, {
      cwd: this.root,
      encoding: 'buffer',
      env: { PATH: process.env.PATH, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null', ...nobody },
    });
    return stdout;
  }

  async write(path: string, text: string): Promise<void> {
    await mkdir(dirname(join(this.root, path)), { recursive: true });
    await writeFile(join(this.root, path), text);
  }

  /** Returns the commit's id. */
  async commit(path: string, text = path): Promise<string> {
    await this.write(path, text);
    await this.git('add', '.');
    await this.git('commit', '--quiet', '--no-gpg-sign', '-m', path);
    return this.git('rev-parse', 'HEAD');
  }

  async remove(): Promise<void> {
    await rm(this.root, { recursive: true, force: true });
  }
}

/** Its real path: the temporary folder of macOS is a link. */
export async function temporaryFolder(): Promise<string> {
  return realpath(await mkdtemp(join(tmpdir(), 'kdeploy-test-')));
}

/** The id of a root folder with 10^12 files in twelve objects: each folder has ten times the next one. */
export async function gitBomb(repository: TemporaryRepository): Promise<string> {
  let id = await repository.git('hash-object', '-w', '-t', 'blob', '/dev/null');
  let mode = '100644';
  for (let depth = 0; depth < 12; depth++) {
    const names = Array.from({ length: 10 }, (_, index) => `d${index}`);
    const raw = Buffer.concat(
      names.map((name) => Buffer.concat([Buffer.from(`${mode} ${name}\0`), Buffer.from(id, 'hex')])),
    );
    await writeFile(join(repository.root, 'raw'), raw);
    id = await repository.git('hash-object', '-w', '-t', 'tree', 'raw');
    mode = '40000';
  }
  return id;
}
