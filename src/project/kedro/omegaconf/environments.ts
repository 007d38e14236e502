import { KdeployError } from '../../../errors.js';
import type { MergeStrategy } from '../loader-settings.js';
import type { ProjectSource } from '../../sources/source.js';
import { readConfigFile, type ConfigFile, type ConfigMap, type ConfigValue } from './config.js';
import { matchingFiles } from './patterns.js';
import { resolveConfig, type Resolvers, type Unresolved } from './resolve.js';

export interface ConfigRequest {
  readonly source: ProjectSource;
  /** The folders of the base and the run environment, lowest precedence first: `['conf/base', 'conf/local']`. */
  readonly folders: readonly string[];
  readonly patterns: readonly string[];
  readonly mergeStrategy: MergeStrategy;
  readonly resolvers: Resolvers;
}

/** One kind of configuration (`mlflow`, `globals`, `catalog`) as OmegaConfigLoader would hand it on. */
export interface LoadedConfig {
  /** Those that are read, lowest precedence first. */
  readonly files: readonly ConfigFile[];
  /** Unresolved strings are in it as written. */
  readonly value: ConfigMap;
  readonly unresolved: readonly Unresolved[];
  /** Files of which it cannot be told what OmegaConf makes of them; they are not part of `value`. */
  readonly unreadable: readonly string[];
}

/**
 * Finds, reads, resolves and merges as Kedro does (kedro/config/omegaconf_config.py): the files of one environment
 * together, then that environment over the base. Throws KdeployError `configuration` where Kedro raises: YAML that is
 * broken, no mapping, a key in two files of the same environment.
 */
export async function loadConfig(request: ConfigRequest): Promise<LoadedConfig> {
  const environments = await Promise.all(request.folders.map((folder) => loadEnvironment(folder, request)));
  const merge = request.mergeStrategy === 'soft' ? softMerge : destructiveMerge;
  return {
    files: environments.flatMap(({ files }) => files),
    value: environments.map(({ value }) => value).reduce(merge, new Map()),
    unresolved: environments.flatMap(({ unresolved }) => unresolved),
    unreadable: environments.flatMap(({ unreadable }) => unreadable),
  };
}

async function loadEnvironment(folder: string, { source, patterns, resolvers }: ConfigRequest): Promise<LoadedConfig> {
  const names = matchingFiles(folder, await source.list(folder), patterns);
  const files = await Promise.all(
    names.map(async (name) => readConfigFile((await source.read(name)) ?? Buffer.alloc(0), name)),
  );
  for (const { yaml, file } of files) refuseOtherThanMapping(yaml.value, yaml.placeOf([0]), file);

  const together: ConfigMap = new Map();
  const unreadable = new Set<string>();
  const origin = new Map<string, string>();
  for (const { file, content, yaml } of files) {
    if (content === undefined) unreadable.add(file);
    for (const [key, value] of content ?? []) {
      const other = origin.get(key);
      // Helper keys may be in several files, and are merged in an order that Kedro leaves to chance.
      if (other !== undefined && key.startsWith('_')) unreadable.add(file);
      else if (other !== undefined) {
        throw new KdeployError(
          'configuration',
          `${key} is defined in both ${other} and ${file}, which Kedro does not allow`,
          {
            place: yaml.placeOf([key]),
            hint: 'keep one of the two',
          },
        );
      }
      origin.set(key, file);
      together.set(key, value);
    }
  }
  const { value, unresolved } = resolveConfig(together, resolvers);
  const visible = new Map([...value].filter(([key]) => !key.startsWith('_')));
  return { files, value: visible, unresolved, unreadable: [...unreadable] };
}

function refuseOtherThanMapping(value: unknown, place: { file: string }, file: string): void {
  if (value === undefined || (typeof value === 'object' && !Array.isArray(value))) return;
  throw new KdeployError('configuration', `${file} is not a mapping`, {
    place,
    hint: 'write one "key: value" pair per line',
  });
}

/** The run environment replaces whole top-level keys. */
function destructiveMerge(below: ConfigMap, above: ConfigMap): ConfigMap {
  return new Map([...below, ...above]);
}

/** Mappings are merged key by key, all the way down; everything else is replaced. */
function softMerge(below: ConfigMap, above: ConfigMap): ConfigMap {
  const merged: ConfigMap = new Map(below);
  for (const [key, value] of above) {
    const other: ConfigValue | undefined = below.get(key);
    merged.set(key, other instanceof Map && value instanceof Map ? softMerge(other, value) : value);
  }
  return merged;
}
