/**
 * Why the answer to a call cannot be used: none came in time, the connection ended before it was complete, or it is not
 * one of an engine's.
 */
export type FaultKind = 'silent' | 'cut' | 'foreign';

/** A call that the engine neither did nor refused, as far as its answer tells. */
export class EngineFault extends Error {
  constructor(
    readonly kind: FaultKind,
    message: string,
    details: { readonly cause?: unknown; /** Of an answer that is not an engine's. */ readonly status?: number } = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'EngineFault';
    this.status = details.status;
  }

  readonly status: number | undefined;
}

/** By its name: what is imported late may be loaded a second time, with a class of its own (by tsx). */
export function isFault(error: unknown, ...kinds: FaultKind[]): error is EngineFault {
  if (!(error instanceof Error) || error.name !== 'EngineFault') return false;
  return kinds.length === 0 || ('kind' in error && kinds.includes(error.kind as FaultKind));
}

export function silence(milliseconds: number): EngineFault {
  return new EngineFault('silent', `the Docker engine does not answer (waited ${milliseconds / 1000} s)`);
}

/** What to do about a fault; `undefined` for an engine that refuses, which says why itself. */
export function faultHint(error: unknown): string | undefined {
  if (!isFault(error)) return undefined;
  switch (error.kind) {
    case 'silent':
      return 'restart Docker, or resume the machine that it runs on: `docker info` shows whether it answers again';
    case 'foreign':
      return 'something else answers in its place, such as a proxy or a login page: check DOCKER_HOST and `docker context ls`';
    case 'cut':
      return 'check that the engine is running with `docker info`, then try again';
  }
}
