import path from 'node:path';
import { KdeployError, messageOf, systemCodeOf } from '../../../errors.js';
import { readPlainFile } from '../../../plain-file.js';
import { listOfTexts, tableAt } from '../../../project/python/pyproject.js';
import { credentialsInText, splitUrl, type IndexCredentials } from './index-credentials.js';
import { findWorkspace } from '../../../project/python/uv-workspace.js';

/** What uv is told by its own files and variables about indexes. */
export interface UvSettings {
  /** Who sets the default index: `UV_DEFAULT_INDEX`, `/home/ada/.config/uv/uv.toml`. */
  readonly defaultIndex: string | undefined;
  /** Whether there are others, apart from those that only packages which name them come from. */
  readonly hasIndexes: boolean;
  readonly hasStrategy: boolean;
  readonly hasPrerelease: boolean;
  readonly hasKeyring: boolean;
  /** Of URLs, and of `UV_INDEX_<NAME>_USERNAME` and `…_PASSWORD`. */
  readonly credentials: readonly IndexCredentials[];
  /** The settings that were read, without credentials: a lock is kept for these only. */
  readonly recipe: readonly unknown[];
}

interface Layer {
  readonly origin: string;
  readonly table: Readonly<Record<string, unknown>>;
}

/** Reads what uv reads: its variables, then uv.toml or [tool.uv] of the project or its workspace, of the user, of the machine. */
export async function readUvSettings(project: string, environment: NodeJS.ProcessEnv): Promise<UvSettings> {
  const layers = await configurationLayers(project, environment);
  const tables = layers.flatMap(({ origin, table }) => [
    { origin, table },
    ...(tableAt(table, 'pip') === undefined ? [] : [{ origin, table: tableAt(table, 'pip') ?? {} }]),
  ]);
  const indexes = tables.flatMap(({ origin, table }) =>
    (Array.isArray(table.index) ? (table.index as readonly unknown[]) : []).map((each) => ({
      origin,
      ...indexOf(tableAt({ each }, 'each') ?? {}),
    })),
  );
  const variable = (...names: readonly string[]): string | undefined =>
    names.find((name) => (environment[name] ?? '') !== '');
  const inFile = (...keys: readonly string[]): string | undefined =>
    tables.find(({ table }) => keys.some((key) => table[key] !== undefined))?.origin;
  const urls = [
    ...indexes,
    ...['UV_DEFAULT_INDEX', 'UV_INDEX', 'UV_INDEX_URL', 'UV_EXTRA_INDEX_URL'].flatMap((name) =>
      (environment[name] ?? '').split(/\s+/).map(namedUrl),
    ),
  ];
  return {
    defaultIndex:
      variable('UV_DEFAULT_INDEX', 'UV_INDEX_URL') ??
      indexes.find(({ isDefault }) => isDefault)?.origin ??
      inFile('index-url'),
    hasIndexes:
      variable('UV_INDEX', 'UV_EXTRA_INDEX_URL') !== undefined ||
      indexes.some(({ isDefault, isExplicit }) => !isDefault && !isExplicit) ||
      inFile('extra-index-url') !== undefined,
    hasStrategy: variable('UV_INDEX_STRATEGY') !== undefined || inFile('index-strategy') !== undefined,
    hasPrerelease: variable('UV_PRERELEASE') !== undefined || inFile('prerelease') !== undefined,
    hasKeyring: variable('UV_KEYRING_PROVIDER') !== undefined || inFile('keyring-provider') !== undefined,
    credentials: [
      ...urls.flatMap(({ name, url }) => credentialsOf(name, url, environment)),
      ...tables.flatMap(({ table }) => credentialsInText(JSON.stringify(table))),
      ...credentialsInText(environment.UV_FIND_LINKS ?? ''),
    ],
    recipe: [layers.map(({ table }) => table), variablesOf(environment)],
  };
}

async function configurationLayers(project: string, environment: NodeJS.ProcessEnv): Promise<Layer[]> {
  if (/^(?:1|true|yes|on|y|t)$/i.test(environment.UV_NO_CONFIG ?? '')) return [];
  const own = environment.UV_CONFIG_FILE ?? '';
  if (own !== '') return [await readLayer(path.resolve(project, own), [])].filter((layer) => layer !== undefined);
  const { ofUser, ofMachine } = uvFiles(environment);
  return [
    await nearest((await findWorkspace(project)) ?? project),
    await readLayer(ofUser, []),
    await firstOf(ofMachine),
  ].filter((layer) => layer !== undefined);
}

/** uv's documentation, "Configuration files"; of the machine's, the first that is there counts. */
export function uvFiles(
  environment: NodeJS.ProcessEnv,
  platform: NodeJS.Platform = process.platform,
): { readonly ofUser: string; readonly ofMachine: readonly string[] } {
  if (platform === 'win32') {
    const { USERPROFILE = '', PROGRAMDATA = 'C:\\ProgramData' } = environment;
    const roaming = environment.APPDATA ?? path.win32.join(USERPROFILE, 'AppData', 'Roaming');
    return {
      ofUser: path.win32.join(roaming, 'uv', 'uv.toml'),
      ofMachine: [path.win32.join(PROGRAMDATA, 'uv', 'uv.toml')],
    };
  }
  const { HOME = '', XDG_CONFIG_HOME = path.posix.join(HOME, '.config'), XDG_CONFIG_DIRS = '/etc/xdg' } = environment;
  const folders = XDG_CONFIG_DIRS.split(':').filter((folder) => folder !== '');
  return {
    ofUser: path.posix.join(XDG_CONFIG_HOME, 'uv', 'uv.toml'),
    ofMachine: [...folders.map((folder) => path.posix.join(folder, 'uv', 'uv.toml')), '/etc/uv/uv.toml'],
  };
}

/** uv.toml, else [tool.uv] in pyproject.toml, of the first folder upwards that has one. */
async function nearest(start: string): Promise<Layer | undefined> {
  for (let folder = start; ; folder = path.dirname(folder)) {
    const layer =
      (await readLayer(path.join(folder, 'uv.toml'), [])) ??
      (await readLayer(path.join(folder, 'pyproject.toml'), ['tool', 'uv']));
    if (layer !== undefined) return layer;
    if (path.dirname(folder) === folder) return undefined;
  }
}

async function firstOf(files: readonly string[]): Promise<Layer | undefined> {
  for (const file of files) {
    const layer = await readLayer(file, []);
    if (layer !== undefined) return layer;
  }
  return undefined;
}

async function readLayer(file: string, below: readonly string[]): Promise<Layer | undefined> {
  let text: string;
  try {
    text = (await readPlainFile(file)).toString('utf8').replace(/^\uFEFF/, '');
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EISDIR'].includes(systemCodeOf(error) ?? '')) return undefined;
    throw new KdeployError('configuration', `${file} cannot be read: ${messageOf(error)}`, {
      cause: error,
      hint: 'it may name the index that the packages come from: make it readable',
    });
  }
  const { parse, TomlError } = await import('smol-toml');
  try {
    const table = tableAt(parse(text), ...below);
    return table === undefined ? undefined : { origin: file, table };
  } catch (error) {
    // The parser's message continues with an excerpt of the file, which may contain a password.
    const line = error instanceof TomlError ? error.line : undefined;
    throw new KdeployError('configuration', `${file} is not valid TOML`, {
      place: line === undefined ? { file } : { file, line },
      hint: 'fix the file at that line',
    });
  }
}

interface Index {
  readonly name: string | undefined;
  readonly url: string;
}

function indexOf(table: Readonly<Record<string, unknown>>): Index & { isDefault: boolean; isExplicit: boolean } {
  const [name, url = ''] = [table.name, table.url].map((value) => listOfTexts([value])[0]);
  return { name, url, isDefault: table.default === true, isExplicit: table.explicit === true };
}

/** `name=https://…`, as variables have it. */
function namedUrl(text: string): Index {
  const [, name, url] = /^([\w.-]+)=(.*)$/.exec(text) ?? [];
  return { name, url: url ?? text };
}

function credentialsOf(name: string | undefined, url: string, environment: NodeJS.ProcessEnv): IndexCredentials[] {
  const split = splitUrl(url);
  const variable = name?.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_');
  const username = environment[`UV_INDEX_${variable}_USERNAME`] ?? '';
  const password = environment[`UV_INDEX_${variable}_PASSWORD`] ?? '';
  const own =
    variable !== undefined && (username !== '' || password !== '') ? [{ url: split.url, username, password }] : [];
  return [...own, ...(split.credentials === undefined ? [] : [split.credentials])];
}

/** About how it works, not what it finds. */
const WITHOUT_MEANING =
  /^UV_(?:CACHE_DIR|CONCURRENT_\w+|HTTP_\w+|NO_PROGRESS|LINK_MODE|COMPILE_BYTECODE|PYTHON_\w+|TOOL_\w+|INSTALL\w*|INDEX_\w+_(?:USERNAME|PASSWORD)|PUBLISH_\w+|OFFLINE|NO_CACHE|REQUEST_TIMEOUT|LOG_\w+|STACK_SIZE|RUN_\w+)$/;

function variablesOf(environment: NodeJS.ProcessEnv): (readonly [string, string])[] {
  return Object.entries(environment)
    .map(([name, value = '']) => [name, value] as const)
    .filter(([name, value]) => name.startsWith('UV_') && value !== '' && !WITHOUT_MEANING.test(name))
    .sort(([one], [other]) => (one < other ? -1 : 1));
}
