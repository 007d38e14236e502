import { posix } from 'node:path';
import type { Place } from '../../errors.js';
import type { ProjectSource } from '../source.js';
import { parseDeclaration, type Declaration, type RequirementsProblem } from './declaration.js';
import { readLocation, type Location } from './location.js';
import { decodeText, logicalLines, type LogicalLine } from './logical-lines.js';
import type { PythonEnvironment } from './marker.js';

/** What one requirements file installs, its includes followed. */
export interface Requirements {
  readonly declarations: readonly Declaration[];
  readonly problems: readonly RequirementsProblem[];
  /** Every file read, in order. */
  readonly files: readonly string[];
  /** `.` or `-e .`: the project itself, and so the dependencies in its pyproject.toml, with these extras. */
  readonly projects: readonly { readonly extras: readonly string[]; readonly place: Place }[];
  /** Things whose packages cannot be told from here: a folder, an archive without a name, a file on a server. */
  readonly opaque: readonly { readonly what: string; readonly place: Place }[];
}

/**
 * Reads a requirements file as pip does: `-r` and `-c` followed (relative to the including file), continuations,
 * comments, per-requirement options. `undefined` when there is no such file. Never throws for what stands in it.
 */
export async function readRequirements(
  source: ProjectSource,
  file: string,
  environment: PythonEnvironment,
): Promise<Requirements | undefined> {
  const root = posix.normalize(file);
  const bytes = await source.read(root);
  if (bytes === undefined) return undefined;
  const reader = new Reader(source, environment);
  await reader.readText(root, bytes, false, []);
  return reader;
}

/** An option, its value, and where the value may hide: `-r x`, `-rx`, `--requirement x`, `--requirement=x`. */
const INCLUDE = /^(?:-(r|c|e)\s*|--(requirement|constraint|editable)(?:\s+|\s*=\s*))(.*)$/;

class Reader implements Requirements {
  readonly declarations: Declaration[] = [];
  readonly problems: RequirementsProblem[] = [];
  readonly files: string[] = [];
  readonly projects: { extras: readonly string[]; place: Place }[] = [];
  readonly opaque: { what: string; place: Place }[] = [];
  readonly #source: ProjectSource;
  readonly #environment: PythonEnvironment;
  readonly #read = new Set<string>();

  constructor(source: ProjectSource, environment: PythonEnvironment) {
    this.#source = source;
    this.#environment = environment;
  }

  async readText(file: string, bytes: Buffer, isConstraint: boolean, including: readonly string[]): Promise<void> {
    this.#read.add(keyOf(file, isConstraint));
    if (!this.files.includes(file)) this.files.push(file);
    for (const line of logicalLines(decodeText(bytes))) {
      await this.#readLine(line, file, isConstraint, [...including, file]);
    }
  }

  async #readLine(
    { text, line }: LogicalLine,
    file: string,
    isConstraint: boolean,
    including: readonly string[],
  ): Promise<void> {
    const place = { file, line };
    const [, short, long, value = ''] = INCLUDE.exec(text) ?? [];
    const option = short ?? long?.[0];
    if (option === 'r' || option === 'c') return this.#include(value, option === 'c', place, including);
    if (option === 'e') return this.#readLocation(unquote(value), place, { kind: 'folder' });
    // --index-url, --pre, --no-binary, …: they say where packages come from, not which.
    if (text.startsWith('-')) return;

    const requirement = text.replace(/\s+-.*$/s, '');
    const declaration = await parseDeclaration(requirement, { place, environment: this.#environment, isConstraint });
    if (declaration !== undefined) this.declarations.push(declaration);
    else await this.#readLocation(requirement, place);
  }

  async #readLocation(text: string, place: Place, otherwise?: Location): Promise<void> {
    const location = readLocation(text) ?? otherwise;
    if (location === undefined) {
      this.problems.push({ kind: 'syntax', place, message: `${at(place)} is not a requirement that pip can read` });
    } else if (location.kind === 'project') {
      this.projects.push({ extras: location.extras, place });
    } else {
      const declaration =
        location.requirement === undefined
          ? undefined
          : await parseDeclaration(location.requirement, { place, environment: this.#environment });
      if (declaration === undefined) this.opaque.push({ what: location.kind, place });
      else this.declarations.push(declaration);
    }
  }

  async #include(value: string, isConstraint: boolean, place: Place, including: readonly string[]): Promise<void> {
    const path = unquote(value.trim());
    if (/^[a-z][a-z0-9+.-]*:\/\//i.test(path)) {
      this.opaque.push({ what: 'requirements file on a server', place });
      return;
    }
    const file = posix.normalize(posix.join(posix.dirname(place.file), path.replaceAll('\\', '/')));
    if (path.startsWith('/') || file === '..' || file.startsWith('../')) {
      const message = `${at(place)} includes ${path}, which lies outside the project and so never reaches the image`;
      this.problems.push({ kind: 'outside-project', place, message });
      return;
    }
    if (including.includes(file)) {
      this.problems.push({
        kind: 'loop',
        place,
        message: `${at(place)} includes ${file}, which is already being read`,
      });
      return;
    }
    if (this.#read.has(keyOf(file, isConstraint))) return;
    const bytes = await this.#source.read(file);
    if (bytes === undefined) {
      this.problems.push({
        kind: 'missing-file',
        place,
        message: `${at(place)} includes ${file}, which does not exist`,
      });
      return;
    }
    await this.readText(file, bytes, isConstraint, including);
  }
}

function keyOf(file: string, isConstraint: boolean): string {
  return `${isConstraint ? '-c' : '-r'} ${file}`;
}

function at({ file, line }: Place): string {
  return line === undefined ? file : `${file}:${line}`;
}

function unquote(text: string): string {
  return /^(["'])(.*)\1$/.exec(text)?.[2] ?? text;
}
