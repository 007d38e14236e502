import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { KdeployError } from '../../../errors.js';
import { readPlainFile } from '../../../plain-file.js';
import { parseLockDocument, type LockDocument, type PackageTable } from '../../../project/python/lock-document.js';
import { poetryContentHashes } from '../../../project/python/poetry-content-hash.js';
import { poetryMainPackages } from '../../../project/python/poetry-main-group.js';
import { tableAt, textAt, type PyProject } from '../../../project/python/pyproject.js';
import { checkWheelFits } from './choose-artifact.js';
import { compile, type CompileRequest, type Compiled } from './compile-requirements.js';
import { describePython, imageEnvironment } from './image-environment.js';
import { splitUrl, uniqueCredentials, type IndexCredentials } from './index-credentials.js';
import { indexSettings } from './index-settings.js';
import { findKeptLock, fingerprint, keepLock, type Recipe } from './kept-lock.js';
import type { LockedPackage } from './locked-package.js';
import { readPipOptions } from './pip-configuration.js';
import { pipSettings } from './pip-settings.js';
import { poetryCredentials } from './poetry-credentials.js';
import { readPylock } from './pylock.js';
import { readUvSettings, type UvSettings } from './uv-settings.js';
import { pyprojectIn } from '../../../project/python/uv-workspace.js';

const FILE = 'poetry.lock';

/**
 * What poetry.lock installs: the main group, without Poetry. Poetry notes names and hashes of files but no addresses, so
 * uv looks for each locked version, in the source that it is locked from only, and nothing with another hash is taken.
 */
export async function installPoetryLock(request: CompileRequest): Promise<Compiled> {
  const { project, python, uv, environment, cache } = request;
  const text = (await readPlainFile(path.join(project, FILE))).toString('utf8');
  const pyproject = await pyprojectIn(project);
  const lock = await parseLockDocument(text);
  if (lock === undefined || pyproject === undefined)
    throw unusable(`${lock === undefined ? FILE : 'pyproject.toml'} is missing, or is not valid TOML`);
  checkLock(lock, pyproject);

  const packages = await poetryMainPackages(lock, pyproject, imageEnvironment(python));
  const uvSettings = await readUvSettings(project, environment);
  const sources = await groupBySource(packages, environment);
  const settings = await Promise.all(sources.map((source) => settingsOf(source, request, uvSettings)));
  const credentials = uniqueCredentials(settings.flatMap((each) => each.credentials));
  for (const note of new Set(settings.flatMap(({ notes }) => notes))) request.note(note);
  const recipe: Recipe = [
    FILE,
    uv.version,
    [python.version, python.libc, python.machine],
    project,
    text,
    await fingerprint(project),
    settings.map((each) => [each.environment, each.words]),
    uvSettings.recipe,
  ];
  const kept = await findKeptLock(cache, recipe);
  if (kept !== undefined) return { packages: kept, credentials, isLocked: true };

  const hashes = new Map(packages.map((each) => [each.name, hashesOf(each, lock)]));
  const found: LockedPackage[] = packages
    .filter(({ table }) => isDirect(table))
    .map((each) => directPackage(each, request, hashes));
  for (const [index, { packages: ofSource }] of sources.entries()) {
    if (ofSource.length === 0) continue;
    const output = await compile(['-', '--no-deps'], settings[index] ?? { environment: {}, words: [] }, {
      ...request,
      input: ofSource.map(({ name, version }) => `${name}==${version ?? ''}\n`).join(''),
      message: `the packages in ${FILE} cannot be found for the image (${describePython(python)})`,
      file: FILE,
      requirements: ofSource.map(({ name, line }) => ({ name, hashes: [], place: { file: FILE, line } })),
    });
    const context = { python, file: FILE, folder: project, command: 'poetry lock', allowedHashes: hashes };
    found.push(...(await readPylock(output, context)));
  }
  found.sort((one, other) => (one.name < other.name ? -1 : 1));
  const twice = found.find(({ name }, index) => name === found[index - 1]?.name);
  if (twice !== undefined) throw unusable(`it has several versions of ${twice.name} for the image's Python`);
  await keepLock(cache, recipe, found);
  return { packages: found, credentials, isLocked: true };
}

function checkLock({ table }: LockDocument, pyproject: PyProject): void {
  const version = textAt(table, 'metadata', 'lock-version') ?? '1.0';
  if (!/^[12]\./.test(version)) throw unusable(`it has the format ${version}, and formats 1 and 2 are known`);
  const noted = textAt(table, 'metadata', 'content-hash');
  const hashes = poetryContentHashes(pyproject.table);
  if (noted === undefined || hashes === undefined || hashes.includes(noted)) return;
  throw new KdeployError('configuration', `${FILE} is older than pyproject.toml, which was changed since`, {
    place: { file: FILE },
    hint: 'lock the project again: poetry lock',
  });
}

interface Source {
  /** `undefined`: PyPI, or what is set for pip or uv in its place. */
  readonly url: string | undefined;
  readonly credentials: IndexCredentials | undefined;
  readonly packages: PackageTable[];
}

async function groupBySource(packages: readonly PackageTable[], environment: NodeJS.ProcessEnv): Promise<Source[]> {
  const sources = new Map<string, Source>();
  for (const each of packages) {
    if (isDirect(each.table)) continue;
    const written = textAt(each.table, 'source', 'url');
    const known = sources.get(written ?? '');
    if (known !== undefined) known.packages.push(each);
    else sources.set(written ?? '', { ...(await sourceOf(written, each, environment)), packages: [each] });
  }
  return [...sources.values()];
}

async function sourceOf(
  written: string | undefined,
  { table }: PackageTable,
  environment: NodeJS.ProcessEnv,
): Promise<Omit<Source, 'packages'>> {
  if (written === undefined) return { url: undefined, credentials: undefined };
  const { url, credentials } = splitUrl(written);
  const own = await poetryCredentials(textAt(table, 'source', 'reference') ?? '', environment);
  return { url, credentials: own === undefined ? credentials : { url, ...own } };
}

/** The source alone, so that no other index is asked for its packages. */
async function settingsOf(
  { url, credentials }: Source,
  { project, environment }: CompileRequest,
  uv: UvSettings,
): Promise<ReturnType<typeof indexSettings>> {
  const pip = pipSettings(await readPipOptions({ project, environment }), project);
  const settings = indexSettings(pip, { options: [], files: [] }, uv, environment);
  if (url === undefined) return { ...settings, words: withoutDependencies(settings.words) };
  return {
    ...settings,
    words: [],
    notes: [],
    environment: {
      ...settings.environment,
      ...{ UV_INDEX: '', UV_EXTRA_INDEX_URL: '', UV_INDEX_URL: '', UV_FIND_LINKS: '' },
      UV_DEFAULT_INDEX: credentials === undefined ? url : withCredentials(url, credentials),
    },
    credentials: [...(credentials === undefined ? [] : [credentials]), ...settings.credentials],
  };
}

/** It is asked for anyway, and uv refuses an option that is there twice. */
function withoutDependencies(words: readonly string[]): string[] {
  return words.filter((word) => word !== '--no-deps');
}

function withCredentials(url: string, { username, password }: IndexCredentials): string {
  return url.replace('://', `://${encodeURIComponent(username)}:${encodeURIComponent(password)}@`);
}

function isDirect(table: PackageTable['table']): boolean {
  return ['url', 'file', 'directory', 'git'].includes(textAt(table, 'source', 'type') ?? '');
}

function directPackage(
  { name, version, table }: PackageTable,
  { project, python }: CompileRequest,
  hashes: ReadonlyMap<string, readonly string[]>,
): LockedPackage {
  const type = textAt(table, 'source', 'type');
  const written = textAt(table, 'source', 'url') ?? '';
  const subdirectory = textAt(table, 'source', 'subdirectory');
  const inside = subdirectory === undefined ? {} : { subdirectory };
  if (type === 'directory')
    return { name, version: undefined, artifact: { kind: 'folder', path: path.resolve(project, written) } };
  if (type === 'git') {
    const commit = textAt(table, 'source', 'resolved_reference');
    const reference = textAt(table, 'source', 'reference');
    if (commit === undefined) throw unusable(`${name} in it comes from git, without a commit`);
    const revision = reference === undefined || reference === commit ? {} : { requestedRevision: reference };
    return { name, version, artifact: { kind: 'git', url: splitUrl(written).url, commit, ...revision, ...inside } };
  }
  const url = type === 'file' ? pathToFileURL(path.resolve(project, written)).href : splitUrl(written).url;
  const filename = decodeURIComponent(path.posix.basename(new URL(url).pathname));
  const own = hashes.get(name) ?? [];
  const sha256 = own.find((hash) => hash.startsWith('sha256:'))?.slice('sha256:'.length);
  const common = { url: url.replace(/#.*$/s, ''), filename, sha256, size: undefined, isDirect: true };
  if (filename.endsWith('.whl'))
    return { name, version, artifact: checkWheelFits(name, { kind: 'wheel', ...common }, python) };
  return { name, version, artifact: { kind: 'archive', ...common, ...inside } };
}

/** Where Poetry wrote hashes over the years (poetry/packages/locker.py: locked_repository). */
function hashesOf({ name, table }: PackageTable, lock: LockDocument): string[] {
  const metadata = tableAt(lock.table, 'metadata');
  const files = table.files ?? tableAt(metadata, 'files')?.[name];
  const list: readonly unknown[] = Array.isArray(files) ? files : [];
  const hashes = list.map((each) => textAt({ each }, 'each', 'hash')).filter((hash) => hash !== undefined);
  const oldest = tableAt(metadata, 'hashes')?.[name];
  const all = [
    ...hashes,
    ...(Array.isArray(oldest) ? oldest.filter((hash): hash is string => typeof hash === 'string') : []).map(
      (hash) => `sha256:${hash}`,
    ),
  ].map((hash) => hash.toLowerCase());
  if (all.length > 0 && !all.some((hash) => hash.startsWith('sha256:')))
    throw unusable(`${name} in it has no hash of SHA-256`);
  return all;
}

function unusable(reason: string): KdeployError {
  return new KdeployError('configuration', `${FILE} cannot be used: ${reason}`, {
    place: { file: FILE },
    hint: 'lock the project again: poetry lock',
  });
}
