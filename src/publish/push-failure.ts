import { engineReason, statusOf } from '../engine/images.js';
import { EngineStreamError } from '../engine/message-stream.js';
import { KdeployError } from '../errors.js';
import type { ImageReference } from '../image/reference.js';
import { loginHint } from '../registry/explain.js';

/**
 * The engine passes on a registry's refusal as prose, so its words are recognised here and nowhere else
 * (moby: distribution/push_v2.go, distribution/errors.go; docker/distribution: registry/client/errors.go).
 * A status is a number on its own: images are tagged with build numbers, and `app:403` says nothing about access.
 */
type PushFailure = 'denied' | 'temporary' | 'unreachable' | 'engine-gone' | 'other';

export function classifyPushFailure(error: unknown): PushFailure {
  const reason = engineReason(error);
  if (/unauthorized|denied|no basic auth credentials|authentication required|(?<![:/.-])\b40[13]\b/i.test(reason))
    return 'denied';
  if (
    /toomanyrequests|too many requests|(?<![:/.-])\b(429|50[0234])\b|internal server error|service unavailable|bad gateway|unknown: unknown error/i.test(
      reason,
    )
  ) {
    return 'temporary';
  }
  if (
    /connection reset|broken pipe|unexpected EOF|\bEOF\b|i\/o timeout|TLS handshake timeout|use of closed network connection|request canceled/i.test(
      reason,
    )
  ) {
    return 'temporary';
  }
  if (
    /no such host|connection refused|dial tcp|no route to host|x509|server gave HTTP response|name resolution/i.test(
      reason,
    )
  ) {
    return 'unreachable';
  }
  if (!(error instanceof EngineStreamError) && statusOf(error) === undefined) return 'engine-gone';
  return 'other';
}

/** Whether trying again may help. */
export function isTemporary(error: unknown): boolean {
  return classifyPushFailure(error) === 'temporary';
}

export interface RefusalContext {
  readonly reference: ImageReference;
  /** Where credentials were looked for, and why a source that should have had them did not: a sentence each. */
  readonly lookedFor: readonly string[];
  readonly attempts: number;
}

/** The error the user reads; the registry's own words are its cause. */
export function pushFailure(error: unknown, { reference, lookedFor, attempts }: RefusalContext): KdeployError {
  const cause = new Error(engineReason(error), { cause: error });
  const name = reference.toFamiliarString();
  const { registry } = reference;
  switch (classifyPushFailure(error)) {
    case 'denied':
      return new KdeployError(
        'push-failed',
        `${registry} denied the push of ${name}; credentials: ${lookedFor.join('; ')}`,
        {
          cause,
          hint: `${loginHint(registry)}, and make sure that you have push access to the repository`,
        },
      );
    case 'unreachable':
      return new KdeployError('push-failed', `the registry ${registry} cannot be reached`, {
        cause,
        hint: "check its name and your network; a registry without TLS must be listed in the engine's insecure-registries",
      });
    case 'temporary':
      return new KdeployError(
        'push-failed',
        `${registry} did not accept ${name}${attempts > 1 ? ` (tried ${attempts} times)` : ''}`,
        {
          cause,
          hint: 'push again in a moment: layers that have arrived are not sent again',
        },
      );
    case 'engine-gone':
      return new KdeployError('push-failed', `the connection to the Docker Engine was lost while pushing ${name}`, {
        cause,
        hint: 'check that it is running again with `docker info`, then push again',
      });
    case 'other':
      return new KdeployError('push-failed', `${name} could not be pushed`, {
        cause,
        hint: 'fix what the registry reports, then push again',
      });
  }
}
