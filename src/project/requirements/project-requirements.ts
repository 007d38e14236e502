import type { Place } from '../../errors.js';
import type { Dockerfile, Install } from '../dockerfile.js';
import { parsePyProject, type PyProject } from '../pyproject.js';
import type { ProjectSource } from '../source.js';
import { declare, type Declaration, type RequirementsProblem } from './declaration.js';
import type { PythonEnvironment } from './marker.js';
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
  /** pip-compile's inputs beside their outputs. */
  readonly inputs: readonly CompiledRequirements[];
}

/** `requirements.in` and the `requirements.txt` that pip-compile makes of it. */
export interface CompiledRequirements {
  readonly input: string;
  readonly output: string;
  readonly inputDeclarations: readonly Declaration[];
  /** `undefined`: the output does not exist. */
  readonly outputDeclarations: readonly Declaration[] | undefined;
}

/** Where Kedro's templates have put requirements over the years. */
const CONVENTIONAL_FILES = ['requirements.txt', 'src/requirements.txt'] as const;

export async function readProjectRequirements(
  source: ProjectSource,
  dockerfile: Dockerfile,
  environment: PythonEnvironment,
): Promise<ProjectRequirements> {
  const read = memoised((file) => readRequirements(source, file, { environment }));
  const [pyproject, inputs] = await Promise.all([readPyproject(source), readInputs(read)]);
  const dependencies = pyproject === undefined ? undefined : await pyprojectDependencies(pyproject, environment);

  const installation = new Installation(read, dependencies, environment);
  for (const install of dockerfile.installs) await installation.add(install);

  const declared: Declaration[] = [...(dependencies?.declarations ?? []), ...installation.declarations];
  for (const file of [...CONVENTIONAL_FILES, ...(dependencies?.files ?? [])]) {
    if (installation.files.includes(file)) continue;
    declared.push(...((await read(file))?.declarations ?? []));
  }
  return {
    declared: unique(declared),
    installed: unique(installation.declarations),
    opaque: installation.opaque,
    problems: installation.problems,
    installedFiles: installation.files,
    inputs,
  };
}

type Read = (file: string) => Promise<Requirements | undefined>;

/** Follows what the Dockerfile installs through files, and through the project's own dependencies. */
class Installation {
  readonly declarations: Declaration[] = [];
  readonly opaque: { what: string; place: Place }[] = [];
  readonly problems: RequirementsProblem[] = [];
  readonly files: string[] = [];
  readonly #read: Read;
  readonly #pyproject: PyProjectDependencies | undefined;
  readonly #environment: PythonEnvironment;

  constructor(read: Read, pyproject: PyProjectDependencies | undefined, environment: PythonEnvironment) {
    this.#read = read;
    this.#pyproject = pyproject;
    this.#environment = environment;
  }

  async add(install: Install): Promise<void> {
    switch (install.kind) {
      case 'opaque':
        this.opaque.push({ what: install.what, place: install.place });
        // `uv sync` and `poetry install` install at least what pyproject.toml asks for.
        if (/^(?:uv|poetry|pdm) /.test(install.what)) await this.#addProject([]);
        break;
      case 'lock-file':
        this.opaque.push({ what: `${install.tool}'s lock file`, place: install.place });
        await this.#addProject(install.extras ?? []);
        break;
      case 'project':
        await this.#addProject(install.extras);
        break;
      case 'package':
        await this.#addPackage(install.requirement, install.place);
        break;
      case 'requirements-file':
        if (install.exists) await this.#addFile(install.file);
        else {
          const message = `the Dockerfile installs ${install.file}, which does not exist`;
          this.problems.push({ kind: 'missing-file', message, place: install.place });
        }
    }
  }

  async #addPackage(requirement: string, place: Place): Promise<void> {
    const target = readTarget(requirement);
    if (target.kind === 'package') {
      this.declarations.push(await declare(target.requirement, { place, environment: this.#environment }));
    } else if (target.kind !== 'invalid' || requirement.includes('$')) {
      this.opaque.push({ what: 'a package named by a path or a variable', place });
    }
  }

  async #addFile(file: string): Promise<void> {
    if (this.files.includes(file)) return;
    this.files.push(file);
    const requirements = await this.#read(file);
    if (requirements === undefined) return;
    this.declarations.push(...requirements.declarations);
    this.problems.push(...requirements.problems);
    this.opaque.push(...requirements.opaque);
    for (const { extras } of requirements.projects) await this.#addProject(extras);
  }

  async #addProject(extras: readonly string[]): Promise<void> {
    const groups = new Set(extras.map(nameOfExtra));
    for (const declaration of this.#pyproject?.declarations ?? []) {
      if (declaration.group === undefined) this.declarations.push(declaration);
      else if (groups.has(declaration.group)) this.declarations.push(withoutGroup(declaration));
    }
    for (const file of this.#pyproject?.files ?? []) await this.#addFile(file);
  }
}

/** An extra that is asked for is no longer optional. */
function withoutGroup(declaration: Declaration): Declaration {
  const { name, specifier, extras, place, isConstraint, applies, marker } = declaration;
  return { name, specifier, extras, place, isConstraint, applies, ...(marker === undefined ? {} : { marker }) };
}

async function readInputs(read: Read): Promise<CompiledRequirements[]> {
  const pairs = await Promise.all(
    CONVENTIONAL_FILES.map(async (output) => {
      const input = output.replace(/\.txt$/, '.in');
      const from = await read(input);
      if (from === undefined) return undefined;
      const to = await read(output);
      return { input, output, inputDeclarations: from.declarations, outputDeclarations: to?.declarations };
    }),
  );
  return pairs.filter((pair) => pair !== undefined);
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
