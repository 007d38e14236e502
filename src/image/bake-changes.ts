import { RUN_VARIABLES } from './baked-environment.js';
import { RUNTIME_ENTRYPOINT } from './bake-plan.js';
import { readBakedLabels } from './labels.js';
import { environmentValue, type RunConfiguration } from './run-configuration.js';

/** What somebody changed of a baked image: by a Dockerfile that builds on it, by an editor of images, in a commit. */
export type BakeChange =
  /** `isWrapped`: kdeploy's own is still started, by something else. */
  | { readonly kind: 'entrypoint'; readonly isWrapped: boolean }
  | { readonly kind: 'variable'; readonly name: string; readonly now: string | undefined }
  /** A variable that names one run, which all containers would join. */
  | { readonly kind: 'shared run'; readonly name: string };

/**
 * What of an image is no longer as kdeploy baked it, and decides where it logs, with which credentials and in which run. Its
 * labels say what was baked, and stay as they are when a variable or the entrypoint is changed, which is what counts in a
 * container. None for an image without tracking, whose variables are the project's own.
 */
export function changesSinceBake({ labels, env, entrypoint }: RunConfiguration): BakeChange[] {
  const baked = readBakedLabels(labels);
  if (baked?.trackingUri === undefined) return [];
  const value = (name: string): string | undefined => environmentValue(env, name);
  const changed = [
    ...(value('MLFLOW_TRACKING_URI') === baked.trackingUri ? [] : ['MLFLOW_TRACKING_URI']),
    ...(value('MLFLOW_EXPERIMENT_NAME') === baked.experiment ? [] : ['MLFLOW_EXPERIMENT_NAME']),
    ...([undefined, '', baked.env].includes(value('KEDRO_ENV')) ? [] : ['KEDRO_ENV']),
    ...(typesIn(value('KDEPLOY_AUTH')) === baked.authentication.join(',') ? [] : ['KDEPLOY_AUTH']),
  ];
  const shared = RUN_VARIABLES.filter((name) => (value(name) ?? '') !== '');
  return [
    ...entrypointChange(entrypoint),
    ...changed.map((name): BakeChange => ({ kind: 'variable', name, now: value(name) })),
    ...shared.map((name): BakeChange => ({ kind: 'shared run', name })),
  ];
}

function entrypointChange(entrypoint: readonly string[]): BakeChange[] {
  const begin = entrypoint.findIndex((_, index) =>
    RUNTIME_ENTRYPOINT.every((part, offset) => entrypoint[index + offset] === part),
  );
  return begin === 0 ? [] : [{ kind: 'entrypoint', isWrapped: begin > 0 }];
}

/** The types of authentication in KDEPLOY_AUTH, as the label has them; of what cannot be read, none. */
function typesIn(authentication = ''): string {
  try {
    const { types } = JSON.parse(authentication) as { readonly types: readonly { readonly type: string }[] };
    return types.map(({ type }) => type).join(',');
  } catch {
    return '';
  }
}
