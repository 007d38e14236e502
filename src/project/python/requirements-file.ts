import { posix } from 'node:path';
import { KdeployError, type Place } from '../../errors.js';
import type { ProjectSource } from '../sources/source.js';
import { declare, type Declaration, type ProblemKind, type RequirementsProblem } from './declaration.js';
import { decodeText } from './decode.js';
import { logicalLines, type LogicalLine } from './logical-lines.js';
import { markerApplies, type PythonEnvironment } from './marker.js';
import { readLine } from './option-line.js';
import { readEditable, readTarget, type Target } from './target.js';
import { expandVariables, hasVariable } from './variables.js';

/** What one requirements file installs, its includes followed. */
export interface Requirements {
  readonly declarations: readonly Declaration[];
  readonly problems: readonly RequirementsProblem[];
  /** Every file read, in order. */
  readonly files: readonly string[];
  /** The first `-r` or `-c` that leads to each other file of the project. */
  readonly includes: readonly { readonly file: string; readonly place: Place }[];
  /** `.` or `-e .`: the project itself, and so the dependencies in its pyproject.toml, with these extras. */
  readonly projects: readonly { readonly extras: readonly string[]; readonly place: Place }[];
  /** Things whose packages cannot be told from here: a folder, an archive without a name, a file on a server. */
  readonly opaque: readonly { readonly what: string; readonly place: Place }[];
}

export interface RequirementsOptions {
  readonly environment: PythonEnvironment;
  /** For `${NAME}`: what is known of the environment in which pip will run. */
  readonly variables?: Readonly<Record<string, string | undefined>>;
}

/** Far above what projects have; a file made to exhaust memory stops here. */
const MAXIMUM_FILES = 1000;
const MAXIMUM_DECLARATIONS = 20_000;

/** In a message. */
const AN = { project: 'a project', folder: 'a folder', archive: 'an archive', repository: 'a repository' } as const;

/**
 * Reads a requirements file as pip does: `-r` and `-c` followed (relative to the including file), continuations,
 * comments, encodings, variables, per-requirement options. `undefined` when there is no such file. Never throws for what
 * is in it.
 */
export async function readRequirements(
  source: ProjectSource,
  file: string,
  options: RequirementsOptions,
): Promise<Requirements | undefined> {
  const root = posix.normalize(file);
  const reader = new Reader(source, options);
  return (await reader.readFile(root, { file: root }, false)) ? reader : undefined;
}

class Reader implements Requirements {
  readonly declarations: Declaration[] = [];
  readonly problems: RequirementsProblem[] = [];
  readonly files: string[] = [];
  readonly includes: { file: string; place: Place }[] = [];
  readonly projects: { extras: readonly string[]; place: Place }[] = [];
  readonly opaque: { what: string; place: Place }[] = [];
  readonly #source: ProjectSource;
  readonly #environment: PythonEnvironment;
  readonly #variables: Readonly<Record<string, string | undefined>>;
  readonly #known = new Set<string>();
  readonly #included = new Set<string>();
  /** The files that include one another down to the line being read. */
  readonly #including: string[] = [];
  #isFull = false;

  constructor(source: ProjectSource, { environment, variables = {} }: RequirementsOptions) {
    this.#source = source;
    this.#environment = environment;
    this.#variables = variables;
  }

  /** False when there is no such file. */
  async readFile(file: string, place: Place, isConstraint: boolean): Promise<boolean> {
    const key = `${isConstraint ? '-c' : '-r'} ${file}`;
    if (this.#known.has(key)) return true;
    let bytes: Buffer | undefined;
    try {
      bytes = await this.#source.read(file);
    } catch (error) {
      if (!(error instanceof KdeployError)) throw error;
      // Too large, a link out of the project, or not readable; the reason is a sentence about the file.
      this.#report('unreadable', error.message, { file });
      return true;
    }
    if (bytes === undefined) return false;
    this.#known.add(key);
    if (this.#known.size > MAXIMUM_FILES) {
      this.#stop(`${at(place)} exceeds the limit of ${MAXIMUM_FILES} included files; the rest was not read`, place);
      return true;
    }
    if (!this.files.includes(file)) this.files.push(file);
    const { text, problem } = decodeText(bytes);
    if (problem !== undefined) this.#report('encoding', `${file} ${problem}: pip cannot read it`, { file });
    this.#including.push(file);
    for (const line of logicalLines(text)) {
      if (this.#isFull) break;
      await this.#readLine(line, file, isConstraint);
    }
    this.#including.pop();
    return true;
  }

  async #readLine({ text, line }: LogicalLine, file: string, isConstraint: boolean): Promise<void> {
    const place = { file, line };
    const read = readLine(expandVariables(text, this.#variables));
    switch (read.kind) {
      case 'setting':
        return;
      case 'include':
        return this.#include(read.file, read.isConstraint, place);
      case 'editable':
        if (isConstraint) {
          this.#report('constraint', `${at(place)}: pip does not accept -e in a constraints file`, place);
          return;
        }
        return this.#add(readEditable(read.text), read.text, place, isConstraint);
      case 'requirement':
        return this.#add(readTarget(read.text), read.text, place, isConstraint);
      case 'invalid':
        this.#report('syntax', `${at(place)} is not a line that pip can read: ${read.reason}`, place);
    }
  }

  async #add(target: Target, text: string, place: Place, isConstraint: boolean): Promise<void> {
    const marker =
      target.kind === 'package' ? target.requirement.marker : 'marker' in target ? target.marker : undefined;
    const bound = isConstraint ? undefined : machineBound(target, text);
    if (bound !== undefined && (await markerApplies(marker, this.#environment)))
      this.#report('machine-bound', `${at(place)} ${bound}`, place);
    switch (target.kind) {
      case 'package':
        return this.#addPackage(target.requirement, place, isConstraint);
      case 'invalid':
        if (hasVariable(text)) {
          this.opaque.push({ what: 'a requirement with a variable', place });
          return;
        }
        this.#report(
          'syntax',
          `${at(place)} is not a requirement that pip can read${target.reason === undefined ? '' : `: ${target.reason}`}`,
          place,
        );
        return;
      case 'project':
      case 'folder':
      case 'archive':
      case 'repository':
        if (!(await markerApplies(target.marker, this.#environment))) return;
        if (isConstraint) {
          const message = `${at(place)}: pip does not accept ${AN[target.kind]} without a name in a constraints file`;
          this.#report('constraint', message, place);
        } else if (target.kind === 'project') this.projects.push({ extras: target.extras, place });
        else this.opaque.push({ what: AN[target.kind], place });
    }
  }

  async #addPackage(requirement: Parameters<typeof declare>[0], place: Place, isConstraint: boolean): Promise<void> {
    if (requirement.isLegacy === true) {
      this.#report('legacy', `${at(place)} has a version or name that pip no longer accepts since 24.1`, place);
    }
    if (isConstraint && requirement.extras.length > 0) {
      this.#report('constraint', `${at(place)}: pip does not accept extras in a constraints file`, place);
      return;
    }
    this.declarations.push(await declare(requirement, { place, environment: this.#environment, isConstraint }));
    if (this.declarations.length >= MAXIMUM_DECLARATIONS) {
      this.#stop(
        `${at(place)} exceeds the limit of ${MAXIMUM_DECLARATIONS} requirements; the rest was not read`,
        place,
      );
    }
  }

  async #include(path: string, isConstraint: boolean, place: Place): Promise<void> {
    if (/^(?:https?|file):/i.test(path)) {
      this.opaque.push({ what: 'a requirements file on a server', place });
      return;
    }
    if (hasVariable(path)) {
      this.opaque.push({ what: 'a requirements file given by a variable', place });
      return;
    }
    if (path.startsWith('/')) {
      const message = `${at(place)} includes ${shown(path)}, a path in the image; kdeploy cannot read the file there`;
      this.#report('absolute-path', message, place);
      this.opaque.push({ what: 'a requirements file at an absolute path', place });
      return;
    }
    const file = posix.normalize(posix.join(posix.dirname(place.file), path.replaceAll('\\', '/')));
    if (file === '..' || file.startsWith('../')) {
      const message = `${at(place)} includes ${shown(path)}, which is outside the project and never reaches the image`;
      this.#report('outside-project', message, place);
    } else if (this.#including.includes(file)) {
      this.#report('loop', `${at(place)} includes ${shown(file)}, which is already being read`, place);
    } else if (!(await this.readFile(file, place, isConstraint))) {
      this.#report('missing-file', `${at(place)} includes ${shown(file)}, which does not exist`, place);
    } else if (!this.#included.has(file)) {
      this.#included.add(file);
      this.includes.push({ file, place });
    }
  }

  #report(kind: ProblemKind, message: string, place: Place): void {
    // A file of nothing but mistakes needs no list of them all.
    if (this.problems.length < MAXIMUM_FILES) this.problems.push({ kind, message, place });
  }

  #stop(message: string, place: Place): void {
    if (!this.#isFull) this.problems.push({ kind: 'too-large', message, place });
    this.#isFull = true;
  }
}

/** What `pip freeze` writes on a machine and no other can install; a folder that the Dockerfile makes may well be in the image. */
function machineBound(target: Target, text: string): string | undefined {
  if (target.kind === 'package' && ONLY_ELSEWHERE.test(target.requirement.name) && target.requirement.url === undefined)
    return `requires ${target.requirement.name}, which exists only for ${target.requirement.name.startsWith('pyobjc') ? 'macOS' : 'Windows'}`;
  return OF_A_MACHINE.test(text) ? "is in a folder of somebody's machine, which the image does not have" : undefined;
}

const ONLY_ELSEWHERE = /^(?:pywin32|pypiwin32|pywinpty|windows-curses|pyobjc(?:-.+)?)$/;
/** Drives of Windows, home folders of macOS, and where conda builds its packages, which `pip freeze` shows. */
const OF_A_MACHINE =
  /(?:^|[\s@])(?:file:\/\/(?:localhost)?\/(?:[A-Z](?::|%3A)|Users\/|croot\/|private\/)|[A-Z]:[\\/]|\/Users\/)/i;

function at({ file, line }: Place): string {
  return line === undefined ? file : `${file}:${line}`;
}

/** A name made to fill the screen, or to steer the terminal, is cut. */
function shown(path: string): string {
  const readable = path.replace(/[^\P{C}]/gu, '\uFFFD');
  return readable.length > 200 ? `${readable.slice(0, 200)}…` : readable;
}
