import { systemCodeOf } from '../../errors.js';
import { connectionProblem, type ConnectionProblem } from '../../network/failure.js';
import { redactUrl } from './redact.js';

/** No answer, or only a part of one. Internal: callers of the client see a KdeployError. */
export class ConnectionError extends Error {
  readonly problem: ConnectionProblem;
  readonly method: string;
  /** Redacted. */
  readonly url: string;
  attempts = 1;

  constructor(problem: ConnectionProblem, method: string, url: string, cause: unknown) {
    const code = systemCodeOf(cause);
    const why = problem === 'other' ? misledOrGarbled(cause, code) : problem;
    super(`${method} ${redactUrl(url)}: ${why}${code === undefined ? '' : ` (${code})`}`);
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

/** An answer that leads nowhere; its words are ours, and can be shown. */
export class Misled extends Error {
  constructor(
    words:
      | 'the answer cannot be unpacked'
      | 'the redirects go in a circle'
      | 'redirected to an invalid address'
      | 'redirected from https to http',
  ) {
    super(words);
    this.name = 'Misled';
  }
}

/** Any error but the system's. Words that are not ours may contain anything, such as an address with a password. */
function misledOrGarbled(cause: unknown, code = ''): string {
  if (cause instanceof Misled) return cause.message;
  return /^(?:Z_|ERR_BROTLI_|ERR__ERROR_FORMAT)/.test(code) ? 'the answer cannot be unpacked' : 'other';
}

/** What was thrown on the way, as an error of ours. */
export function connectionErrorOf(error: unknown, method: string, url: string): ConnectionError {
  if (error instanceof ConnectionError) return error;
  return new ConnectionError(connectionProblem(error), method, url, error);
}
