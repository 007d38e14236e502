import { redactText } from '../../secrets/redaction.js';
import { redactUrl } from './redact.js';

/** One entry of the registry's `errors` list (distribution spec, "Error Codes"). */
export interface RegistryProblem {
  readonly code: string;
  readonly message: string;
}

export interface RegistryErrorFields {
  readonly status: number;
  readonly method: string;
  readonly url: string;
  readonly problems: readonly RegistryProblem[];
  /** What Retry-After asks for, if it does. */
  readonly retryAfterMs?: number | undefined;
}

/** Codes that say "not now" (distribution spec; UNAVAILABLE is distribution's own). */
const TEMPORARY_CODES = new Set(['TOOMANYREQUESTS', 'UNAVAILABLE']);
const TEMPORARY_STATUSES = new Set([408, 429, 500, 502, 503, 504]);

/** The registry answered, but not with what was asked for. Internal: callers of the client see a KdeployError. */
export class RegistryError extends Error {
  readonly status: number;
  readonly method: string;
  /** Redacted. */
  readonly url: string;
  readonly problems: readonly RegistryProblem[];
  readonly retryAfterMs: number | undefined;
  /** How many times it was tried; the transport counts. */
  attempts = 1;

  constructor({ status, method, url, problems, retryAfterMs }: RegistryErrorFields) {
    super(wordsOf(status, method, url, problems));
    this.name = 'RegistryError';
    this.status = status;
    this.method = method;
    this.url = redactUrl(url);
    this.problems = problems;
    this.retryAfterMs = retryAfterMs;
  }

  /** Whether the same request may succeed a little later. */
  temporary(): boolean {
    return TEMPORARY_STATUSES.has(this.status) || this.problems.some(({ code }) => TEMPORARY_CODES.has(code));
  }

  /** The host that answered: after a redirect not the registry's. */
  get host(): string {
    return new URL(this.url).host;
  }
}

function wordsOf(status: number, method: string, url: string, problems: readonly RegistryProblem[]): string {
  // Not imported: loading node:http takes 3 % of the start of every command.
  const { STATUS_CODES } = process.getBuiltinModule('node:http');
  const answer = `${method} ${redactUrl(url)}: ${status} ${STATUS_CODES[status] ?? ''}`.trimEnd();
  if (problems.length > 0) {
    return `${answer}: ${problems.map(({ code, message }) => [code, message].filter((word) => word !== '').join(': ')).join('; ')}`;
  }
  return method === 'HEAD' ? `${answer} (responses to HEAD requests carry no message)` : answer;
}

/**
 * What the body of a refusal says: the registry's `errors`, or the few other forms of token servers. Pages for people
 * (HTML of a proxy, a login form) are not quoted, only named.
 */
export function readProblems(
  body: Uint8Array,
  contentType: string | null,
  secrets: readonly string[],
): RegistryProblem[] {
  const text = Buffer.from(body).toString('utf8').trim();
  if (text === '') return [];
  const value = parseJson(text);
  if (isObject(value)) return problemsIn(value, secrets).slice(0, 5);
  if (text.startsWith('<') || /html|xml/i.test(contentType ?? '')) {
    return [{ code: '', message: 'the response is an HTML page: a proxy or another server may have answered' }];
  }
  if (value === undefined && /^text\/plain|^application\/json/i.test(contentType ?? '')) {
    return [{ code: '', message: redactText(text, secrets) }];
  }
  return [];
}

function problemsIn(value: Readonly<Record<string, unknown>>, secrets: readonly string[]): RegistryProblem[] {
  if (Array.isArray(value.errors)) {
    return value.errors.filter(isObject).map(({ code, message }) => ({
      code: typeof code === 'string' && /^\w{1,40}$/.test(code) ? code : '',
      message: typeof message === 'string' ? redactText(message, secrets) : '',
    }));
  }
  // OAuth2 (RFC 6749, 5.2), Docker Hub's token server, and others.
  const words = [value.error_description, value.details, value.message, value.error].find(
    (field): field is string => typeof field === 'string',
  );
  return words === undefined ? [] : [{ code: '', message: redactText(words, secrets) }];
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
