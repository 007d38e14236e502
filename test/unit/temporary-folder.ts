import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** A folder of its own for one test; its real path, because the temporary folder of macOS is a link. */
export class TemporaryFolder {
  private constructor(readonly path: string) {}

  static async create(): Promise<TemporaryFolder> {
    return new TemporaryFolder(await realpath(await mkdtemp(path.join(tmpdir(), 'kdeploy-test-'))));
  }

  /** Writes files, with their folders: `{'conf/base/mlflow.yml': '…'}`. */
  async write(files: Readonly<Record<string, string | Buffer>>): Promise<this> {
    for (const [name, content] of Object.entries(files)) {
      const file = this.file(name);
      await mkdir(path.dirname(file), { recursive: true });
      await writeFile(file, content);
    }
    return this;
  }

  file(name: string): string {
    return path.join(this.path, name);
  }

  /** What a test left behind may be writing for another moment: the other blobs of a push, where one of them failed. */
  async remove(): Promise<void> {
    await rm(this.path, { recursive: true, force: true, maxRetries: 10 });
  }
}
