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
      const isSize = typeof size === 'number' && Number.isSafeInteger(size) && size >= 0;
      return isSize && areTexts ? { size, roots } : undefined;
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

/**
 * Few enough roots: where there are more, a folder stands for those in it, the deepest folder first and of equally deep ones that
 * with the most, so that a package beside a hundred themes stays what it is. What they say is then true of more paths, never of fewer.
 */
export function fewRoots(roots: readonly string[]): string[] {
  let few = [...new Set(roots)];
  for (let depth = deepest(few) - 1; depth > 0 && few.length > MAXIMUM_ROOTS; depth -= 1) {
    const counts = new Map<string, number>();
    const folders = few.map((root) => folderAt(root, depth));
    for (const folder of folders) if (folder !== undefined) counts.set(folder, (counts.get(folder) ?? 0) + 1);
    const replacing = new Set<string>();
    let left = few.length;
    for (const [folder, count] of [...counts].sort(byCount)) {
      if (left <= MAXIMUM_ROOTS || count === 1) break;
      replacing.add(folder);
      left -= count - 1;
    }
    few = [
      ...new Set(
        few.map((root, index) => {
          const folder = folders[index];
          return folder !== undefined && replacing.has(folder) ? folder : root;
        }),
      ),
    ];
  }
  return few.sort();
}

function byCount([one, ones]: readonly [string, number], [other, others]: readonly [string, number]): number {
  return others - ones || (one < other ? -1 : 1);
}

/** The folder that is so deep and has this root, which may be that folder. */
function folderAt(root: string, depth: number): string | undefined {
  let end = -1;
  for (let at = 0; at < depth; at += 1) {
    end = root.indexOf('/', end + 1);
    if (end === -1) return at === depth - 1 ? root : undefined;
  }
  return root.slice(0, end);
}

function deepest(roots: readonly string[]): number {
  return roots.reduce((depth, root) => Math.max(depth, root.split('/').length), 0);
}
