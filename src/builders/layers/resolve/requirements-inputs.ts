import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Place } from '../../../errors.js';
import { readPlainFile } from '../../../plain-file.js';
import { decodeText } from '../../../project/python/decode.js';
import { logicalLines } from '../../../project/python/logical-lines.js';
import { splitLine, type SplitLine } from '../../../project/python/option-line.js';
import { readEditable, readTarget } from '../../../project/python/target.js';
import { expandVariables } from '../../../project/python/variables.js';

/** All that a requirements file and those that it includes say, beside what uv makes of it. */
export interface RequirementsInputs {
  /** Every file that was read, with its variables filled in. */
  readonly files: readonly { readonly file: string; readonly text: string }[];
  /** Each package that is named, in order. */
  readonly requirements: readonly NamedRequirement[];
  /** Options that count for all lines, in order: `--index-url`. */
  readonly options: readonly { readonly name: string; readonly value: string; readonly place: Place }[];
  /** Folders and archives on this machine. */
  readonly locals: readonly string[];
  /** Whether all of it was read: a file on a server was not. */
  readonly isComplete: boolean;
}

export interface NamedRequirement {
  /** Normalised (PEP 503). */
  readonly name: string;
  /** `sha256:…`. */
  readonly hashes: readonly string[];
  readonly place: Place;
}

/** A file made to exhaust memory stops here. */
const MAXIMUM_FILES = 1000;

/**
 * Reads requirements and constraints as pip and uv do, wherever the files are: what is not there, or not a requirement, is
 * for uv to say. Paths in lines are relative to the project, those of includes to the file that includes them.
 */
export async function readRequirementsInputs(
  starts: readonly string[],
  project: string,
  environment: NodeJS.ProcessEnv,
): Promise<RequirementsInputs> {
  const files: { file: string; text: string }[] = [];
  const requirements: NamedRequirement[] = [];
  const options: { name: string; value: string; place: Place }[] = [];
  const locals: string[] = [];
  let isComplete = true;
  const seen = new Set<string>();
  for (const start of starts) await read(start);
  return { files, requirements, options, locals, isComplete };

  async function read(place: string): Promise<void> {
    const file = pathOf(place, project);
    if (file === undefined || seen.size >= MAXIMUM_FILES) {
      isComplete = false;
      return;
    }
    if (seen.has(file)) return;
    seen.add(file);
    const bytes = await readPlainFile(file).catch(() => undefined);
    const text = expandVariables(bytes === undefined ? '' : decodeText(bytes).text, environment);
    files.push({ file, text });
    for (const { text: line, line: number } of logicalLines(text)) {
      const split = splitLine(line);
      if (typeof split !== 'string') await take(split, { file: shownFile(file, project), line: number }, file);
    }
  }

  async function take({ requirement, options: own }: SplitLine, place: Place, file: string): Promise<void> {
    const editables = own.get('--editable') ?? [];
    const hashes = own.get('--hash') ?? [];
    if (requirement !== '') note(readTarget(requirement), requirement, hashes, place);
    for (const editable of editables) note(readEditable(editable), editable, hashes, place);
    if (requirement !== '' || editables.length > 0) return;
    for (const [name, values] of own) {
      for (const value of values) {
        if (name !== '--requirement' && name !== '--constraint') options.push({ name, value, place });
        else await read(/^\w+:\/\//.test(value) ? value : path.resolve(path.dirname(file), value));
      }
    }
  }

  function note(target: ReturnType<typeof readTarget>, text: string, hashes: readonly string[], place: Place): void {
    if (target.kind === 'package') requirements.push({ name: target.requirement.name, hashes, place });
    const local = localPath(text, project);
    if (local !== undefined) locals.push(local);
  }
}

/** `./lib`, `lib/[extra]`, `name @ file:///…`; a word that only looks like a path leads nowhere. */
function localPath(text: string, project: string): string | undefined {
  const [, url] = /^[\w.-]+\s*(?:\[[^\]]*\])?\s*@\s*(\S+)/.exec(text) ?? [];
  const place = (url ?? text)
    .replace(/\s*;.*$/s, '')
    .replace(/#.*$/s, '')
    .replace(/\[[^\]]*\]$/, '')
    .trim();
  return /^file:|^\.|[\\/]|\.(?:whl|zip|t?gz|tar|bz2|xz)$/.test(place) ? pathOf(place, project) : undefined;
}

/** `undefined`: it is on a server. */
function pathOf(place: string, folder: string): string | undefined {
  if (/^file:/i.test(place)) {
    try {
      return fileURLToPath(place);
    } catch {
      return path.resolve(folder, place.replace(/^file:(?:\/\/)?/i, ''));
    }
  }
  return /^[a-z][a-z+.-]+:\/\//i.test(place) ? undefined : path.resolve(folder, place);
}

function shownFile(file: string, project: string): string {
  const relative = path.relative(project, file);
  return relative.startsWith('..') ? file : relative.replaceAll(path.sep, '/');
}
