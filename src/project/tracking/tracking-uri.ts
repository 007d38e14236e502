import { redactAddresses, secretInAddress, type AddressSecret } from '../../secrets/address.js';
import { isLoopbackHost } from '../../loopback-host.js';

/** Where a tracking URI leads, seen from inside a container. */
export type TrackingUriKind =
  /** A server, over HTTP or a plugin of a cloud (azureml, SageMaker). */
  | 'remote'
  | 'databricks'
  /** Nothing is set. */
  | 'unset'
  /** `mlruns`: a folder in the container. */
  | 'relative-path'
  /** `file:///…` or an absolute path. */
  | 'file'
  /** A database file in the container: `sqlite:///mlflow.db`. */
  | 'database-file'
  /** A database server: `postgresql://db.example.com/mlflow`. */
  | 'database'
  /** The container itself: localhost and its other names. */
  | 'loopback'
  /** The machine that runs the container, under a name that only some engines know. */
  | 'host-gateway'
  /** A scheme that MLflow only knows with a plugin. */
  | 'unknown-scheme'
  | 'invalid';

export interface TrackingUri {
  readonly kind: TrackingUriKind;
  readonly credentials: AddressSecret;
  /** The URI without secrets, fit for messages. */
  readonly redacted: string;
  /** For `invalid`: why. */
  readonly reason?: string;
  /** For `invalid`: the URI that is meant. */
  readonly meant?: string;
}

/** MLflow's database types (mlflow/store/db/db_types.py). */
const DATABASES = new Set(['postgresql', 'mysql', 'sqlite', 'mssql']);

/** Names that Docker Desktop and podman give the machine they run on. */
const HOST_GATEWAYS = new Set([
  'host.docker.internal',
  'gateway.docker.internal',
  'host.containers.internal',
  'host.lima.internal',
]);

/** Where artifacts live; no tracking store of MLflow answers to them. */
const ARTIFACT_SCHEMES = new Set([
  'mlflow-artifacts',
  'dbfs',
  's3',
  'gs',
  'gcs',
  'wasbs',
  'abfss',
  'hdfs',
  'r2',
  'ftp',
  'sftp',
  'runs',
  'models',
]);

/** Official plugins of the two clouds that host MLflow themselves. */
const PLUGIN_SCHEMES = new Set(['azureml', 'arn']);

export function classifyTrackingUri(uri: string | null | undefined): TrackingUri {
  const text = (uri ?? '').trim();
  if (text === '') return { kind: 'unset', credentials: 'none', redacted: '' };
  const known = { credentials: secretInAddress(text), redacted: redactAddresses(text) };
  const misplaced = misplacedUri(text);
  if (misplaced !== undefined)
    return { kind: 'invalid', ...known, reason: `it is the address of ${misplaced.of}`, meant: misplaced.server };
  const [kind, reason] = kindOf(text);
  return { kind, ...known, ...(reason === undefined ? {} : { reason }) };
}

function kindOf(text: string): [kind: TrackingUriKind, reason?: string] {
  if (/[\s\p{Cc}]/u.test(text)) return ['invalid', 'it contains a space or a control character'];
  // Alone, these are words that MLflow and kedro-mlflow compare as written: `Databricks` is the name of a folder.
  if (/^databricks(?:-uc)?$/.test(text) || /^databricks(?:-uc)?:\/\//i.test(text)) return ['databricks'];
  // Unity Catalog's open source server as registry: `uc:http://host:8080`.
  if (/^uc:/i.test(text)) return kindOf(text.slice(3));
  if (/^[A-Za-z]:[\\/]/.test(text) || /^[\\/]/.test(text)) return ['file'];

  const [, scheme, afterScheme = ''] = /^([a-z][a-z0-9+.-]*):(.*)$/i.exec(text) ?? [];
  if (scheme === undefined || /^\d+(?:\/|$)/.test(afterScheme)) {
    return /^(?:[^/]*@)?(?:\[[0-9a-f:.]+\]|[a-z0-9.-]+):\d+(?:\/|$)/i.test(text)
      ? ['invalid', 'http:// or https:// is missing before the host']
      : ['relative-path'];
  }
  return kindOfScheme(scheme.toLowerCase(), afterScheme, text);
}

function kindOfScheme(scheme: string, afterScheme: string, text: string): [TrackingUriKind, string?] {
  if (scheme === 'file') return ['file'];
  if (scheme === 'http' || scheme === 'https') return kindOfServer(text, afterScheme, 'remote');
  const [database = ''] = scheme.split('+');
  if (database === 'sqlite') return ['database-file'];
  if (database === 'postgres') return ['invalid', 'the scheme for this database is postgresql://, not postgres://'];
  if (DATABASES.has(database)) return kindOfServer(text, afterScheme, 'database');
  if (ARTIFACT_SCHEMES.has(scheme)) return ['invalid', `${scheme}: is an artifact store, not a tracking server`];
  if (PLUGIN_SCHEMES.has(scheme)) return ['remote'];
  if (/^h?t{1,3}p?s?$/.test(scheme) && scheme.length > 2) return ['invalid', `${scheme}: is neither http: nor https:`];
  return ['unknown-scheme'];
}

/** An address that a browser shows, and MLflow's client cannot use. */
export interface MisplacedUri {
  readonly of: "a page in MLflow's UI" | "MLflow's API";
  /** The tracking URI that is meant, fit for messages. */
  readonly server: string;
}

/**
 * Of `https://mlflow.example.com/#/experiments/3`: `https://mlflow.example.com`. The runtime judges the same
 * (server/client_settings.py); both test suites read test/fixtures/tracking-uris.json.
 */
export function misplacedUri(uri: string): MisplacedUri | undefined {
  // After an @ it may be a part of a password.
  const page = /^(https?:\/\/[^#?]*?)\/?(?:\?[^#]*)?#(?:\/[^@]*)?$/i.exec(uri)?.[1];
  if (page !== undefined) return { of: "a page in MLflow's UI", server: redactAddresses(page) };
  const api = /^(https?:\/\/[^#?]*?)\/(?:ajax-)?api\/\d\.\d(?:\/[^@]*)?$/i.exec(uri)?.[1];
  return api === undefined ? undefined : { of: "MLflow's API", server: redactAddresses(api) };
}

/** The host of a server's URI, as `URL.hostname` gives it; `undefined` where it has none. */
export function hostOf(uri: string): string | undefined {
  try {
    // http is spared by the parser where other schemes leave the host as it was written (LOCALHOST, 0x7f.1).
    const { hostname } = new URL(uri.trim().replace(/^[^:]+:/, 'http:'));
    return hostname === '' ? undefined : hostname;
  } catch {
    return undefined;
  }
}

function kindOfServer(text: string, afterScheme: string, kind: 'remote' | 'database'): [TrackingUriKind, string?] {
  if (!afterScheme.startsWith('//')) return ['invalid', '// is missing after the scheme'];
  const host = hostOf(text);
  if (host === undefined) return ['invalid', 'it is malformed'];
  if (/^[^:]+:\/\/(?:[^/@]*@)?(?:[/:?#]|$)/.test(text))
    return kind === 'database' ? ['database'] : ['invalid', 'the host is missing'];
  if (HOST_GATEWAYS.has(host.replace(/\.$/, ''))) return ['host-gateway'];
  return isLoopbackHost(host) ? ['loopback'] : [kind];
}
