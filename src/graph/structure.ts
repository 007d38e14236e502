/**
 * What an image says of its pipelines: `python -m kdeploy_runtime describe --json`, read and checked (read-structure.ts).
 * Nothing in it is a secret: paths and addresses come without user names and passwords, parameters without values.
 */
export interface Structure {
  /** The project's package: `spaceflights`. */
  readonly package: string;
  readonly kedroVersion: string;
  /** The Kedro environment that a plain `kedro run` in the image uses; `null`: Kedro's default. */
  readonly kedroEnv: string | null;
  /** The project's folder in the image: `/home/kedro_docker`. */
  readonly folder: string;
  /** The options of the project's own `kedro run` (`--nodes`); `null`: it is Kedro's. */
  readonly runOptions: readonly string[] | null;
  /** By name; `__default__` is among them. */
  readonly pipelines: Readonly<Record<string, readonly PipelineNode[]>>;
  /** By name, of all pipelines, without parameters. A transcoded one (`x@pandas`) stands under its whole name. */
  readonly datasets: Readonly<Record<string, Dataset>>;
}

/** One node; the nodes of a pipeline are in an order in which they could run. */
export interface PipelineNode {
  /** As `kedro run --nodes` takes it: `features.split`. */
  readonly name: string;
  /** `features.clean`; `null` outside of any. */
  readonly namespace: string | null;
  /** Sorted. */
  readonly tags: readonly string[];
  /** Names of datasets and parameters (`parameters`, `params:x`), in the function's order, transcoding included. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Datasets of which it confirms that what was loaded is done (IncrementalDataset), sorted. */
  readonly confirms: readonly string[];
  /** `spaceflights.nodes.split`. */
  readonly function: string;
}

export interface Dataset {
  /** The class, as Kedro resolves it: `kedro_datasets.pandas.csv_dataset.CSVDataset`. */
  readonly type: string;
  /** Whether the image has it; otherwise the type is as the catalog names it, and nothing more is known of the class. */
  readonly importable: boolean;
  /** Whether its data are lost with the process: MemoryDataset, and every class with Kedro's mark `_EPHEMERAL`. */
  readonly ephemeral: boolean;
  readonly versioned: boolean;
  /** Where its definition comes from: an entry of the catalog, a pattern there, or nowhere (Kedro's default). */
  readonly definedBy: 'entry' | 'pattern' | 'nothing';
  /** The pattern, where it is one: `{name}_mem`. */
  readonly pattern: string | null;
  /** Local paths it uses in the container, absolute; empty for what lives elsewhere (buckets, databases, memory). */
  readonly localPaths: readonly string[];
  /** How the catalog says so, for each of them; empty for an image whose runtime did not tell. */
  readonly pathSettings: readonly PathSetting[];
  /** The address of what lives elsewhere, without credentials: `s3://bucket/x.parquet`; `null` where there is none. */
  readonly address: string | null;
  /** In a database: the table. */
  readonly table: string | null;
  /** `metadata.kdeploy.asset` in the catalog: the URI of an Airflow asset; `true`: its address. */
  readonly asset: string | true | null;
}

/** One local path of a dataset, as the catalog has it. */
export interface PathSetting {
  /** `filepath`, `path`, `con`. */
  readonly key: string;
  /** In the container, absolute. */
  readonly path: string;
  /** As the catalog has it, with the names of its pattern: `data/{name}.csv`. */
  readonly written: string;
}
