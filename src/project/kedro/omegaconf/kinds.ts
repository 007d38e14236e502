import type { ConfigKind, LoaderSettings } from '../loader-settings.js';
import type { ProjectSource } from '../../sources/source.js';
import { loadConfig, type LoadedConfig } from './environments.js';
import type { Resolvers } from './resolve.js';

/** What the other kinds of configuration may look up, as far as it can be told. */
export interface LoadedGlobals {
  readonly resolvers: Resolvers;
  readonly unreadable: readonly string[];
  /** Whether Kedro itself may stop at globals.yml, which it reads before all else. */
  readonly isUncertain: boolean;
}

/** One kind of configuration, from the folders of the base and the run environment. */
export async function loadKind(
  kind: ConfigKind,
  source: ProjectSource,
  folders: readonly string[],
  { patterns, mergeStrategies }: Pick<LoaderSettings, 'patterns' | 'mergeStrategies'>,
  resolvers: Resolvers,
): Promise<LoadedConfig> {
  return loadConfig({
    source,
    folders,
    patterns: patterns[kind] ?? [],
    mergeStrategy: mergeStrategies[kind],
    resolvers,
  });
}

/** globals.yml of both environments; throws as `loadConfig` does. */
export async function loadGlobals(
  source: ProjectSource,
  folders: readonly string[],
  settings: LoaderSettings,
): Promise<LoadedGlobals> {
  const without: Resolvers = { globals: undefined, hasRuntimeParameters: false };
  const { value, unresolved, unreadable } = await loadKind('globals', source, folders, settings, without);
  const isCertain = unresolved.length === 0 && unreadable.length === 0;
  return {
    resolvers: { globals: isCertain ? value : undefined, hasRuntimeParameters: true },
    unreadable,
    // A resolver of the project's own is taken to work; asking would cost seconds, for files that use none of it.
    isUncertain: unresolved.length > 0 && !settings.hasOwnResolvers,
  };
}
