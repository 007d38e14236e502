import { stat } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FileCache } from '../../../cache/file-cache.js';
import { KdeployError } from '../../../errors.js';
import { rememberSecretsOf } from '../../../secrets/given-secrets.js';
import type { ImagePython } from '../image-python.js';
import type { AllowedHashes } from './choose-artifact.js';
import type { Uv } from './find-uv.js';
import { describePython } from './image-environment.js';
import type { IndexCredentials } from './index-credentials.js';
import { indexSettings, type IndexSettings } from './index-settings.js';
import { findKeptLock, fingerprint, keepLock, listing, type Recipe } from './kept-lock.js';
import type { LockedPackage } from './locked-package.js';
import { readPipOptions } from './pip-configuration.js';
import { pipSettings, type PipSettings } from './pip-settings.js';
import { readPylock } from './pylock.js';
import { knownPlatforms, pythonPlatform } from './python-platform.js';
import { readRequirementsInputs, type NamedRequirement, type RequirementsInputs } from './requirements-inputs.js';
import { resolveFailure } from './resolve-failure.js';
import { runUv, type UvAnswer } from './run-uv.js';
import { readUvSettings, type UvSettings } from './uv-settings.js';

export interface CompileRequest {
  /** Absolute. */
  readonly project: string;
  readonly python: ImagePython;
  readonly uv: Uv;
  readonly cache: FileCache;
  readonly environment: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  readonly note: (text: string) => void;
  readonly onLine?: ((line: string) => void) | undefined;
}

export interface Compiled {
  readonly packages: readonly LockedPackage[];
  readonly credentials: readonly IndexCredentials[];
  /** Whether each package has its version and hashes in the project's own files. */
  readonly isLocked: boolean;
}

/**
 * Resolves `requirements.txt`, or the dependencies in pyproject.toml, for the image's Python and platform, from the
 * indexes that pip would ask. Kept by what it was resolved from: the same again starts no program and asks no index.
 */
export async function compileRequirements(file: string, request: CompileRequest): Promise<Compiled> {
  const { project, python, uv, environment } = request;
  const pip = await withoutMissingFolders(
    pipSettings(await readPipOptions({ project, environment }), project),
    request.note,
  );
  const isProject = file === 'pyproject.toml';
  const inputs = await readRequirementsInputs(isProject ? [] : [file], project, environment);
  const constraints = await readRequirementsInputs([...pip.constraints, ...pip.buildConstraints], project, environment);
  const uvSettings = await readUvSettings(project, environment);
  const settings = indexSettings(pip, inputs, uvSettings, environment);
  for (const note of settings.notes) request.note(note);
  const allowedHashes = hashesOf([...inputs.requirements, ...constraints.requirements], settings.requiresHashes);
  const recipe = await recipeOf(file, request, { pip, inputs, constraints, settings, uvSettings });
  const isKeepable = inputs.isComplete && constraints.isComplete;
  const result = { credentials: settings.credentials, isLocked: allowedHashes !== undefined };

  const kept = isKeepable ? await findKeptLock(request.cache, recipe) : undefined;
  if (kept !== undefined) return { ...result, packages: kept };

  const text = await compile([file], settings, {
    ...request,
    message: `the packages in ${file} cannot be resolved for the image (${describePython(python)})`,
    file,
    requirements: inputs.requirements,
  });
  const packages = await readPylock(text, {
    python,
    file: `what uv ${uv.version} made of ${file}`,
    folder: project,
    allowedHashes,
    isFromSource: settings.isFromSource,
  });
  if (isKeepable) await keepLock(request.cache, recipe, packages);
  return { ...result, packages };
}

/** pip passes over a folder of wheels that does not exist; uv before 0.8 stops. */
async function withoutMissingFolders(pip: PipSettings, note: (text: string) => void): Promise<PipSettings> {
  const isThere = await Promise.all(
    pip.findLinks.map(async (link) => {
      const folder = localFolder(link);
      return folder === undefined || (await stat(folder).catch(() => undefined)) !== undefined;
    }),
  );
  for (const link of pip.findLinks.filter((_, index) => isThere[index] === false))
    note(`${link} of pip's setting find-links does not exist, and is passed over`);
  return { ...pip, findLinks: pip.findLinks.filter((_, index) => isThere[index] === true) };
}

/** `undefined`: it is on a server. */
function localFolder(link: string): string | undefined {
  if (/^file:/i.test(link)) return /^file:\/\/\//i.test(link) ? fileURLToPath(link) : undefined;
  return /^\w+:\/\//.test(link) ? undefined : link;
}

export interface Compilation extends CompileRequest {
  readonly message: string;
  readonly file: string;
  readonly requirements: readonly NamedRequirement[];
  /** In place of a file: what uv reads from stdin. */
  readonly input?: string;
}

/** Has uv compile requirements into a lock of PEP 751. */
export async function compile(
  words: readonly string[],
  settings: Pick<IndexSettings, 'environment' | 'words'>,
  compilation: Compilation,
): Promise<string> {
  const { project, python, uv, signal, onLine, input } = compilation;
  const environment = { ...compilation.environment, ...settings.environment };
  rememberSecretsOf(environment);
  const options = { folder: project, environment, signal, onLine };
  const help = await runUv(uv, ['pip', 'compile', '--help'], { folder: project, environment, signal });
  const attempt = (...more: readonly string[]): Promise<UvAnswer> =>
    runUv(
      uv,
      [
        ...['pip', 'compile', ...words, '--format', 'pylock.toml', '--no-header', '--no-annotate'],
        ...['--python-version', python.version],
        ...['--python-platform', pythonPlatform(python, knownPlatforms(help.output))],
        ...settings.words,
        ...more,
      ],
      { ...options, input },
    );
  // uv would download a Python of just this patch version, and ask the server of it several times; any other one will do.
  const quick = await attempt('--no-python-downloads');
  const isWithoutPython = quick.exitCode !== 0 && quick.lines.some((line) => line.includes('No interpreter found'));
  const answer = isWithoutPython ? await attempt() : quick;
  if (answer.exitCode !== 0) throw resolveFailure(answer, compilation);
  return answer.output;
}

interface Parts {
  readonly pip: PipSettings;
  readonly inputs: RequirementsInputs;
  readonly constraints: RequirementsInputs;
  readonly settings: IndexSettings;
  readonly uvSettings: UvSettings;
}

/** All that the result depends on, apart from what the indexes have. */
async function recipeOf(file: string, request: CompileRequest, parts: Parts): Promise<Recipe> {
  const { project, python, uv } = request;
  const { pip, inputs, constraints, settings, uvSettings } = parts;
  const links = [
    ...pip.findLinks,
    ...inputs.options.filter(({ name }) => name === '--find-links').map(({ value }) => value),
  ];
  const folders = links.map(localFolder).filter((folder) => folder !== undefined);
  return [
    'compile',
    uv.version,
    python.version,
    python.libc,
    python.machine,
    project,
    file,
    [...inputs.files, ...constraints.files],
    await Promise.all(inputs.locals.map(async (place) => [place, await fingerprint(place)])),
    file === 'pyproject.toml' ? await fingerprint(project) : '',
    settings.environment,
    settings.words,
    await Promise.all(folders.map((folder) => listing(path.resolve(project, folder)))),
    uvSettings.recipe,
  ];
}

/** pip: as soon as one requirement has a hash, all need one. */
function hashesOf(requirements: readonly NamedRequirement[], areRequired: boolean): AllowedHashes {
  if (!areRequired && requirements.every(({ hashes }) => hashes.length === 0)) return undefined;
  const allowed = new Map<string, string[]>();
  for (const { name, hashes } of requirements)
    allowed.set(name, [...(allowed.get(name) ?? []), ...hashes.map((hash) => hash.toLowerCase())]);
  for (const { name, hashes, place } of requirements) {
    if (hashes.length > 0 && !hashes.some((hash) => hash.startsWith('sha256:')))
      throw new KdeployError('configuration', `${name} is locked by a hash that is not of SHA-256`, {
        place,
        hint: 'compile the requirements again: uv pip compile --generate-hashes, or pip-compile --generate-hashes',
      });
  }
  return allowed;
}
