import { KdeployError } from '../errors.js';
import type { Finding } from '../finding.js';
import { readBakedLabels } from '../image/labels.js';
import type { ImageReference } from '../image/reference.js';
import type { RunConfiguration } from '../image/run-configuration.js';
import { hasOtherTrackingUri, imageTrackingUri } from '../image/tracking-uri.js';
import type { Progress } from '../progress.js';
import { classifyTrackingUri } from '../project/tracking/tracking-uri.js';
import { lostRuns } from './lost-runs.js';

/** What the user allows to be pushed. */
export interface Allowances {
  readonly allowUnbaked: boolean;
  /** The project says in kdeploy.yml that a tracking URI which other machines cannot reach is meant. */
  readonly allowLostRuns: boolean;
  /** The user wants it out although it contains a secret. */
  readonly allowSecrets: boolean;
}

/**
 * The promise of a push: an image that would not log, or whose runs would be lost, stays here. `reference` is where it
 * would be. Throws KdeployError `push-refused`.
 */
export function refuseUntracked(
  run: RunConfiguration,
  reference: ImageReference,
  { allowUnbaked, allowLostRuns }: Pick<Allowances, 'allowUnbaked' | 'allowLostRuns'>,
  progress: Pick<Progress, 'note'>,
): void {
  if (allowUnbaked) return;
  const name = reference.toFamiliarString();
  const baked = readBakedLabels(run.labels);
  if (baked === undefined) {
    throw new KdeployError('push-refused', `${name} was not built by kdeploy, so it would not log to MLflow`, {
      hint: 'build it with `kdeploy build`; to push it anyway: `--allow-unbaked`',
    });
  }
  if (hasOtherTrackingUri(run)) {
    const [now, before] = [imageTrackingUri(run), baked.trackingUri].map((uri) => classifyTrackingUri(uri).redacted);
    throw new KdeployError(
      'push-refused',
      `${name} was changed after kdeploy built it: MLFLOW_TRACKING_URI is ${now === '' ? 'empty' : now}, not ${before} as it was baked`,
      {
        hint: 'to change where it logs, bake the image that `kdeploy build` made: `kdeploy bake NAME --tracking-uri https://…`; to push this one anyway: `--allow-unbaked`',
      },
    );
  }
  const lost = lostRuns(baked, reference);
  if (lost === undefined) return;
  if (lost.severity === 'warning' || allowLostRuns) {
    progress.note(`warning: ${name}: ${lost.message}`);
    return;
  }
  throw new KdeployError('push-refused', `the runs of ${name} would be lost: ${lost.message}`, {
    hint: 'build it with the hostname that other machines reach the server by: `kdeploy build --tracking-uri https://…`; if it is meant, set checks.tracking-uri-usable: warning in kdeploy.yml',
  });
}

/**
 * A registry hands a layer to everyone who may pull it, and keeps it when the tag is long gone. Throws KdeployError
 * `push-refused` with what was found.
 */
export function refuseSecrets(
  found: readonly Finding[],
  reference: ImageReference,
  { allowSecrets }: Pick<Allowances, 'allowSecrets'>,
  progress: Pick<Progress, 'note'>,
): void {
  const name = reference.toFamiliarString();
  const secrets = found.filter(({ severity }) => severity === 'error');
  if (secrets.length > 0 && !allowSecrets) {
    throw new KdeployError('push-refused', `${name} contains a secret, which everyone who can pull it could read`, {
      findings: secrets,
      hint: 'remove it, and build again; to push it anyway: `kdeploy push --allow-secrets`',
    });
  }
  for (const { message } of found) progress.note(`warning: ${name}: ${message}`);
}
