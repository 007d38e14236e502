import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { KdeployError } from '../../../errors.js';
import { markerApplies } from '../../../project/python/marker.js';
import { normaliseName } from '../../../project/python/name.js';
import { satisfies } from '../../../project/python/pep440.js';
import { listOfTexts, tableAt } from '../../../project/python/pyproject.js';
import { readMarker } from '../../../project/python/requirement.js';
import type { ImagePython } from '../image-python.js';
import { checkHash, checkWheelFits, chooseArtifact, type AllowedHashes, type HashedFile } from './choose-artifact.js';
import { describePython, imageEnvironment } from './image-environment.js';
import { splitUrl } from './index-credentials.js';
import type { Artifact, GitCommit, LockedPackage, SourceArchive, WheelFile } from './locked-package.js';

export interface PylockContext {
  readonly python: ImagePython;
  /** How a message calls it: `pylock.toml`. */
  readonly file: string;
  /** Absolute: what paths in it are relative to. */
  readonly folder: string;
  /** What locks it anew, for a hint. */
  readonly command?: string;
  readonly allowedHashes?: AllowedHashes;
  /** uv before 0.8 lists the wheels of these all the same. */
  readonly isFromSource?: (name: string) => boolean;
}

type Table = Readonly<Record<string, unknown>>;

/** The largest projects have some thousand packages. */
const MAXIMUM_PACKAGES = 20_000;

/**
 * The packages that a lock of PEP 751 installs in the image, sorted by name: no extras, the default groups, and of each
 * package the one entry whose marker applies. Throws KdeployError `configuration` for a lock that is not valid or not made
 * for this Python, `build-failed` for a package that no file of fits.
 */
export async function readPylock(text: string, context: PylockContext): Promise<LockedPackage[]> {
  const document = await parse(text, context);
  const { python } = context;
  const version = textOf(document['lock-version']) ?? '';
  if (!/^1(?:\.\d+)*$/.test(version))
    throw invalid(context, version === '' ? 'it has no lock-version' : `it has the format ${version}, not 1.0`);
  checkPython(textOf(document['requires-python']), context, 'it');
  const selection = { extras: [], groups: listOfTexts(document['default-groups']) };
  const applies = async (marker: unknown): Promise<boolean> => {
    if (marker === undefined) return true;
    const tree = typeof marker === 'string' ? readMarker(marker) : undefined;
    if (tree === undefined) throw invalid(context, `${JSON.stringify(marker)} is not a marker`);
    return markerApplies(tree, imageEnvironment(python), selection);
  };
  const environments = listOfTexts(document.environments);
  const answers = await Promise.all(environments.map(applies));
  if (environments.length > 0 && !answers.includes(true)) throw notForImage(context, 'its environments');

  const packages = new Map<string, LockedPackage>();
  for (const table of tablesIn(document.packages).slice(0, MAXIMUM_PACKAGES)) {
    const name = textOf(table.name);
    if (name === undefined) throw invalid(context, 'a package in it has no name');
    if (!(await applies(table.marker))) continue;
    const key = normaliseName(name);
    if (packages.has(key))
      throw invalid(context, `it has several entries of ${key} that apply to the image (${describePython(python)})`);
    checkPython(textOf(table['requires-python']), context, `${key} in it`);
    const artifact = readArtifact(key, table, context);
    packages.set(key, { name: key, version: textOf(table.version), artifact });
  }
  return [...packages.values()].sort((one, other) => (one.name < other.name ? -1 : 1));
}

async function parse(text: string, context: PylockContext): Promise<Table> {
  const toml = await import('smol-toml');
  try {
    return toml.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    // The parser's message continues with an excerpt, which may contain a password.
    const line = error instanceof toml.TomlError ? error.line : undefined;
    throw new KdeployError('configuration', `${context.file} is not valid TOML`, {
      place: line === undefined ? { file: context.file } : { file: context.file, line },
      hint: hintOf(context),
    });
  }
}

function readArtifact(name: string, table: Table, context: PylockContext): Artifact {
  const { python, allowedHashes } = context;
  const vcs = tableAt(table, 'vcs');
  const directory = tableAt(table, 'directory');
  const archive = tableAt(table, 'archive');
  if ((vcs ?? directory) !== undefined && allowedHashes !== undefined)
    throw new KdeployError('configuration', `${name} is a folder or a repository, of which no hash can be checked`, {
      hint: `remove the hashes of the other packages, or install a release of ${name}`,
    });
  if (vcs !== undefined) return gitCommit(name, vcs, context);
  if (directory !== undefined) {
    const folder = textOf(directory.path);
    if (folder === undefined) throw invalid(context, `${name} in it is a folder without a path`);
    const subdirectory = textOf(directory.subdirectory) ?? '.';
    return { kind: 'folder', path: path.resolve(context.folder, folder, subdirectory) };
  }
  if (archive !== undefined) {
    const found = remoteFile(name, archive, true, context);
    checkHash(name, found, allowedHashes);
    const { file } = found;
    return file.kind === 'wheel' ? checkWheelFits(name, file, python) : file;
  }
  const files = tablesIn(table.wheels).map((wheel) => remoteFile(name, wheel, false, context));
  const sdistTable = tableAt(table, 'sdist');
  const sdist = sdistTable === undefined ? undefined : remoteFile(name, sdistTable, false, context);
  const release = {
    name,
    version: textOf(table.version),
    wheels: context.isFromSource?.(name) === true ? [] : files.filter(isWheel),
    sdist: sdist === undefined || isWheel(sdist) ? undefined : (sdist as HashedFile<SourceArchive>),
  };
  return chooseArtifact(release, python, allowedHashes);
}

function isWheel(each: HashedFile<WheelFile | SourceArchive>): each is HashedFile<WheelFile> {
  return each.file.kind === 'wheel';
}

function gitCommit(name: string, table: Table, context: PylockContext): GitCommit {
  const [type, commit, requested] = [table.type, table['commit-id'], table['requested-revision']].map(textOf);
  const subdirectory = textOf(table.subdirectory);
  if (type !== 'git')
    throw invalid(context, `${name} in it comes from ${type ?? 'a repository'}, and only git is supported`);
  if (commit === undefined) throw invalid(context, `${name} in it comes from git, without a commit`);
  return {
    kind: 'git',
    url: splitUrl(addressOf(name, table, context)).url,
    commit,
    ...(requested === undefined ? {} : { requestedRevision: requested }),
    ...(subdirectory === undefined ? {} : { subdirectory }),
  };
}

function remoteFile(
  name: string,
  table: Table,
  isDirect: boolean,
  context: PylockContext,
): HashedFile<WheelFile | SourceArchive> {
  const { url } = splitUrl(addressOf(name, table, context));
  const filename = textOf(table.name) ?? lastPart(url);
  const hashes = Object.entries(tableAt(table, 'hashes') ?? {}).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  const sha256 = hashes.find(([kind]) => kind.toLowerCase() === 'sha256')?.[1].toLowerCase();
  const subdirectory = textOf(table.subdirectory);
  const common = {
    url: url.replace(/#.*$/s, ''),
    filename,
    sha256: sha256 !== undefined && /^[0-9a-f]{64}$/.test(sha256) ? sha256 : undefined,
    size: sizeOf(table.size),
    isDirect,
  };
  return {
    file: filename.endsWith('.whl')
      ? { kind: 'wheel', ...common }
      : { kind: 'archive', ...common, ...(subdirectory === undefined ? {} : { subdirectory }) },
    hashes: hashes.map(([kind, value]) => `${kind.toLowerCase()}:${value.toLowerCase()}`),
  };
}

/** TOML's integers may be larger than JavaScript's numbers. */
function sizeOf(value: unknown): number | undefined {
  const size = typeof value === 'bigint' ? Number(value) : value;
  return typeof size === 'number' && Number.isSafeInteger(size) && size >= 0 ? size : undefined;
}

function addressOf(name: string, table: Table, context: PylockContext): string {
  const [url, local] = [textOf(table.url), textOf(table.path)];
  // uv and pip take the path where a lock has both: it is nearer.
  if (local !== undefined) return pathToFileURL(path.resolve(context.folder, local)).href;
  if (url === undefined) throw invalid(context, `a file of ${name} in it has neither a URL nor a path`);
  return url;
}

function lastPart(url: string): string {
  const pathname = url.startsWith('file:') ? fileURLToPath(url) : url.replace(/[?#].*$/s, '');
  const part = pathname.slice(pathname.lastIndexOf('/') + 1);
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function checkPython(specifier: string | undefined, context: PylockContext, what: string): void {
  if (specifier === undefined || satisfies(context.python.version, specifier, { prereleases: true })) return;
  throw notForImage(context, `${what} requires Python ${specifier}`);
}

function notForImage(context: PylockContext, reason: string): KdeployError {
  return new KdeployError(
    'configuration',
    `${context.file} is not for the Python of the image (${describePython(context.python)}): ${reason}`,
    {
      place: { file: context.file },
      hint: 'choose a base image with another Python, or lock the project for this one',
    },
  );
}

function invalid(context: PylockContext, reason: string): KdeployError {
  return new KdeployError('configuration', `${context.file} cannot be used: ${reason}`, {
    place: { file: context.file },
    hint: hintOf(context),
  });
}

function hintOf({ command }: PylockContext): string {
  return command === undefined ? 'lock the project again with the tool that made it' : `lock it again: ${command}`;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function tablesIn(value: unknown): Table[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [];
  return list.map((each) => tableAt({ each }, 'each')).filter((each) => each !== undefined);
}
