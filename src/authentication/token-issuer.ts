import { KdeployError } from '../errors.js';
import { connectionFailure } from '../network/failure.js';
import { redactText } from '../secrets/redaction.js';
import type { Host } from './authentication.js';

const TIMEOUT_MILLISECONDS = 10_000;

/** Whoever issues tokens. */
export interface Issuer {
  readonly host: Host;
  /** The subject of a sentence: `Google (ACCOUNT, key in key.json)`. */
  readonly source: string;
  /** What to do where it gives nothing. */
  readonly hint?: string;
}

/**
 * The text of the answer of status 200. Throws KdeployError `credentials` with the issuer's own reason:
 * `error` and `error_description` of RFC 6749, or those of Google's APIs; nothing else of an answer is shown.
 */
export async function askIssuer(
  { host, source, hint }: Issuer,
  url: string,
  request: RequestInit,
  secrets: readonly string[] = [],
): Promise<string> {
  let response: Response;
  let text: string;
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MILLISECONDS);
    response = await host.fetch(url, { ...request, redirect: 'manual', signal });
    text = await response.text();
  } catch (error) {
    if (error instanceof KdeployError) throw error;
    const { predicate, remedy } = connectionFailure(error, host.environment, { secrets });
    throw new KdeployError('credentials', `${source} ${predicate}`, { hint: hint ?? remedy });
  }
  if (response.status !== 200) {
    const said = redactText(reasonIn(parse(text)), secrets);
    const message = `${source} rejected the token request (HTTP ${response.status}${said === '' ? '' : `, ${said}`})`;
    throw new KdeployError('credentials', message, { ...(hint !== undefined && { hint }) });
  }
  return text;
}

/** The same as an object; of what is none, an empty one. */
export async function askIssuerForJson(...asked: Parameters<typeof askIssuer>): Promise<Record<string, unknown>> {
  return parse(await askIssuer(...asked));
}

function reasonIn({ error, error_description: description }: Record<string, unknown>): string {
  const { status, message } = (typeof error === 'object' && error !== null ? error : {}) as Record<string, unknown>;
  return [error, description, status, message].filter((part) => typeof part === 'string').join(': ');
}

function parse(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : {};
  } catch {
    return {};
  }
}
