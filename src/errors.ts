import type { Finding } from './finding.js';
import type { Place } from './place.js';

export type { Place } from './place.js';

/**
 * What can go wrong, as a closed set. Each code belongs to one exit code, so that a script that calls kdeploy can tell
 * "fix your project" from "the server is down" without reading prose.
 */
export type ErrorCode =
  | 'findings'
  | 'usage'
  | 'not-a-project'
  | 'configuration'
  | 'image-not-found'
  | 'image-unusable'
  | 'tool-missing'
  | 'engine-unreachable'
  | 'registry-unreachable'
  | 'index-unreachable'
  | 'mlflow-unreachable'
  | 'credentials'
  | 'build-failed'
  | 'bake-failed'
  | 'self-test-failed'
  | 'container-failed'
  | 'push-failed'
  | 'push-refused'
  | 'unfinished'
  | 'interrupted';

/** The documented exit codes (docs/guide.md, "Exit codes"). */
export const EXIT_CODES: Readonly<Record<ErrorCode, number>> = {
  findings: 1,
  usage: 2,
  'not-a-project': 2,
  configuration: 2,
  'image-not-found': 2,
  'image-unusable': 2,
  'tool-missing': 3,
  'engine-unreachable': 3,
  'registry-unreachable': 3,
  'index-unreachable': 3,
  'mlflow-unreachable': 3,
  credentials: 3,
  'build-failed': 4,
  'bake-failed': 4,
  'self-test-failed': 4,
  'container-failed': 4,
  'push-failed': 5,
  'push-refused': 5,
  unfinished: 3,
  interrupted: 130,
};

export interface ErrorDetails {
  /** What to do next: a sentence, with a command where there is one. */
  readonly hint?: string;
  readonly place?: Place;
  /** The underlying error; its message is shown as the reason, its stack with --verbose. */
  readonly cause?: unknown;
  /** The last lines of a tool's own output, already stripped of secrets. */
  readonly output?: readonly string[];
  /** What the checks found, for code `findings`. */
  readonly findings?: readonly Finding[];
  /** Overrides the code's exit code; only `kdeploy run` does, to pass on what the container returned. */
  readonly exitCode?: number;
}

/**
 * The one error that kdeploy throws on purpose: what failed (message), why (cause), what to do next (hint).
 * Printed once, by the command; anything else that reaches the command is a bug and says so.
 * None of its fields may ever contain a secret.
 */
export class KdeployError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly place: Place | undefined;
  readonly output: readonly string[];
  readonly findings: readonly Finding[];
  readonly exitCode: number;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'KdeployError';
    this.code = code;
    this.hint = details.hint;
    this.place = details.place;
    this.output = details.output ?? [];
    this.findings = details.findings ?? [];
    this.exitCode = details.exitCode ?? EXIT_CODES[code];
  }
}

/** The words of an unknown error: its message, else itself as text. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The system code (ENOENT, ECONNREFUSED, …) of an error or of the errors that caused it. */
export function systemCodeOf(error: unknown): string | undefined {
  for (let current = error; current instanceof Error; current = current.cause) {
    // Ours has a code of another kind.
    if (!(current instanceof KdeployError) && 'code' in current && typeof current.code === 'string')
      return current.code;
    if (current instanceof AggregateError && current.errors.length > 0) return systemCodeOf(current.errors[0]);
  }
  return undefined;
}
