import { KdeployError } from '../errors.js';
import { withTrackingUri } from '../project/tracking/mlflow-template.js';
import { refused } from './append-line.js';
import type { FixStrategy } from './strategy.js';

/** The value of --tracking-uri, where `kedro mlflow init` left null. */
export const setTrackingUri: FixStrategy<'set-tracking-uri'> = async ({ file, trackingUri }, { source }) => {
  const before = await source.read(file);
  if (before === undefined) throw refused(file, `${file} no longer exists`, 'run kdeploy check again');
  try {
    return { file, before, after: Buffer.from(await withTrackingUri(before.toString('utf8'), trackingUri)) };
  } catch (error) {
    if (!(error instanceof KdeployError)) throw error;
    throw refused(
      file,
      `${file} has no empty mlflow_tracking_uri to fill in`,
      `set server.mlflow_tracking_uri in ${file}`,
    );
  }
};
