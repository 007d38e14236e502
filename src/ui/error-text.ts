import { publicFinding, type PublicFinding } from '../finding.js';
import { ConfigurationError, type ConfigurationProblem } from '../config/settings/problem.js';
import { KdeployError, messageOf, type ErrorCode, type Place } from '../errors.js';
import { findingsText } from './findings-text.js';
import { placeText } from './visible.js';
import { inSource } from './source-stack.js';

export interface ErrorTextOptions {
  /** Shows the stacks as well, of the error and of what caused it. */
  readonly verbose: boolean;
}

/**
 * An error as the user reads it: what failed, why, the last lines of the tool that failed, what to do next. An error
 * that kdeploy did not throw on purpose is a bug, and says so.
 */
export function errorText(error: unknown, { verbose }: ErrorTextOptions): string {
  if (!(error instanceof KdeployError)) return unexpectedErrorText(error);
  const place = error.place ? `${placeText(error.place)}: ` : '';
  const lines = [`Error: ${error.message.startsWith(place) ? '' : place}${error.message}`];
  const reason = reasonOf(error);
  if (reason !== undefined) lines.push(`  why: ${reason}`);
  if (error.output.length > 0) lines.push('  last lines of its output:', ...error.output.map((line) => `  | ${line}`));
  if (error.findings.length > 0) lines.unshift(findingsText(error.findings));
  if (error.hint !== undefined) lines.push(`  next: ${error.hint}`);
  if (verbose) lines.push(...stacks(error));
  return lines.join('\n');
}

/** What `--json` prints on stdout if a command fails. */
export interface ErrorOutput {
  readonly version: 1;
  readonly error: {
    /** `unexpected` is a bug in kdeploy. */
    readonly code: ErrorCode | 'unexpected';
    readonly message: string;
    readonly exitCode: number;
    /** Why: the words of the underlying error, unless the message contains them. */
    readonly reason?: string;
    /** What to do next. */
    readonly hint?: string;
    readonly place?: Place;
    /** The last lines of the output of the tool that failed. */
    readonly output?: readonly string[];
    /** Where the error is about what was found. */
    readonly findings?: readonly PublicFinding[];
    /** Only with the code `configuration`: everything that is wrong with it. */
    readonly problems?: readonly ConfigurationProblem[];
  };
}

/** The same as data, for `--json`: stable keys, no stack. */
export function errorJson(error: unknown): ErrorOutput {
  if (!(error instanceof KdeployError)) {
    return { version: 1, error: { code: 'unexpected', message: messageOf(error), exitCode: 1 } };
  }
  const { code, message, hint, place, output, findings, exitCode } = error;
  const reason = reasonOf(error);
  return {
    version: 1,
    error: {
      code,
      message,
      exitCode,
      ...(reason !== undefined && { reason }),
      ...(hint !== undefined && { hint }),
      ...(place !== undefined && { place }),
      ...(output.length > 0 && { output }),
      ...(findings.length > 0 && { findings: findings.map(publicFinding) }),
      ...(error instanceof ConfigurationError && { problems: error.problems }),
    },
  };
}

/** The underlying words, unless the message has them already. */
function reasonOf(error: KdeployError): string | undefined {
  if (error.cause === undefined) return undefined;
  const reason = deepestMessage(error.cause);
  return reason === '' || error.message.includes(reason) ? undefined : reason;
}

/** fetch says "fetch failed", and keeps "connect ECONNREFUSED …" in its cause. */
function deepestMessage(cause: unknown): string {
  let current = cause;
  while (current instanceof Error && current.cause instanceof Error && hasWords(current.cause)) {
    current = current.cause;
  }
  if (current instanceof AggregateError && current.errors.length > 0) return messageOf(current.errors[0]);
  return withoutExcerpt(current, messageOf(current)).trim();
}

/** Node's AggregateError of a host with several addresses has none of its own, but those of its errors. */
function hasWords(error: Error): boolean {
  return error.message !== '' || error instanceof AggregateError;
}

function stacks(error: Error): string[] {
  const lines: string[] = [];
  for (let current: unknown = error; current instanceof Error; current = current.cause)
    lines.push(inSource(withoutExcerpt(current, current.stack ?? '')));
  return lines;
}

/** JSON.parse quotes what it could not read (`Unexpected token 'h', ..."rd": hunter2"... is not valid JSON`). */
function withoutExcerpt(error: unknown, words: string): string {
  return error instanceof SyntaxError
    ? words.replace(/, (?:\.\.\.)?".*"(?:\.\.\.)? is not valid JSON/s, ' in JSON')
    : words;
}

function unexpectedErrorText(error: unknown): string {
  const details = error instanceof Error ? inSource(error.stack ?? error.message) : String(error);
  return [
    `Error: unexpected error: ${messageOf(error)}`,
    '  next: this is a bug in kdeploy; please report it with the lines below',
    details,
  ].join('\n');
}
