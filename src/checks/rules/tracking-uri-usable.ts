import { parseReference } from '../../image/reference.js';
import { classifyTrackingUri, type TrackingUri } from '../../project/tracking/tracking-uri.js';
import { sourceText, type TrackingSource } from '../../project/tracking/tracking.js';
import type { CheckContext } from '../context.js';
import { kedroMlflowVersion } from '../kedro-mlflow-version.js';
import type { Rule, RuleFinding } from '../rule.js';

/**
 * What is right on a laptop is often wrong in a container: `mlruns` is a folder that goes with it, `localhost` is the
 * container itself. Errors are what cannot work; warnings what works only with a setup that cannot be seen from here
 * (host networking). An image that goes to a registry elsewhere will not run on this machine, so there a loopback address
 * is an error; who runs MLflow in the same pod makes it a warning in kdeploy.yml.
 */
export const trackingUriUsable: Rule = {
  id: 'tracking-uri-usable',
  group: 'tracking',
  description: 'The tracking and registry URIs work from inside a container',

  async check(context): Promise<RuleFinding[]> {
    const { uri, registryUri, source, registrySource } = await context.tracking();
    if (uri === undefined || source === undefined) return unset(context);
    const destination = destinationOf(context);
    const judged = isOfUnityCatalog(uri) ? unityCatalog(uri) : classifyTrackingUri(uri);
    const findings = judge(judged, source, 'tracking', destination);
    if (registryUri !== undefined && registrySource !== undefined) {
      findings.push(...judge(classifyTrackingUri(registryUri), registrySource, 'registry', destination));
    }
    if (source.kind === 'environment') {
      findings.push({
        severity: 'info',
        message: `the tracking URI comes from ${sourceText(source)} in this shell: ${classifyTrackingUri(uri).redacted}`,
        remedy: 'set it in mlflow.yml or kdeploy.yml, so that everybody builds the same image',
      });
    }
    return findings;
  },
};

/** A registry of models only (mlflow/tracking/_tracking_service/utils.py, _get_databricks_uc_rest_store). */
function isOfUnityCatalog(uri: string): boolean {
  return /^(?:databricks-uc(?:$|:)|uc:)/.test(uri);
}

function unityCatalog(uri: string): TrackingUri {
  return {
    ...classifyTrackingUri(uri),
    kind: 'invalid',
    reason: 'Unity Catalog is a model registry; runs are logged to databricks or to an MLflow server',
  };
}

async function unset(context: CheckContext): Promise<RuleFinding[]> {
  const { value: config } = await context.trackingConfig();
  // A file that is missing or broken is another rule's finding.
  if (config === undefined || config.files.length === 0) return [];
  if (await mayBeWrittenElsewhere(config.document ?? {}, context)) return [];
  const place = config.placeOf(['server', 'mlflow_tracking_uri']);
  return [
    {
      severity: 'error',
      message: `server.mlflow_tracking_uri is not set in ${place.file}: the container would write runs to its own disk and lose them`,
      remedy: "set it to your MLflow server's URL, or pass --tracking-uri https://…",
      place,
    },
  ];
}

/** Under a key that kedro-mlflow refuses, which is mlflow-config-valid's finding; the address need not be written twice. */
async function mayBeWrittenElsewhere(
  document: Readonly<Record<string, unknown>>,
  context: CheckContext,
): Promise<boolean> {
  const { version, isFlat } = await kedroMlflowVersion(context);
  if (isFlat) return true;
  const { configProblems } = await import('../mlflow-config-schema.js');
  const problems = await configProblems(document, version);
  return problems.some(
    ({ path, isUnknownKey = false }) =>
      isUnknownKey && (/ur[il]/i.test(path.at(-1) ?? '') || (path.length === 1 && isMapping(document[path[0] ?? '']))),
  );
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const MEANT = 'if MLflow runs in the same pod, set checks.tracking-uri-usable: warning in kdeploy.yml';

/** The registry from which other machines will take the image; `undefined` where it stays on this one, or has no name yet. */
function destinationOf({ settings }: CheckContext): string | undefined {
  if (settings.image.name === null) return undefined;
  const reference = parseReference(settings.image.name);
  return reference.leavesThisMachine ? reference.registry : undefined;
}

function judge(
  { kind, redacted, reason, meant }: TrackingUri,
  source: TrackingSource,
  role: 'tracking' | 'registry',
  destination: string | undefined,
): RuleFinding[] {
  const what = `the ${role} URI ${redacted} (from ${sourceText(source)})`;
  const server = "use your MLflow server's URL: https://mlflow.example.com";
  const place = source.kind === 'mlflow.yml' ? { place: source.place } : {};
  switch (kind) {
    case 'remote':
    case 'databricks':
    case 'database':
    case 'unset':
      return [];
    case 'relative-path':
    case 'file':
      return [
        {
          severity: 'error',
          message: `${what} is a local folder: in a container it starts empty and is deleted when the container exits`,
          remedy: server,
          ...place,
        },
      ];
    case 'database-file':
      return [
        {
          severity: 'error',
          message: `${what} is a database file: in a container it is deleted when the container exits`,
          remedy: server,
          ...place,
        },
      ];
    case 'loopback':
      return [
        {
          ...(destination === undefined
            ? {
                severity: 'warning',
                message: `${what} points at the container itself; it works only if MLflow runs in the same pod, or with host networking`,
                remedy: 'use the hostname that other machines reach the server by',
              }
            : {
                severity: 'error',
                message: `${what} points at the container itself, and the image goes to ${destination}: its runs would be lost`,
                remedy: `use the hostname that other machines reach the server by; ${MEANT}`,
              }),
          ...place,
        },
      ];
    case 'host-gateway':
      return [
        {
          severity: destination === undefined ? 'warning' : 'error',
          message: `${what} resolves only inside Docker Desktop on a laptop, not in a cluster${destination === undefined ? '' : `, and the image goes to ${destination}`}`,
          remedy: 'use the hostname that other machines reach the server by',
          ...place,
        },
      ];
    case 'unknown-scheme':
      return [
        {
          severity: 'warning',
          message: `${what} has a scheme that MLflow supports only with a plugin`,
          remedy: 'check the spelling, and that the requirements include the plugin',
          ...place,
        },
      ];
    case 'invalid':
      return [
        {
          severity: 'error',
          message: `${what} is not a URI that MLflow accepts: ${reason ?? 'it is malformed'}`,
          remedy: meant === undefined ? server : `set it to ${meant}`,
          ...place,
        },
      ];
  }
}
