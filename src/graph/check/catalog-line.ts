import type { NodeDataset } from '../node-graph.js';
import type { Structure } from '../structure.js';

/** Lines for the catalog that keep the dataset in a file that all tasks see. */
export function storedEntry(dataset: NodeDataset, structure: Structure, sharedFolders: readonly string[]): string {
  const filepath = sharedPath(`${fileName(dataset.name)}.pkl`, structure, sharedFolders);
  return dataset.spellings
    .map((name) => `${yamlScalar(name)}: {type: pickle.PickleDataset, filepath: ${yamlScalar(filepath)}}`)
    .join('\n');
}

/** The line of an entry that moves its file to where all tasks see it. */
export function sharedFilepath(path: string, structure: Structure, sharedFolders: readonly string[]): string {
  const name = fileName(path.replace(/\/+$/, '').split('/').at(-1) ?? '');
  return `filepath: ${yamlScalar(sharedPath(name, structure, sharedFolders))}`;
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
  return name.replaceAll(/[^A-Za-z0-9._-]+/g, '_');
}

/** Text as YAML reads it back; quoted where it would be taken for something else. */
function yamlScalar(text: string): string {
  const isPlain = /^[A-Za-z_/][\w./@-]*$/.test(text) && !/^(?:null|true|false|yes|no|on|off)$/i.test(text);
  return isPlain ? text : JSON.stringify(text);
}
