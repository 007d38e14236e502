import { isAssetUri } from '../config/settings/airflow/names.js';
import type { Finding } from '../finding.js';
import { isDataset, withoutTranscoding } from '../graph/node-graph.js';
import { byName, sortedNames } from '../graph/order.js';
import type { Dataset, PipelineNode, Structure } from '../graph/structure.js';
import type { GroupTask } from '../graph/task-graph.js';

/** URIs by dataset, without transcoding: two spellings may name an asset each. */
export type Assets = Readonly<Record<string, readonly string[]>>;

/** The Airflow assets that datasets of the catalog are. */
export function assetsOf({ datasets }: Structure): Assets {
  const assets = new Map<string, readonly string[]>();
  for (const [spelling, dataset] of Object.entries(datasets)) {
    const uri = uriOf(dataset);
    const name = withoutTranscoding(spelling);
    if (uri !== null) assets.set(name, sortedNames([...(assets.get(name) ?? []), uri]));
  }
  return Object.fromEntries([...assets].sort(([left], [right]) => byName(left, right)));
}

/** The assets that a task updates, and those that it reads and does not make itself. */
export function assetsOfTask(assets: Assets, { loads, saves }: Pick<GroupTask, 'loads' | 'saves'>) {
  const urisOf = (names: readonly string[]): readonly string[] =>
    sortedNames(names.flatMap((name) => (Object.hasOwn(assets, name) ? (assets[name] ?? []) : [])));
  return { inlets: urisOf(loads), outlets: urisOf(saves) };
}

/** An asset that Airflow would not know, or would not import, starts nobody's DAG. */
export function assetProblems({ datasets }: Structure, nodes: readonly PipelineNode[]): readonly Finding[] {
  const used = sortedNames(nodes.flatMap(({ inputs, outputs }) => [...inputs, ...outputs]).filter(isDataset));
  return used.flatMap((name): Finding[] => {
    const dataset = Object.hasOwn(datasets, name) ? datasets[name] : undefined;
    if (dataset === undefined || dataset.asset === null) return [];
    const uri = uriOf(dataset);
    if (uri !== null && isAssetUri(uri)) return [];
    return [
      {
        rule: 'asset',
        severity: 'error',
        message:
          uri === null
            ? `${name} is to be an Airflow asset, but its data have no address outside of the container`
            : `${name} is to be the Airflow asset ${JSON.stringify(uri)}, which is not an asset's URI`,
        remedy:
          'write the URI into the catalog, as in the DAGs that wait for it: metadata: {kdeploy: {asset: "s3://…"}}',
      },
    ];
  });
}

const uriOf = ({ asset, address }: Dataset): string | null => (asset === true ? address : asset);
