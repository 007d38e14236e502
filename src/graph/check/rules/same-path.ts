import { sortedNames } from '../../order.js';
import type { NodeDataset } from '../../node-graph.js';
import type { Problem } from '../../problem.js';
import { isOfDatabase, isShared, normalized, settingOf, sharedFilepath } from '../catalog-line.js';
import type { GraphContext, GraphRule } from '../rule.js';

/** Two datasets in one place: Kedro sees no dependency between them, and what is loaded depends on who comes first. */
export const samePath: GraphRule = (context) => {
  const byPlace = new Map<string, NodeDataset[]>();
  for (const dataset of context.graph.datasets)
    for (const place of placesOf(dataset)) byPlace.set(place, [...(byPlace.get(place) ?? []), dataset]);

  const problems = new Map<string, Problem>();
  for (const [place, datasets] of byPlace)
    for (const outer of [place, ...parentsOf(place)])
      for (const a of byPlace.get(outer) ?? [])
        for (const b of datasets) {
          if (a === b) continue;
          for (const [saved, used] of [
            [a, b],
            [b, a],
          ] as const) {
            const key = JSON.stringify([saved.name, used.name]);
            const found = problems.has(key) ? undefined : problemBetween(saved, used, place, context);
            if (found !== undefined) problems.set(key, found);
          }
        }
  return sortedNames(problems.keys()).flatMap((key) => problems.get(key) ?? []);
};

function problemBetween(
  saved: NodeDataset,
  used: NodeDataset,
  place: string,
  context: GraphContext,
): Problem | undefined {
  const { groupOf, order, request, options } = context;
  const shared = whatTheyShare(saved, used, place);
  if (shared === 'nothing') return undefined;
  for (const from of sortedNames(saved.savedBy.map(groupOf))) {
    for (const to of sortedNames(used.loadedBy.map(groupOf)))
      if (shared === 'data' && order.mayRunAtOnce(from, to))
        return {
          severity: 'error',
          kind: 'same-path',
          message: `${from} saves ${saved.name} to ${place} while ${to} may load ${used.name} from there: no dependency orders them`,
          remedy: `load ${saved.name} instead of ${used.name} in the nodes of ${to}, so that they wait for it`,
        };
      else if (order.isBefore(from, to) && place.startsWith('/') && !isShared(place, options.sharedFolders))
        return {
          severity: 'error',
          kind: 'local-path',
          message: `${from} saves ${saved.name} to ${place}, which is not there in the container of ${to}, which loads it as ${used.name}`,
          remedy: `change the entries ${saved.name} and ${used.name} in the catalog: ${sharedFilepath(settingOf(saved, place), request.structure, options.sharedFolders)}`,
        };
    // Reported once, for the pair in order.
    const rival = sortedNames(used.savedBy.map(groupOf)).find((to) => order.mayRunAtOnce(from, to));
    if (shared === 'data' && rival !== undefined && saved.name < used.name)
      return {
        severity: 'warning',
        kind: 'same-path',
        message: `${from} saves ${saved.name} and ${rival} saves ${used.name} to ${place}, possibly at once: the last one stays`,
        remedy: `give ${saved.name} and ${used.name} paths of their own in the catalog`,
      };
  }
  return undefined;
}

/** Two tables of a database are two places; a query may read any of them, so it needs the file, in which order ever. */
function whatTheyShare(a: NodeDataset, b: NodeDataset, place: string): 'data' | 'file' | 'nothing' {
  const [one, other] = [tableOf(a), tableOf(b)];
  const isDatabase = place.startsWith('/')
    ? [a, b].every((dataset) => isOfDatabase(settingOf(dataset, place).key))
    : one !== undefined || other !== undefined;
  if (!isDatabase || (one !== undefined && one === other)) return 'data';
  return place.startsWith('/') && (one === undefined || other === undefined) ? 'file' : 'nothing';
}

function tableOf({ definitions }: NodeDataset): string | undefined {
  return definitions.find(({ table }) => table !== null)?.table ?? undefined;
}

function placesOf({ definitions }: NodeDataset): readonly string[] {
  return sortedNames(
    definitions.flatMap(({ localPaths, address }) => [
      ...localPaths.map(normalized),
      ...(address === null ? [] : [address.replace(/\/+$/, '')]),
    ]),
  );
}

/** The folders that a path or an address lies in, without the root or the bucket. */
function parentsOf(place: string): readonly string[] {
  const start = place.includes('://') ? place.indexOf('/', place.indexOf('://') + 3) : 0;
  const parents: string[] = [];
  for (let end = place.lastIndexOf('/'); end > start && start !== -1; end = place.lastIndexOf('/', end - 1))
    parents.push(place.slice(0, end));
  return parents;
}
