import { compiledFile, isCompiledFrom, isPinned } from './compiled-file.js';
import { decodeText } from './decode.js';
import type { Place } from '../../errors.js';
import { inOrder, type InstalledTogether } from './install-order.js';
import type { InstallCommand } from '../dockerfile/install.js';
import type { Dockerfile, Install, LockFileInstall } from '../dockerfile/dockerfile.js';
import type { StaleLockFile } from '../dockerfile/lock-file-install.js';
import { parsePyProject, textAt, type PyProject } from './pyproject.js';
import type { ProjectSource } from '../sources/source.js';
import { declare, type Declaration, type RequirementsProblem } from './declaration.js';
import { LOCK_COMMANDS, LOCK_FILES, readLockFile, type LockFile } from './lock-file.js';
import type { PythonEnvironment } from './marker.js';
import { missingIncludes } from './missing-includes.js';
import { nameOfExtra, pyprojectDependencies, type PyProjectDependencies } from './pyproject-dependencies.js';
import { readRequirements, type Requirements } from './requirements-file.js';
import { readTarget } from './target.js';

/** Which packages the project declares, and which of them its Dockerfile installs. */
export interface ProjectRequirements {
  /** Everything declared anywhere that somebody could install from; `.in` files apart. */
  readonly declared: readonly Declaration[];
  /** What the Dockerfile installs. Constraints and requirements that do not apply to the image are kept, and marked. */
  readonly installed: readonly Declaration[];
  /** Parts of the installation that cannot be read: a lock file's tool, a folder, an archive without a name. */
  readonly opaque: readonly { readonly what: string; readonly place: Place }[];
  /** Of the files that the Dockerfile installs. */
  readonly problems: readonly RequirementsProblem[];
  /** The requirements files that the Dockerfile names. */
  readonly installedFiles: readonly string[];
  /** The lock files that the Dockerfile installs. */
  readonly lockFiles: readonly string[];
  /** pip-compile's inputs beside their outputs, and pyproject.toml beside an installed lock file. */
  readonly inputs: readonly CompiledRequirements[];
}

/** `requirements.in` and the `requirements.txt` that pip-compile makes of it; pyproject.toml and uv.lock. */
export interface CompiledRequirements {
  readonly input: string;
  readonly output: string;
  /** What makes the output anew. */
  readonly command: string;
  /** What the build does when the output is older than the input; without it, installs what the output contains. */
  readonly stale?: Exclude<StaleLockFile, 'installed'>;
  readonly inputDeclarations: readonly Declaration[];
  /** `undefined`: the output does not exist. */
  readonly outputDeclarations: readonly Declaration[] | undefined;
}

/** Where Kedro's templates have put requirements over the years. */
const CONVENTIONAL_FILES = ['requirements.txt', 'src/requirements.txt'] as const;

/** Where pip-compile's inputs are looked for, beside the root of the project. */
const FOLDERS_OF_INPUTS: ReadonlySet<string> = new Set(['src', 'requirements']);

export async function readProjectRequirements(
  source: ProjectSource,
  dockerfile: Dockerfile,
  given: PythonEnvironment,
): Promise<ProjectRequirements> {
  const pyproject = await readPyproject(source);
  const requiresPython = textAt(pyproject?.table, 'project', 'requires-python');
  const environment = requiresPython === undefined ? given : { ...given, requiresPython };
  const read = memoised((file) => readRequirements(source, file, { environment }));
  const dependencies = pyproject === undefined ? undefined : await pyprojectDependencies(pyproject, environment);

  const installation = new Installation(
    read,
    (install) => readLockFile(source, install, environment, pyproject),
    dependencies,
    environment,
  );
  for (const install of dockerfile.installs) await installation.add(install);
  const notCopied = await missingIncludes(dockerfile, read);

  const inputs = await readInputs(source, read, installation.allFiles);
  const declared: Declaration[] = [...(dependencies?.declarations ?? []), ...installation.declarations];
  for (const file of [...CONVENTIONAL_FILES, ...(dependencies?.files ?? [])]) {
    if (installation.files.includes(file)) continue;
    declared.push(...((await read(file))?.declarations ?? []));
  }
  return {
    declared: unique(declared),
    installed: await inOrder(installation.commands()),
    opaque: installation.opaque,
    problems: [...installation.problems, ...notCopied],
    installedFiles: installation.files,
    lockFiles: [...new Set(installation.locks.map(({ lock }) => lock.file))],
    inputs: [...inputs, ...lockedFrom(dependencies, installation.locks)],
  };
}

interface InstalledLock {
  readonly install: LockFileInstall;
  readonly lock: LockFile;
}

type Read = (file: string) => Promise<Requirements | undefined>;

/** Follows what the Dockerfile installs through files, and through the project's own dependencies. */
class Installation {
  readonly declarations: Declaration[] = [];
  readonly opaque: { what: string; place: Place }[] = [];
  readonly problems: RequirementsProblem[] = [];
  readonly files: string[] = [];
  /** With what these include. */
  readonly allFiles = new Set<string>();
  readonly locks: InstalledLock[] = [];
  readonly #starts: { readonly command: InstallCommand | undefined; readonly from: number }[] = [];
  readonly #read: Read;
  readonly #readLock: (install: LockFileInstall) => Promise<LockFile | undefined>;
  readonly #pyproject: PyProjectDependencies | undefined;
  readonly #environment: PythonEnvironment;

  constructor(
    read: Read,
    readLock: (install: LockFileInstall) => Promise<LockFile | undefined>,
    pyproject: PyProjectDependencies | undefined,
    environment: PythonEnvironment,
  ) {
    this.#read = read;
    this.#readLock = readLock;
    this.#pyproject = pyproject;
    this.#environment = environment;
  }

  /** What is installed, by the command that does it. */
  commands(): InstalledTogether[] {
    return this.#starts.map(({ command, from }, index) => ({
      command,
      declarations: this.declarations.slice(from, this.#starts[index + 1]?.from),
    }));
  }

  async add(install: Install): Promise<void> {
    const { command } = install;
    const last = this.#starts.at(-1);
    if (last === undefined || (command !== undefined && command !== last.command))
      this.#starts.push({ command, from: this.declarations.length });
    switch (install.kind) {
      case 'opaque':
        this.opaque.push({ what: install.what, place: install.place });
        // `uv sync` and `poetry install` install at least what pyproject.toml asks for.
        if (/^(?:uv|poetry|pdm) /.test(install.what)) await this.#addProject([], install.place);
        break;
      case 'lock-file':
        await this.#addLockFile(install);
        break;
      case 'project':
        await this.#addProject(install.extras, install.place);
        break;
      case 'package':
        await this.#addPackage(install);
        break;
      case 'requirements-file':
        if (install.exists) await this.#addFile(install.file);
        else {
          const message = `the Dockerfile installs ${install.file}, which does not exist`;
          this.problems.push({ kind: 'missing-file', message, place: install.place });
        }
    }
  }

  async #addLockFile(install: LockFileInstall): Promise<void> {
    const lock = await this.#readLock(install);
    if (lock !== undefined) {
      this.declarations.push(...lock.declarations);
      this.locks.push({ install, lock });
      return;
    }
    this.opaque.push({ what: LOCK_FILES[install.tool], place: install.place });
    await this.#addProject(install.extras ?? [], install.place);
  }

  async #addPackage({ requirement, place, command }: Extract<Install, { kind: 'package' }>): Promise<void> {
    const target = readTarget(requirement);
    if (target.kind === 'package' && this.#pyproject?.names.includes(target.requirement.name) === true) {
      // A wheel that was made of the project.
      if (command?.isWithoutDependencies !== true) await this.#addProject(target.requirement.extras, place);
    } else if (target.kind === 'package') {
      this.declarations.push(await declare(target.requirement, { place, environment: this.#environment }));
    } else if (target.kind !== 'invalid' || /[$*?]/.test(requirement)) {
      this.opaque.push({ what: 'a package given by a path or a variable', place });
    }
  }

  async #addFile(file: string): Promise<void> {
    if (this.files.includes(file)) return;
    this.files.push(file);
    const requirements = await this.#read(file);
    if (requirements === undefined) return;
    for (const each of requirements.files) this.allFiles.add(each);
    this.declarations.push(...requirements.declarations);
    this.problems.push(...requirements.problems);
    this.opaque.push(...requirements.opaque);
    for (const { extras } of requirements.projects) await this.#addProject(extras, { file });
  }

  async #addProject(extras: readonly string[], place: Place): Promise<void> {
    const groups = new Set(extras.map(nameOfExtra));
    for (const declaration of this.#pyproject?.declarations ?? []) {
      if (declaration.group === undefined) this.declarations.push(declaration);
      else if (groups.has(declaration.group)) this.declarations.push(withoutGroup(declaration));
    }
    for (const problem of this.#pyproject?.problems ?? [])
      if (problem.kind === 'too-large' && !this.problems.includes(problem)) this.problems.push(problem);
    for (const file of this.#pyproject?.files ?? []) await this.#addFile(file);
    if (this.#pyproject?.isComplete === false)
      this.opaque.push({ what: 'the project, whose requirements pyproject.toml does not list', place });
  }
}

/** One for each lock file, however many commands install it: `uv sync --no-install-project` and then `uv sync`. */
function lockedFrom(
  pyproject: PyProjectDependencies | undefined,
  locks: readonly InstalledLock[],
): CompiledRequirements[] {
  // What a command installs that leaves out what the project depends on says nothing of that.
  const withOwn = locks.filter(({ install }) => install.onlyGroups !== true);
  return [...new Set(withOwn.map(({ lock }) => lock.file))].map((file) => {
    const same = withOwn.filter(({ lock }) => lock.file === file);
    const stales = same.map(({ install }) => install.stale);
    // One that refuses ends the build; what one of them makes anew the others install.
    const stale = stales.find((each) => each === 'refused') ?? stales.find((each) => each === 'renewed');
    return {
      input: 'pyproject.toml',
      output: file,
      command: LOCK_COMMANDS[same[0]?.install.tool ?? 'uv'],
      ...(stale === undefined ? {} : { stale }),
      inputDeclarations: pyproject?.declarations.filter(({ group }) => group === undefined) ?? [],
      outputDeclarations: same.flatMap(({ lock }) => lock.declarations),
    };
  });
}

/** An extra that is asked for is no longer optional. */
function withoutGroup(declaration: Declaration): Declaration {
  const { name, specifier, extras, place, isConstraint, applies, marker } = declaration;
  return { name, specifier, extras, place, isConstraint, applies, ...(marker === undefined ? {} : { marker }) };
}

/** `.in` files beside `.txt` files of the same name: those of Kedro's template, and those that the image is built from. */
async function readInputs(
  source: ProjectSource,
  read: Read,
  installed: ReadonlySet<string>,
): Promise<CompiledRequirements[]> {
  const files = await source.list('', (folder) => !FOLDERS_OF_INPUTS.has(folder));
  const outputs = files.filter((file) => file.endsWith('.in')).map((input) => input.replace(/\.in$/, '.txt'));
  const pairs = outputs
    .filter((output) => installed.has(output) || CONVENTIONAL_FILES.some((conventional) => conventional === output))
    .map(async (output) => {
      const input = output.replace(/\.txt$/, '.in');
      const from = await read(input);
      if (from === undefined) return undefined;
      const to = await read(output);
      const compiled = to === undefined ? {} : await howCompiled(source, input, output);
      if (compiled === undefined) return undefined;
      return {
        input,
        output,
        command: compiled.command ?? `pip-compile ${input} --output-file ${output}`,
        inputDeclarations: from.declarations,
        outputDeclarations: to?.declarations,
      };
    });
  return (await Promise.all(pairs)).filter((pair) => pair !== undefined);
}

/**
 * With which command the output was made of the input; `undefined` where it was not: a requirements.txt that is kept by
 * hand beside a requirements.in that somebody has left behind is not out of date.
 */
async function howCompiled(
  source: ProjectSource,
  input: string,
  output: string,
): Promise<{ readonly command?: string | undefined } | undefined> {
  const bytes = (await source.read(output)) ?? Buffer.alloc(0);
  const { text } = decodeText(bytes);
  const compiled = compiledFile(text);
  if (compiled === undefined) return isPinned(text) || text.trim() === '' ? {} : undefined;
  return isCompiledFrom(compiled, input) ? compiled : undefined;
}

/** A pyproject.toml that is not TOML is reported where the project is found; here it declares nothing. */
async function readPyproject(source: ProjectSource): Promise<PyProject | undefined> {
  const bytes = await source.read('pyproject.toml');
  if (bytes === undefined) return undefined;
  try {
    return await parsePyProject(bytes);
  } catch {
    return undefined;
  }
}

function unique(declarations: readonly Declaration[]): Declaration[] {
  return [...new Set(declarations)];
}

function memoised(read: Read): Read {
  const known = new Map<string, Promise<Requirements | undefined>>();
  return (file) => {
    const promise = known.get(file) ?? read(file);
    known.set(file, promise);
    return promise;
  };
}
