import { configurationFiles } from '../config/settings/load.js';
import type { Finding } from '../finding.js';
import type { DagImage } from './plan-dag.js';

export interface ReadEnvironment {
  /** Kedro's run environment whose kdeploy.yml was read. */
  readonly env: string;
  /** The folder with the environments: `conf`. */
  readonly confSource: string;
  readonly read: (file: string) => Promise<Buffer | undefined>;
}

/**
 * An image for one environment in a DAG with the settings of another one: it would run in that one's namespace, with its
 * secrets. Nothing is said where neither environment has settings of its own.
 */
export async function settingsEnvironment(
  { baked }: Pick<DagImage, 'baked'>,
  { env, confSource, read }: ReadEnvironment,
): Promise<readonly Finding[]> {
  if (baked.env === undefined || baked.env === env) return [];
  const files = [env, baked.env].flatMap((name) => configurationFiles(`${confSource}/${name}`));
  const found = await Promise.all(files.map(read));
  if (found.every((file) => file === undefined)) return [];
  return [
    {
      rule: 'settings-environment',
      severity: 'warning',
      message: `the image was built for the Kedro environment ${baked.env}, but the DAG gets the settings of ${env}`,
      remedy: `write it with the settings of its own: --env ${baked.env}`,
    },
  ];
}
