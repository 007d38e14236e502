import { createHash } from 'node:crypto';
import { MAX_ID_LENGTH, RESERVED_IDS, slug } from '../slug.js';
import type { PipelineNode } from '../structure.js';

/** What a group would like to be called, and what tells it from all others in every generation. */
export interface WantedName {
  readonly label: string;
  readonly identity: string;
}

/**
 * Names whose slugs are unique, also where case does not count (the names are keys of MLflow tags, and some databases
 * compare those without it), and not longer than an ID may be. Whatever is cut, or would be another's, ends in a short
 * hash of what the group is, never in a number that depends on the others.
 */
export function uniqueNames(wanted: readonly WantedName[]): readonly string[] {
  for (let length = 6; ; length += 4) {
    const names = namesWithHashes(wanted, length);
    if (new Set([...names, ...RESERVED_IDS].map(fold)).size === names.length + RESERVED_IDS.length) return names;
  }
}

function namesWithHashes(wanted: readonly WantedName[], length: number): readonly string[] {
  const claims = new Map<string, WantedName[]>(RESERVED_IDS.map((id) => [fold(id), [{ label: id, identity: id }]]));
  for (const name of wanted) claims.set(fold(name.label), [...(claims.get(fold(name.label)) ?? []), name]);
  return wanted.map((name) => {
    const text = slug(name.label);
    const rivals = (claims.get(fold(name.label)) ?? []).filter((rival) => rival !== name);
    // Of `load-x` and `load.x`, the first has its name by itself.
    const own = text === name.label && rivals.every((rival) => slug(rival.label) !== rival.label);
    const fits = text !== '' && text.length <= MAX_ID_LENGTH;
    if (fits && (rivals.length === 0 || own)) return name.label;
    const hash = createHash('sha256').update(name.identity).digest('hex').slice(0, length);
    const start = fits ? name.label : text === '' ? 'group' : text;
    return `${start.slice(0, MAX_ID_LENGTH - 1 - hash.length).replace(/[-_.]+$/, '')}-${hash}`;
  });
}

function fold(name: string): string {
  return slug(name).toLowerCase();
}

/** `features.clean`; of a node without a name of its own, `split([raw;rest]) -> [train;test]`, `split-train`. */
export function nodeLabel(node: PipelineNode): string {
  const unnamed = /^(?<function>[^([]*)[([]/.exec(node.name);
  if (unnamed === null) return node.name;
  const [data = ''] = node.outputs.length > 0 ? node.outputs : node.inputs;
  const own = node.namespace !== null && data.startsWith(`${node.namespace}.`) ? node.namespace.length + 1 : 0;
  return [unnamed.groups?.function ?? '', data.slice(own)].filter((part) => part !== '').join('-');
}

/** `features.clean-to-split`: of nodes that nobody gave a common name, the first and the last. */
export function spanLabel(nodes: readonly PipelineNode[]): string {
  const [first, last] = [nodes[0], nodes.at(-1)];
  if (first === undefined || last === undefined) return '';
  if (first === last) return nodeLabel(first);
  const shared = first.namespace !== null && first.namespace === last.namespace ? `${first.namespace}.` : '';
  const end = nodeLabel(last);
  return `${nodeLabel(first)}-to-${end.startsWith(shared) ? end.slice(shared.length) : end}`;
}
