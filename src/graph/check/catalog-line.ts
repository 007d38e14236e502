import type { NodeDataset } from '../node-graph.js';
import type { PathSetting, Structure } from '../structure.js';

const OF_DATABASES: readonly string[] = ['con', 'connection', 'connection_string', 'database', 'uri', 'url'];

/** Whether the key sets a database in a file: no bucket can hold it, and it has a place for each table. */
export function isOfDatabase(key: string): boolean {
  return OF_DATABASES.includes(key);
}

/** What to do for a dataset that is kept in a file that all tasks see: a new entry, or one in place of the one there. */
export function storedEntry(dataset: NodeDataset, structure: Structure, sharedFolders: readonly string[]): string {
  const filepath = sharedPath(`${fileName(dataset.name)}.pkl`, structure, sharedFolders);
  const lines = dataset.spellings.map(
    (name) => `${yamlScalar(name)}: {type: pickle.PickleDataset, filepath: ${yamlScalar(filepath)}}`,
  );
  const isThere = dataset.definitions.some(({ definedBy }) => definedBy === 'entry');
  return `${isThere ? 'replace the entry in the catalog by' : 'add to the catalog'}: ${lines.join('\n')}`;
}

/**
 * The line of an entry that moves its file to where all tasks see it. The folders stay, so that two datasets never get
 * one file; so do the names of a pattern, which has one line for many.
 */
export function sharedFilepath(
  { key, written }: PathSetting,
  structure: Structure,
  sharedFolders: readonly string[],
): string {
  const isDatabase = isOfDatabase(key);
  if (isDatabase && sharedFolders.length === 0) return `${key} of a database server`;
  const path = normalized(written);
  const project = normalized(structure.folder);
  const name = (isWithin(path, project) ? path.slice(project.length) : path).slice(1);
  const moved = sharedPath(name.split('/').map(fileName).join('/'), structure, sharedFolders);
  return isDatabase && key !== 'database' ? `${key} with the file ${moved}` : `${key}: ${yamlScalar(moved)}`;
}

/** How the catalog sets this path of the dataset. */
export function settingOf({ definitions }: NodeDataset, path: string): PathSetting {
  const known = definitions.flatMap(({ pathSettings }) => pathSettings).find((setting) => setting.path === path);
  return known ?? { key: 'filepath', path, written: path };
}

/** What to change: the entry, or the pattern that stands in for one. */
export function entryInWords({ name, definitions }: NodeDataset): string {
  const pattern = definitions.find((definition) => definition.definedBy === 'pattern')?.pattern;
  return pattern === undefined || pattern === null ? `the entry ${name}` : `the pattern ${pattern} for ${name}`;
}

export function isShared(path: string, sharedFolders: readonly string[]): boolean {
  return sharedFolders.some((folder) => isWithin(normalized(path), normalized(folder)));
}

/** Whether a path is the other one, or somewhere below it. */
export function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith('/') ? folder : `${folder}/`);
}

/** Without `//`, `.`, `..` and a slash at the end. */
export function normalized(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}

/** As the catalog would say it: relative to the project where it lies in there. */
function sharedPath(name: string, structure: Structure, sharedFolders: readonly string[]): string {
  const [folder] = sharedFolders.map(normalized);
  if (folder === undefined) return `s3://BUCKET/${name}`;
  const project = normalized(structure.folder);
  const path = normalized(`${folder}/${name}`);
  return isWithin(path, project) ? path.slice(project.length + 1) : path;
}

function fileName(name: string): string {
  return name.replaceAll(/[^\p{L}\p{N}\p{M}._{}-]+/gu, '_');
}

/** Text as YAML reads it back; quoted where it would be taken for something else. */
function yamlScalar(text: string): string {
  const isPlain = /^[A-Za-z_/][\w./@-]*$/.test(text) && !/^(?:null|true|false|yes|no|on|off)$/i.test(text);
  return isPlain ? text : JSON.stringify(text);
}
