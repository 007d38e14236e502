import { isLoopbackHost } from './loopback.js';

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
  /** `password`: the URI contains a secret; `user`: only a name comes before the @, which may be a token. */
  readonly credentials: 'none' | 'user' | 'password';
  /** The URI without secrets, fit for messages. */
  readonly redacted: string;
  /** For `invalid`: why. */
  readonly reason?: string;
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
  const [kind, reason] = kindOf(text);
  return {
    kind,
    credentials: credentialsIn(text),
    redacted: redactUri(text),
    ...(reason === undefined ? {} : { reason }),
  };
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

function credentialsIn(text: string): TrackingUri['credentials'] {
  if (SECRET_PARAMETER.test(text)) return 'password';
  const start = text.indexOf('://');
  const rest = start < 0 ? text : text.slice(start + 3);
  const authority = rest.split(/[/?#\\]/, 1)[0] ?? '';
  // `user:pa/ss@host`: an unescaped `/` in a password hides the `@`; better one warning too many than a leak.
  const at = authority.includes('@')
    ? authority.lastIndexOf('@')
    : authority.includes(':')
      ? rest.lastIndexOf('@')
      : -1;
  if (at <= 0) return 'none';
  const [, password = ''] = /^.*?(?::|%3a)(.*)$/is.exec(rest.slice(0, at)) ?? [];
  return password === '' ? 'user' : 'password';
}

const SECRET_WORD = 'token|passw|pwd|secret|api[-_]?key|signature|credential|private';
const SECRET_PARAMETER = new RegExp(`[?&;][^=&#\\s]{0,64}?(?:${SECRET_WORD})[^=&#\\s]{0,64}=[^&#\\s]`, 'i');
const SECRET_PARAMETERS = new RegExp(`([?&;][^=&#\\s]{0,64}?(?:${SECRET_WORD})[^=&#\\s]{0,64}=)[^&#\\s"']+`, 'gi');

/**
 * Text with whatever comes before the `@` of any URI in it replaced by `***`, and the values of query parameters with
 * secret names. Too much is taken rather than too little: an unescaped `/` or `@` in a password ends nothing.
 */
export function redactUri(text: string): string {
  const isOneUri = /^\s*[a-z][a-z0-9+.-]*:\/\//i.test(text) || !/\s/.test(text.trim());
  // A password with a space in it can only be told when the text is nothing but the URI.
  const pieces = isOneUri ? text.split(/([\r\n]+)/) : text.split(/(\s+)/);
  return pieces
    .map((piece) => redactPiece(piece, isOneUri))
    .join('')
    .replace(SECRET_PARAMETERS, '$1***');
}

function redactPiece(piece: string, isOneUri: boolean): string {
  const at = lastAt(piece);
  if (at < 0) return piece;
  const scheme = piece.indexOf('://');
  if (scheme >= 0 && scheme < at) return `${piece.slice(0, scheme + 3)}***${piece.slice(at)}`;
  // `user:password@host` without a scheme; in running text this shape is more often an image or an e-mail address.
  return isOneUri && piece.lastIndexOf(':', at) >= 0 ? `***${piece.slice(at)}` : piece;
}

/** The last `@` that is not the start of a digest: `name@sha256:…` is an image. */
function lastAt(piece: string): number {
  for (let at = piece.lastIndexOf('@'); at >= 0; at = at === 0 ? -1 : piece.lastIndexOf('@', at - 1)) {
    if (!/^@sha\d+:[0-9a-f]+/i.test(piece.slice(at, at + 80))) return at;
  }
  return -1;
}
