import { KdeployError } from '../../../errors.js';
import { SENTENCES, type ConnectionProblem } from '../../../network/failure.js';
import { ConnectionError } from '../../../places/registry/connection-error.js';

/** A server's answer that is not the file. Internal: callers see a KdeployError. */
export class Refusal extends Error {
  attempts = 1;

  constructor(
    readonly status: number,
    /** Where it came from, redirects followed. */
    readonly host: string,
    readonly retryAfterMs: number | undefined,
    /** Who knew the login that was sent last; `undefined`: none was known. */
    readonly source: string | undefined,
  ) {
    super(`${host} returned status ${status}`);
    this.name = 'Refusal';
  }

  /** Whether the same request may succeed a little later. */
  temporary(): boolean {
    return [408, 429, 500, 502, 503, 504].includes(this.status);
  }
}

const LOGIN =
  'give them to uv: UV_INDEX_NAME_USERNAME and UV_INDEX_NAME_PASSWORD for the index NAME, an entry of the host in ~/.netrc, or UV_KEYRING_PROVIDER=subprocess and a user name in the URL of the index';

/** What a download failed with, in the user's words; any other error as it is. */
export function explainDownload(error: unknown, filename: string): unknown {
  if (error instanceof ConnectionError) return unreachable(error, filename);
  return error instanceof Refusal ? refused(error, filename) : error;
}

function refused(error: Refusal, filename: string): KdeployError {
  const { status, host, source, attempts, retryAfterMs } = error;
  if (status === 401 || status === 403) {
    const why =
      source === undefined
        ? `${host} requires credentials for ${filename}, but none were found`
        : `${host} rejected the credentials from ${source} for ${filename}`;
    return new KdeployError('credentials', `${why} (status ${status})`, { cause: error, hint: LOGIN });
  }
  if (status === 404 || status === 410) {
    const isNobody = source === undefined;
    return new KdeployError(
      'build-failed',
      `${host} does not have ${filename}, which the lock names (status ${status})`,
      {
        cause: error,
        hint: `lock the requirements again${isNobody ? '; if the index is private, it may say so to everybody whom it does not know' : ''}`,
      },
    );
  }
  const times = attempts > 1 ? ` (tried ${attempts} times)` : '';
  if (status === 429) {
    const wait = retryAfterMs === undefined ? '' : `; it asks to wait ${Math.ceil(retryAfterMs / 1000)} s`;
    return new KdeployError('index-unreachable', `the rate limit of ${host} is exceeded for ${filename}${wait}`, {
      cause: error,
      hint: 'wait, and try again',
    });
  }
  return new KdeployError('index-unreachable', `${host} returned status ${status} for ${filename}${times}`, {
    cause: error,
    hint: error.temporary() ? 'try again later' : 'check the URL of the file in the lock',
  });
}

/** What to do about an index, where it is something else than for other servers. */
const HINTS: Partial<Readonly<Record<ConnectionProblem, string>>> = {
  'certificate-of-unknown-authority':
    'if it has a certificate authority of your own, set SSL_CERT_FILE=/path/to/ca.pem',
  'client-certificate': 'kdeploy sends no client certificate to an index; use one that accepts a password or a token',
  timeout: 'check the network, a VPN or a proxy, or try again later',
  reset: 'try again later',
};

function unreachable(error: ConnectionError, filename: string): KdeployError {
  const [predicate, remedy] = SENTENCES[error.problem];
  const times = error.attempts > 1 ? ` (tried ${error.attempts} times)` : '';
  return new KdeployError('index-unreachable', `${error.host} ${predicate}${times} (needed for ${filename})`, {
    cause: error,
    hint: HINTS[error.problem] ?? remedy,
  });
}

/** The bytes are not those that the lock names. */
export function otherFile(filename: string, from: string, found: string, locked: string): KdeployError {
  return new KdeployError(
    'build-failed',
    `${filename} from ${from} is not the file in the lock: ${found}, the lock has ${locked}`,
    {
      hint: 'it was replaced after it was locked, or the server, or a proxy in front of it, is not to be trusted: find out which before you lock again',
    },
  );
}
