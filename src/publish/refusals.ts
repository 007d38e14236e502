import { KdeployError } from '../errors.js';
import type { Finding } from '../finding.js';
import { changesSinceBake, type BakeChange } from '../image/bake-changes.js';
import { readBakedLabels, type BakedLabels } from '../image/labels.js';
import type { ImageReference } from '../image/reference.js';
import type { RunConfiguration } from '../image/run-configuration.js';
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
  // What starts kdeploy's own entrypoint may do so for good reasons.
  const changes = changesSinceBake(run).filter((change) => change.kind !== 'entrypoint' || !change.isWrapped);
  if (changes.length > 0) {
    const what = changes.map((change) => changeText(change, baked)).join('; ');
    throw new KdeployError('push-refused', `${name} was changed after kdeploy built it: ${what}`, {
      hint: 'to change where it logs, bake the image that `kdeploy build` made: `kdeploy bake NAME --env ENV --tag TAG`; to push this one anyway: `--allow-unbaked`',
    });
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
      hint: 'remove it, and build again; to push it anyway: `--allow-secrets`',
    });
  }
  for (const { message } of found) progress.note(`warning: ${name}: ${message}`);
}

/** Values are not shown, but for the tracking URI, without its password. */
function changeText(change: BakeChange, { trackingUri }: Pick<BakedLabels, 'trackingUri'>): string {
  if (change.kind === 'entrypoint')
    return 'its entrypoint no longer starts that of kdeploy, so nothing sets up tracking';
  if (change.kind === 'shared run') return `it sets ${change.name}, so every container would join the same MLflow run`;
  const { name, now = '' } = change;
  const isSet = now !== '';
  if (name !== 'MLFLOW_TRACKING_URI') return `it ${isSet ? 'sets another' : 'no longer sets'} ${name}`;
  const [uri, baked] = [now, trackingUri].map((each) => classifyTrackingUri(each).redacted);
  return `${name} is ${isSet ? uri : 'no longer set'}, not ${baked} as it was baked`;
}
