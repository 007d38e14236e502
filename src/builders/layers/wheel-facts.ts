import { createHash } from 'node:crypto';
import type { FileCache } from '../../cache/file-cache.js';
import { readPlainFile } from '../../plain-file.js';

/** What has to be known of a wheel before it is known which layers there will be. */
export interface WheelFacts {
  /** Compressed bytes. */
  readonly size: number;
  readonly roots: readonly string[];
}

const KIND = 'wheel-facts';
/** More would make an image's history long: what is said there has to be short. */
const MAXIMUM_ROOTS = 24;

/** Facts of wheels by their SHA-256 and the site-packages that they are installed in, kept so that a wheel need not be opened for them. */
export class KeptWheelFacts {
  constructor(
    private readonly cache: FileCache,
    private readonly sitePackages: string,
  ) {}

  async find(sha256: string): Promise<WheelFacts | undefined> {
    const file = await this.cache.find(KIND, this.#key(sha256));
    if (file === undefined) return undefined;
    try {
      const { size, roots } = JSON.parse((await readPlainFile(file)).toString('utf8')) as Partial<WheelFacts>;
      const areTexts = Array.isArray(roots) && roots.every((root) => typeof root === 'string');
      return typeof size === 'number' && areTexts ? { size, roots } : undefined;
    } catch {
      return undefined;
    }
  }

  async keep(sha256: string, facts: WheelFacts): Promise<void> {
    await this.cache.keep(KIND, this.#key(sha256), JSON.stringify(facts));
  }

  #key(sha256: string): string {
    return createHash('sha256').update(`${sha256} ${this.sitePackages}`).digest('hex');
  }
}

/** Few enough roots: those that lie deepest are said by the folder that they are in. What they say is then true of more paths, never of fewer. */
export function fewRoots(roots: readonly string[]): string[] {
  let few = [...new Set(roots)];
  while (few.length > MAXIMUM_ROOTS) {
    const depth = Math.max(...few.map(depthOf));
    if (depth <= 1) break;
    few = [...new Set(few.map((root) => (depthOf(root) === depth ? root.slice(0, root.lastIndexOf('/')) : root)))];
  }
  return few.sort();
}

function depthOf(root: string): number {
  return root.split('/').length;
}
