import { systemCodeOf } from '../../../errors.js';
import { programToStart } from '../../../find-program.js';
import { redactText } from '../../../secrets/redaction.js';
import type { CredentialFailure, Credentials } from './credentials.js';

export interface HelperOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

/** Fixed words by which every helper says "I have nothing" (docker-credential-helpers, credentials/error.go). */
const NOT_FOUND = ['credentials not found in native keychain', 'no credentials server URL', 'no credentials username'];

/** A reply is a few hundred bytes. */
const MAXIMUM_REPLY_BYTES = 1024 * 1024;

/**
 * Runs `docker-credential-<name> get` with the server on stdin; `undefined` when it has no entry. What the helper writes
 * to stdout is the password, so nothing of it ever gets into a reason; its stderr does, redacted.
 */
export async function askHelper(
  name: string,
  server: string,
  { env, timeoutMs, signal }: HelperOptions,
): Promise<{ credentials: Credentials } | CredentialFailure | undefined> {
  // The name comes from a file and becomes a program's name: no path may hide in it.
  if (!/^[\w.-]+$/.test(name)) return { failure: 'that is not a valid name for a credential helper' };
  const program = `docker-credential-${name}`;
  const started = programToStart(program, env);
  if (started === undefined) return { failure: `${program} is not on PATH` };

  // Loaded here: most registries are asked without a helper.
  const { execa } = await import('execa');
  const subprocess = execa(started, ['get'], {
    input: server,
    env,
    extendEnv: false,
    reject: false,
    maxBuffer: MAXIMUM_REPLY_BYTES,
    ...(signal === undefined ? {} : { cancelSignal: signal }),
  });
  const deadline = new AbortController();
  const timer = setTimeout(() => {
    deadline.abort();
    subprocess.kill('SIGKILL');
    // A grandchild that survives would hold the pipes open, and with them this call.
    subprocess.stdout.destroy();
    subprocess.stderr.destroy();
  }, timeoutMs);
  const result = await subprocess.finally(() => clearTimeout(timer));

  if (deadline.signal.aborted) return { failure: `${program} did not answer within ${timeoutMs / 1000} s` };
  if (result.exitCode === undefined) {
    const code = systemCodeOf(result.cause);
    if (code === 'ENOENT') return { failure: `${program} is not on PATH` };
    if (code === 'EACCES') return { failure: `${program} is not executable` };
    return { failure: `${program} exited without a reply (${result.signal ?? code ?? 'unknown reason'})` };
  }
  if (result.exitCode !== 0) {
    if (NOT_FOUND.includes(result.stdout.trim())) return undefined;
    const words = redactText(lastLine(result.stderr));
    return { failure: `${program} failed with exit code ${result.exitCode}${words === '' ? '' : `: ${words}`}` };
  }
  return readReply(program, result.stdout);
}

function readReply(program: string, stdout: string): { credentials: Credentials } | CredentialFailure | undefined {
  let reply: unknown;
  try {
    reply = JSON.parse(stdout);
  } catch {
    return { failure: `${program} did not reply with valid JSON` };
  }
  if (typeof reply !== 'object' || reply === null || !('Username' in reply) || !('Secret' in reply)) {
    return { failure: `${program} replied without Username and Secret` };
  }
  const { Username: username, Secret: secret } = reply;
  if (typeof username !== 'string' || typeof secret !== 'string') {
    return { failure: `${program} replied with a Username or Secret that is not a string` };
  }
  // Some helpers say "nothing" with empty fields and exit code 0.
  if (secret === '') return undefined;
  return username === '<token>'
    ? { credentials: { kind: 'identity-token', token: secret } }
    : { credentials: { kind: 'password', username, password: secret } };
}

function lastLine(text: string): string {
  return text.trim().split(/\r?\n/).at(-1) ?? '';
}
