import { isLoopbackHost } from '../loopback-host.js';

/**
 * Where the artifacts of an experiment are stored, seen from a container: MLflow's client itself writes to it. The
 * runtime judges in the same way (templates/runtime/kdeploy_runtime/self_test/artifact_location.py).
 */
export type ArtifactLocation =
  /** By a server, or by what Python and MLflow bring along. */
  | { readonly kind: 'served' }
  /** In the container, or the server's own: each writes to a folder of that name at home. */
  | { readonly kind: 'folder' }
  | { readonly kind: 'loopback'; readonly host: string }
  | { readonly kind: 'package'; readonly packages: readonly string[] }
  | { readonly kind: 'unknown-scheme'; readonly scheme: string };

/** What MLflow imports for each kind of storage (mlflow/store/artifact/*_artifact_repo.py). */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  s3: ['boto3'],
  r2: ['boto3'],
  b2: ['boto3'],
  gs: ['google-cloud-storage'],
  wasbs: ['azure-storage-blob'],
  abfss: ['azure-storage-file-datalake'],
  hdfs: ['pyarrow'],
  viewfs: ['pyarrow'],
  sftp: ['pysftp'],
};

/** Those that need nothing else (mlflow/store/artifact/artifact_repository_registry.py). */
const SERVED = new Set(['mlflow-artifacts', 'http', 'https', 'dbfs', 'ftp', 'runs', 'models']);

export function judgeArtifactLocation(location: string): ArtifactLocation {
  const [, scheme] = /^([a-z][a-z0-9+.-]+):/i.exec(location)?.map((part) => part.toLowerCase()) ?? [];
  if (scheme === undefined || scheme === 'file') return { kind: 'folder' };
  const host = hostOf(location);
  if (['mlflow-artifacts', 'http', 'https', 'ftp', 'sftp'].includes(scheme) && isLoopbackHost(host))
    return { kind: 'loopback', host };
  const packages = PACKAGES[scheme];
  if (packages !== undefined) return { kind: 'package', packages };
  return SERVED.has(scheme) ? { kind: 'served' } : { kind: 'unknown-scheme', scheme };
}

/** What follows the name of the location in a sentence, and what to do. `lacking`: what is certain to be missing. */
export function describeArtifactLocation(
  location: ArtifactLocation,
  lacking: readonly string[],
): { readonly predicate: string; readonly remedy: string } | undefined {
  const failing = 'the run would fail at its first artifact';
  const elsewhere =
    'let the MLflow server store artifacts (mlflow-artifacts:/), or name a bucket: s3://…, gs://…, abfss://…';
  switch (location.kind) {
    case 'served':
      return undefined;
    case 'folder':
      return {
        predicate:
          'is a local folder: artifacts that a container writes there are deleted with the container, unless a volume is mounted',
        remedy: elsewhere,
      };
    case 'loopback':
      return {
        predicate: `is on ${location.host}, which is the container itself there: ${failing}`,
        remedy: elsewhere,
      };
    case 'package': {
      if (lacking.length === 0) return undefined;
      const names = lacking.join(' and ');
      return {
        predicate: `needs ${names}, which is missing from the requirements: ${failing}`,
        remedy: `add ${names} to the requirements`,
      };
    }
    case 'unknown-scheme':
      return {
        predicate: `has the scheme ${location.scheme}, which MLflow supports only with a plugin: ${failing}`,
        remedy: `add the plugin to the requirements, or write the scheme as MLflow does: s3, gs, abfss, wasbs`,
      };
  }
}

function hostOf(location: string): string {
  const host = /^[^:]+:\/\/(?:[^/@]*@)?(\[[^\]]*\]|[^/:?#]*)/.exec(location)?.[1];
  return host ?? '';
}
