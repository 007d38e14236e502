import { systemCodeOf } from '../../errors.js';
import { connectionProblem, innermostWords, type ConnectionProblem } from '../../network/failure.js';
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

/** What fetch gives no code for, or zlib's; other words may hold anything, such as an address with a password. */
function misledOrGarbled(cause: unknown, code = ''): string {
  if (code.startsWith('Z_')) return 'the answer cannot be unpacked';
  const words = innermostWords(cause);
  if (words === 'redirect count exceeded') return 'the redirects go in a circle';
  if (code === 'ERR_INVALID_URL' || words.startsWith('URL scheme must be')) return 'redirected to an invalid address';
  return 'other';
}

/** What fetch threw, as an error of ours. */
export function connectionErrorOf(error: unknown, method: string, url: string): ConnectionError {
  return new ConnectionError(connectionProblem(error), method, url, error);
}
