import { systemCodeOf } from '../errors.js';
import { redactUrl } from './redact.js';

/** Why no response came. Each has a fix of its own, so each gets a sentence of its own. */
export type ConnectionProblem =
  | 'unknown-host'
  | 'name-service'
  | 'refused'
  | 'unreachable'
  | 'timeout'
  | 'reset'
  | 'certificate'
  | 'not-https'
  | 'other';

const PROBLEMS: Readonly<Record<string, ConnectionProblem>> = {
  ENOTFOUND: 'unknown-host',
  EAI_AGAIN: 'name-service',
  ECONNREFUSED: 'refused',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  ETIMEDOUT: 'timeout',
  UND_ERR_CONNECT_TIMEOUT: 'timeout',
  UND_ERR_HEADERS_TIMEOUT: 'timeout',
  UND_ERR_BODY_TIMEOUT: 'timeout',
  ECONNRESET: 'reset',
  EPIPE: 'reset',
  UND_ERR_SOCKET: 'reset',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'reset',
  ERR_SSL_WRONG_VERSION_NUMBER: 'not-https',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'not-https',
  EPROTO: 'not-https',
  CERT_HAS_EXPIRED: 'certificate',
  CERT_NOT_YET_VALID: 'certificate',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'certificate',
  SELF_SIGNED_CERT_IN_CHAIN: 'certificate',
  UNABLE_TO_GET_ISSUER_CERT: 'certificate',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'certificate',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'certificate',
  ERR_TLS_CERT_ALTNAME_INVALID: 'certificate',
};

/** No answer, or only a part of one. Internal: callers of the client see a KdeployError. */
export class ConnectionError extends Error {
  readonly problem: ConnectionProblem;
  readonly method: string;
  /** Redacted. */
  readonly url: string;
  attempts = 1;

  constructor(problem: ConnectionProblem, method: string, url: string, cause: unknown) {
    const code = systemCodeOf(cause);
    super(`${method} ${redactUrl(url)}: ${problem}${code === undefined ? '' : ` (${code})`}`);
    this.name = 'ConnectionError';
    this.problem = problem;
    this.method = method;
    this.url = redactUrl(url);
  }

  get host(): string {
    return new URL(this.url).host;
  }

  /**
   * Whether trying again soon makes sense: a connection that broke, or a name server that is busy. A refused one has
   * nobody listening, and after a timeout the user has waited long enough.
   */
  temporary(): boolean {
    return this.problem === 'reset' || this.problem === 'name-service';
  }
}

/** Judges what fetch threw: its own message is always "fetch failed", the reason is in the cause's code. */
export function connectionErrorOf(error: unknown, method: string, url: string): ConnectionError {
  const code = systemCodeOf(error);
  return new ConnectionError(code === undefined ? 'other' : (PROBLEMS[code] ?? 'other'), method, url, error);
}
