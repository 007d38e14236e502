import { faultHint, isFault } from '../places/engine/fault.js';
import { engineReason, statusOf } from '../places/engine/images.js';
import { EngineStreamError } from '../places/engine/message-stream.js';
import { KdeployError } from '../errors.js';
import type { ImageReference } from '../image/reference.js';
import { loginHint } from '../places/registry/explain.js';

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
      return new KdeployError('push-failed', lostEngine(error, name), {
        cause,
        hint: faultHint(error) ?? 'check that it is running again with `docker info`, then push again',
      });
    case 'other':
      return otherFailure(cause, name, registry);
  }
}

function lostEngine(error: unknown, name: string): string {
  if (isFault(error, 'foreign')) return `the answer to the push of ${name} is not a Docker engine's`;
  return isFault(error, 'silent')
    ? `the Docker engine stopped answering while pushing ${name}`
    : `the connection to the Docker Engine was lost while pushing ${name}`;
}

/** What registries and proxies in front of them say for good, in words that only their authors understand. */
const OTHER: readonly [words: RegExp, what: (name: string, registry: string) => string, hint: string][] = [
  [
    /stopped after \d+ redirects/,
    (_name, registry) => `${registry} redirects in a circle`,
    'check the address of the registry, and the proxy in front of it',
  ],
  [
    /invalid checksum digest (?:format|length)|unsupported digest algorithm|invalid character '<'|malformed HTTP/,
    (_name, registry) => `${registry} does not answer as a registry does`,
    'check its address, and whether a proxy or a login page answers in its place',
  ],
  [
    /(?<![:/.-])\b413\b|request entity too large/i,
    (name, registry) => `${registry} refused a layer of ${name} because it is too large`,
    'raise the limit of the proxy in front of the registry (nginx: client_max_body_size), or make the layer smaller',
  ],
  [
    /name unknown|repository .*(?:not found|does not exist)/i,
    (name, registry) => `${registry} has no repository for ${name}`,
    'create it in the registry, or correct image.name in kdeploy.yml',
  ],
  [
    /tag invalid|cannot be overwritten|immutable/i,
    (name) => `${name} exists already, and the registry does not let a tag be moved`,
    'push under another tag: `kdeploy build --tag …`',
  ],
  [
    /quota|storage limit/i,
    (name, registry) => `${registry} has no room left for ${name}`,
    'delete old images in the registry, or raise its quota',
  ],
  [
    /does not exist locally|tag does not exist/i,
    (name) => `${name} is no longer on the Docker Engine`,
    'build it again with `kdeploy build`',
  ],
];

function otherFailure(cause: Error, name: string, registry: string): KdeployError {
  const [, what, hint] = OTHER.find(([words]) => words.test(cause.message)) ?? [
    undefined,
    () => `${registry} refused ${name}`,
    'fix what the registry reports, then push again; if it reports nothing of use, see its own log',
  ];
  return new KdeployError('push-failed', what(name, registry), { cause, hint });
}
