import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A home folder with Docker's configuration and real credential helpers on a PATH of its own. */
export class TemporaryHome {
  readonly home: string;
  readonly env: NodeJS.ProcessEnv;

  private constructor(home: string) {
    this.home = home;
    // A space, because people's folders have them; nothing else, because this machine may have helpers of its own.
    this.env = { PATH: join(home, 'my tools'), XDG_RUNTIME_DIR: join(home, 'no session') };
  }

  static async create(): Promise<TemporaryHome> {
    const home = new TemporaryHome(await mkdtemp(join(tmpdir(), 'kdeploy-home-')));
    await mkdir(join(home.home, 'my tools'));
    return home;
  }

  async write(path: string, content: unknown): Promise<string> {
    const file = join(this.home, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content));
    return file;
  }

  async writeDockerConfig(content: unknown): Promise<void> {
    await this.write('.docker/config.json', content);
  }

  /** `docker-credential-<name>`, a shell script. Its stdin is kept in `asked-<name>`, its argument in `verb-<name>`. */
  async addHelper(name: string, script: string): Promise<void> {
    const file = await this.write(
      `my tools/docker-credential-${name}`,
      `#!/bin/sh\nPATH=/usr/bin:/bin\nprintf %s "$1" > '${this.home}/verb-${name}'\ncat > '${this.home}/asked-${name}'\n${script}\n`,
    );
    await chmod(file, 0o755);
  }

  async remove(): Promise<void> {
    await rm(this.home, { recursive: true, force: true });
  }
}

export function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
