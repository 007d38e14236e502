import { createHash } from 'node:crypto';
import type { ProjectSource } from '../project/sources/source.js';
import type { StateFolder } from '../state-folder.js';

const KIND = 'self-test';

/**
 * Self-tests that passed, by content, so that the same content need not be tested again. A verdict also rests on the
 * project's Python files that Kedro read while starting (settings.py and whatever it imports), which only the
 * self-test itself can name; they are kept with the verdict and compared when it is asked for.
 */
export class Verdicts {
  constructor(
    private readonly state: StateFolder,
    private readonly source: ProjectSource,
  ) {}

  /** Whether the same content passed before. */
  async isKnown(key: string): Promise<boolean> {
    const note = await this.state.read(KIND, key);
    if (typeof note !== 'object' || note === null || !('files' in note)) return false;
    const { files } = note;
    if (typeof files !== 'object' || files === null) return false;
    const unchanged = await Promise.all(
      Object.entries(files).map(async ([file, digest]) => (await this.digestOf(file)) === digest),
    );
    return unchanged.every(Boolean);
  }

  /** Keeps a passed self-test. A verdict that cannot be kept is found again next time, so that fails nothing. */
  async remember(key: string, files: readonly string[]): Promise<void> {
    const digests = await Promise.all(files.map(async (file) => [file, await this.digestOf(file)] as const));
    await this.state.write(KIND, key, { files: Object.fromEntries(digests) }).catch(() => undefined);
  }

  private async digestOf(file: string): Promise<string | null> {
    const content = await this.source.read(file);
    return content === undefined ? null : createHash('sha256').update(content).digest('hex');
  }
}
