import type { Place } from '../../errors.js';
import type { TrackingConfig } from './tracking-config.js';

/** Where the image will log. */
export interface Tracking {
  /** As configured, secrets included: only for baking, after the checks; for messages use `redactAddresses`. `undefined`: nothing names one. */
  readonly uri: string | undefined;
  /** Only where it differs from `uri`, which MLflow uses otherwise. */
  readonly registryUri: string | undefined;
  readonly experiment: string;
  readonly source: TrackingSource | undefined;
  /** Where the registry URI was found, when it is not the tracking URI's own source. */
  readonly registrySource: TrackingSource | undefined;
}

export type TrackingSource =
  | { readonly kind: 'settings'; readonly name: 'mlflow.tracking_uri' }
  | { readonly kind: 'mlflow.yml'; readonly place: Place }
  | { readonly kind: 'environment'; readonly name: 'MLFLOW_TRACKING_URI' | 'MLFLOW_REGISTRY_URI' };

export interface TrackingInputs {
  /** kdeploy.yml's own, which win. */
  readonly settings: {
    readonly mlflow: { readonly trackingUri: string | null };
    readonly runConfig: { readonly experimentName: string | null };
  };
  /** `undefined` when it could not be read. */
  readonly config: TrackingConfig | undefined;
  readonly processEnvironment: Readonly<Record<string, string | undefined>>;
  readonly packageName: string;
}

/**
 * The one order in which kdeploy looks for the tracking URI: its own settings (flag, variable, kdeploy.yml), then
 * mlflow.yml, then the MLFLOW_TRACKING_URI of the shell it runs in, which is what kedro-mlflow itself falls back to.
 */
export function resolveTracking({ settings, config, processEnvironment, packageName }: TrackingInputs): Tracking {
  const [uri, source] = firstOf([
    [settings.mlflow.trackingUri, { kind: 'settings', name: 'mlflow.tracking_uri' }],
    [
      config?.trackingUri?.value,
      { kind: 'mlflow.yml', place: config?.trackingUri?.place ?? { file: config?.expectedFile ?? '' } },
    ],
    [processEnvironment.MLFLOW_TRACKING_URI, { kind: 'environment', name: 'MLFLOW_TRACKING_URI' }],
  ]);
  // A registry URI that merely repeats mlflow.yml's tracking URI moves along when that one is overridden.
  const configured = config?.registryUri?.value === config?.trackingUri?.value ? undefined : config?.registryUri;
  const [registryUri, registrySource] = firstOf([
    [configured?.value, { kind: 'mlflow.yml', place: configured?.place ?? { file: '' } }],
    // The shell's registry belongs to the shell's server.
    [
      source?.kind === 'environment' ? processEnvironment.MLFLOW_REGISTRY_URI : undefined,
      { kind: 'environment', name: 'MLFLOW_REGISTRY_URI' },
    ],
  ]);
  const differs = registryUri !== undefined && registryUri !== uri;
  return {
    uri,
    registryUri: differs ? registryUri : undefined,
    experiment: settings.runConfig.experimentName ?? config?.experimentName?.value ?? packageName,
    source,
    registrySource: differs ? registrySource : undefined,
  };
}

function firstOf(
  candidates: readonly (readonly [value: string | null | undefined, source: TrackingSource])[],
): [value: string | undefined, source: TrackingSource | undefined] {
  for (const [value, source] of candidates) {
    const text = value?.trim() ?? '';
    if (text !== '') return [text, source];
  }
  return [undefined, undefined];
}

/** `conf/local/mlflow.yml:12`, `the variable MLFLOW_TRACKING_URI`: for messages. */
export function sourceText(source: TrackingSource): string {
  switch (source.kind) {
    case 'settings':
      return 'the setting mlflow.tracking_uri';
    case 'environment':
      return `the environment variable ${source.name}`;
    case 'mlflow.yml':
      return source.place.line === undefined ? source.place.file : `${source.place.file}:${source.place.line}`;
  }
}
