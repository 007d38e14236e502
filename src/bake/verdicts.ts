import { createHash } from 'node:crypto';
import { unlessUnreadable } from '../image/unless-unreadable.js';
import type { ProjectSource } from '../project/sources/source.js';
import type { StateFolder } from '../state-folder.js';
import { verdictIn, type Verdict } from './verdict.js';

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

  /** Whether the same content passed before, on this machine. */
  async isKnown(key: string): Promise<boolean> {
    return (await this.find(key)) !== undefined;
  }

  /** What the same content got on this machine before. */
  async find(key: string): Promise<Verdict | undefined> {
    const note = await this.state.read(KIND, key);
    const verdict = typeof note === 'object' ? verdictIn({ ...note, key }) : undefined;
    return verdict !== undefined && (await this.#holds(verdict)) ? verdict : undefined;
  }

  /**
   * Keeps what another machine found out, where it is about the same content; else `undefined`. What its files are called
   * is that machine's word: where one cannot be read, it is about something else.
   */
  async adopt(verdict: Verdict, key: string): Promise<Verdict | undefined> {
    if (verdict.key !== key) return undefined;
    if ((await unlessUnreadable(this.#holds(verdict))) !== true) return undefined;
    await this.#keep(verdict);
    return verdict;
  }

  /** Keeps a passed self-test. A verdict that cannot be kept is found again next time, so that fails nothing. */
  async remember(key: string, files: readonly string[]): Promise<Verdict> {
    const digests = await Promise.all(files.map(async (file) => [file, await this.#digestOf(file)] as const));
    const verdict = { key, files: Object.fromEntries(digests) };
    await this.#keep(verdict);
    return verdict;
  }

  async #keep({ key, files }: Verdict): Promise<void> {
    await this.state.write(KIND, key, { files }).catch(() => undefined);
  }

  async #holds({ files }: Verdict): Promise<boolean> {
    const unchanged = await Promise.all(
      Object.entries(files).map(async ([file, digest]) => (await this.#digestOf(file)) === digest),
    );
    return unchanged.every(Boolean);
  }

  async #digestOf(file: string): Promise<string | null> {
    const content = await this.source.read(file);
    return content === undefined ? null : createHash('sha256').update(content).digest('hex');
  }
}
