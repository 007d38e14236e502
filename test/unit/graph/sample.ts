import type { GroupingName, GroupingRequest } from '../../../src/graph/grouping/grouping.js';
import type { Dataset, PipelineNode, Structure } from '../../../src/graph/structure.js';

/** A node in a few words: `x.a: raw params:p -> clean, rest #tag !raw` in the namespace `x` has a tag and confirms `raw`. */
export function node(words: string): PipelineNode {
  const [, name = '', inputs = '', outputs = '', tags = '', confirms = ''] =
    /^(\S+):\s*(.*?)\s*->\s*([^#!]*?)\s*((?:#\S+\s*)*)((?:!\S+\s*)*)$/.exec(words) ?? [];
  const namespace = name.includes('.') ? name.slice(0, name.lastIndexOf('.')) : null;
  const list = (text: string): string[] => text.split(/[\s,]+/).filter((part) => part !== '');
  return {
    name,
    namespace,
    tags: list(tags.replaceAll('#', ' ')).toSorted(),
    inputs: list(inputs),
    outputs: list(outputs),
    confirms: list(confirms.replaceAll('!', ' ')).toSorted(),
    function: `sample.${name}`,
  };
}

export function dataset(fields: Partial<Dataset> = {}): Dataset {
  return {
    type: 'kedro_datasets.pandas.parquet_dataset.ParquetDataset',
    importable: true,
    ephemeral: false,
    versioned: false,
    definedBy: 'entry',
    pattern: null,
    localPaths: [],
    pathSettings: [],
    address: null,
    table: null,
    asset: null,
    ...fields,
  };
}

export const IN_MEMORY = dataset({ type: 'kedro.io.memory_dataset.MemoryDataset', ephemeral: true });

/** A structure with one pipeline; datasets that are not given are files in a bucket. `null`: in no catalog. */
export function structure(
  nodes: readonly string[],
  datasets: Readonly<Record<string, Dataset | null>> = {},
  fields: Partial<Structure> = {},
): Structure {
  const parsed = nodes.map(node);
  const names = parsed.flatMap(({ inputs, outputs }) => [...inputs, ...outputs]);
  const stored = names
    .filter((name) => name !== 'parameters' && !name.startsWith('params:'))
    .map((name) => [name, dataset({ address: `s3://bucket/${name}` })] as const);
  const all = { ...Object.fromEntries<Dataset | null>(stored), ...datasets };
  return {
    package: 'spaceflights',
    kedroVersion: '1.7.0',
    kedroEnv: null,
    runOptions: null,
    folder: '/home/kedro_docker',
    pipelines: { __default__: parsed },
    datasets: Object.fromEntries(
      Object.entries(all).flatMap(([name, value]) => (value === null ? [] : [[name, value] as const])),
    ),
    ...fields,
  };
}

export function request(of: Structure, by: GroupingName, fields: Partial<GroupingRequest> = {}): GroupingRequest {
  return { structure: of, pipeline: '__default__', by, tags: [], ...fields };
}
