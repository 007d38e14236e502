import { KdeployError } from '../../errors.js';
import type { RegistryError } from './registry-error.js';

/**
 * The registry understood, and does not want it: a type that it does not know, a blob that is empty. Asking again changes
 * nothing. Who pushes something that an image can do without (an SBOM) goes on without it, and says why; what a registry
 * takes is learnt from such answers, not from a list of hosts (ocx-sh/ocx#480, fluxcd/flux2#3724, oras-project/oras#260).
 */
export class NotTaken extends Error {
  constructor(
    message: string,
    /** The answer's; `undefined` where it is the place that is taken. */
    readonly status?: number,
  ) {
    super(message);
    this.name = 'NotTaken';
  }
}

/** A refusal's reason: for good, in the registry's words, or for now. */
export function reasonOf(error: RegistryError): Error {
  return error.temporary() ? error : new NotTaken(error.message, error.status);
}

/** What to do about a permanent refusal. A registry that takes no pushes answers 405: a mirror, or one under maintenance. */
export function notTakenHint({ status }: Pick<RegistryError, 'status'>): string {
  return status === 405
    ? 'this registry takes no pushes: it is a mirror, or read-only at the moment; push to another one, or ask its administrator'
    : 'fix what the registry reports, then push again';
}

/** The reason, where a push failed for good by what the registry does not take; `undefined` for any other error. */
export function notTaken(error: unknown): NotTaken | undefined {
  return error instanceof KdeployError && error.cause instanceof NotTaken ? error.cause : undefined;
}
