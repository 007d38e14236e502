import type { Place } from '../../errors.js';
import { projectLoaderSettings } from './loader-settings.js';
import { toPlainData } from './omegaconf/config.js';
import { loadGlobals, loadKind } from './omegaconf/kinds.js';
import type { Project } from '../project.js';

/** An entry of the catalog; a dataset factory (`{name}_model`) is one as well. */
export interface CatalogEntry {
  readonly name: string;
  /** Texts with `${…}` that cannot be resolved from here are in it as written. */
  readonly dataset: Readonly<Record<string, unknown>>;
  placeOf(path: readonly string[]): Place;
}

/**
 * The entries of the base and the run environment, merged as Kedro does. `undefined` where only Kedro knows which files
 * they are. Throws KdeployError `configuration` for YAML that is broken, or a key in two files.
 */
export async function readCatalog(project: Project, env: string | undefined): Promise<CatalogEntry[] | undefined> {
  const settings = await projectLoaderSettings(project);
  if (settings?.patterns.catalog === undefined) return undefined;
  const { confSource, baseEnvironment, defaultRunEnvironment } = settings;
  const folders = [...new Set([baseEnvironment, env ?? defaultRunEnvironment])].map((name) => `${confSource}/${name}`);
  const { resolvers } = await loadGlobals(project.source, folders, settings);
  const { files, value } = await loadKind('catalog', project.source, folders, settings, resolvers);

  return [...value].flatMap(([name, entry]) => {
    const dataset = toPlainData(entry);
    if (!isMapping(dataset)) return [];
    const owner = files.findLast(({ content }) => content?.has(name) === true);
    const placeOf = (path: readonly string[]): Place =>
      owner === undefined
        ? { file: `${confSource}/${baseEnvironment}/catalog.yml` }
        : owner.yaml.placeOf([name, ...path]);
    return [{ name, dataset, placeOf }];
  });
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
