import { messageOf, systemCodeOf } from '../errors.js';
import { redactText } from '../secrets/redaction.js';

/**
 * Why a server gave no response. Each has a fix of its own, so each gets a sentence of its own. The runtime tells them
 * apart by the same names (templates/runtime/kdeploy_runtime/network/failure.py).
 */
export type ConnectionProblem =
  | 'unknown-host'
  | 'name-service'
  | 'refused'
  | 'unreachable'
  | 'timeout'
  | 'reset'
  | 'certificate-expired'
  | 'certificate-not-yet-valid'
  | 'certificate-of-another-host'
  | 'certificate-of-unknown-authority'
  | 'certificate-invalid'
  | 'client-certificate'
  | 'not-https'
  | 'not-http'
  /** Found by asking: a server that does not respond to plain HTTP, and does to TLS. */
  | 'expects-https'
  | 'proxy'
  | 'other';

const PROBLEMS: Readonly<Record<string, ConnectionProblem>> = {
  ENOTFOUND: 'unknown-host',
  EAI_AGAIN: 'name-service',
  ECONNREFUSED: 'refused',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  EHOSTDOWN: 'unreachable',
  ETIMEDOUT: 'timeout',
  UND_ERR_CONNECT_TIMEOUT: 'timeout',
  UND_ERR_HEADERS_TIMEOUT: 'timeout',
  UND_ERR_BODY_TIMEOUT: 'timeout',
  ECONNRESET: 'reset',
  EPIPE: 'reset',
  ERR_STREAM_PREMATURE_CLOSE: 'reset',
  UND_ERR_SOCKET: 'reset',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'reset',
  CERT_HAS_EXPIRED: 'certificate-expired',
  CERT_NOT_YET_VALID: 'certificate-not-yet-valid',
  ERR_TLS_CERT_ALTNAME_INVALID: 'certificate-of-another-host',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'certificate-of-unknown-authority',
  SELF_SIGNED_CERT_IN_CHAIN: 'certificate-of-unknown-authority',
  UNABLE_TO_GET_ISSUER_CERT: 'certificate-of-unknown-authority',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'certificate-of-unknown-authority',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'certificate-of-unknown-authority',
  CERT_REVOKED: 'certificate-invalid',
  CERT_SIGNATURE_FAILURE: 'certificate-invalid',
  CERT_UNTRUSTED: 'certificate-invalid',
  CERT_REJECTED: 'certificate-invalid',
  CERT_CHAIN_TOO_LONG: 'certificate-invalid',
  INVALID_CA: 'certificate-invalid',
  INVALID_PURPOSE: 'certificate-invalid',
  ERR_SSL_WRONG_VERSION_NUMBER: 'not-https',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'not-https',
  ERR_SSL_HTTP_REQUEST: 'not-https',
  EPROTO: 'not-https',
  UND_ERR_PRX_TLS: 'proxy',
};

/** TLS alerts of a server that wants to know who calls (RFC 8446, 6.2). */
const CLIENT_CERTIFICATE =
  /^ERR_SSL_\w*ALERT_(?:CERTIFICATE_REQUIRED|BAD_CERTIFICATE|CERTIFICATE_\w+|UNKNOWN_CA|HANDSHAKE_FAILURE)$/;

/** A proxy that cannot be reached, or that lets nothing through: its status, or the system's code, stands in `code`. */
export class ProxyFailure extends Error {
  readonly code: string;

  constructor(reason: string, cause?: Error) {
    super(`the proxy let nothing through (${reason})`, cause && { cause });
    this.name = 'ProxyFailure';
    this.code = `ERR_PROXY_${reason}`;
  }
}

/** Judges what fetch threw: its own message is always "fetch failed", the reason is in the cause's code. */
export function connectionProblem(error: unknown): ConnectionProblem {
  if (error instanceof Error && error.name === 'TimeoutError') return 'timeout';
  const code = systemCodeOf(error) ?? '';
  // llhttp's: something answered, and not in HTTP.
  if (code.startsWith('HPE_')) return 'not-http';
  if (code.startsWith('ERR_PROXY_')) return 'proxy';
  return PROBLEMS[code] ?? (CLIENT_CERTIFICATE.test(code) ? 'client-certificate' : 'other');
}

/** What is wrong, as what follows the name of the server in a sentence, and what to do; the runtime has the same words. */
export const SENTENCES: Readonly<Record<ConnectionProblem, readonly [predicate: string, remedy: string]>> = {
  'unknown-host': ['cannot be found: its host name does not resolve', 'check the host name in the address'],
  'name-service': ['cannot be found: the DNS lookup failed', 'check the DNS of this network'],
  refused: ['refused the connection', 'check that the server is running, and its port'],
  unreachable: ['is not reachable: there is no route to it', 'check the network, or the VPN'],
  timeout: ['did not respond in time', 'check that the server is running and can be reached from here'],
  reset: ['closed the connection without a response', 'check the server, or the proxy in front of it'],
  'certificate-expired': ['has a certificate that has expired', "renew the server's certificate"],
  'certificate-not-yet-valid': [
    'has a certificate that is not valid yet',
    'check the clock of this machine and of the server',
  ],
  'certificate-of-another-host': [
    'has a certificate for another host name',
    'use a host name that the certificate was issued for',
  ],
  'certificate-of-unknown-authority': [
    'has a certificate from an authority that is not trusted',
    'set {bundle} to the CA certificate of the server',
  ],
  'certificate-invalid': ['has an invalid certificate', "have the server's certificate replaced"],
  'client-certificate': [
    'requires a client certificate, or rejected the one that was sent',
    'set MLFLOW_TRACKING_CLIENT_CERT_PATH to a file with the client certificate and its key',
  ],
  'not-https': ['does not support HTTPS', 'write http:// in the address, or use the port that supports HTTPS'],
  'not-http': ['does not respond with HTTP', 'check the port in the address'],
  'expects-https': ['expects HTTPS', 'write https:// in the address'],
  proxy: ['cannot be reached through the proxy', 'check HTTP_PROXY, HTTPS_PROXY and NO_PROXY'],
  other: ['cannot be reached', 'check the address and the network'],
};

/** The variables that a client takes the authorities from, for a remedy. */
export const BUNDLE_OF_REQUESTS = 'REQUESTS_CA_BUNDLE';

export interface ConnectionFailure {
  readonly problem: ConnectionProblem;
  /** `refused the connection` */
  readonly predicate: string;
  readonly remedy: string;
}

/** What to say of an error. What no sentence is known for keeps the error's own words; no secret is in them. */
export function connectionFailure(
  error: unknown,
  environment: NodeJS.ProcessEnv,
  { bundle = BUNDLE_OF_REQUESTS, secrets = [] as readonly string[] } = {},
): ConnectionFailure {
  return sentenceOf(connectionProblem(error), environment, bundle, () => redactText(innermostWords(error), secrets));
}

/** The same of a problem that is known already. */
export function sentenceOf(
  problem: ConnectionProblem,
  environment: NodeJS.ProcessEnv,
  bundle = BUNDLE_OF_REQUESTS,
  words?: () => string,
): ConnectionFailure {
  const [predicate, remedy] = SENTENCES[problem];
  const hasOwnWords = words !== undefined && (problem === 'other' || problem === 'certificate-invalid');
  // Programs that use OpenSSL's defaults read these; requests does not.
  const ignored = ['SSL_CERT_FILE', 'SSL_CERT_DIR'].find((name) => (environment[name] ?? '') !== '');
  const isUntrusted = problem === 'certificate-of-unknown-authority' && ignored !== undefined;
  return {
    problem,
    predicate: hasOwnWords ? `${predicate} (${words()})` : predicate,
    remedy: `${remedy.replace('{bundle}', bundle)}${isUntrusted ? `; MLflow's client does not read ${ignored}` : ''}`,
  };
}

/** Of an error with causes, the words of the last; of a host with several addresses, those of the first address. */
export function innermostWords(error: unknown): string {
  let current = error;
  for (;;) {
    if (current instanceof AggregateError && current.errors.length > 0) current = current.errors[0];
    else if (current instanceof Error && current.cause instanceof Error) current = current.cause;
    else break;
  }
  const words = messageOf(current).trim();
  return words === '' ? (systemCodeOf(current) ?? 'no reason is given') : words;
}
