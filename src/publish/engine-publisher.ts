import type { EnginePushes, PushProgress } from '../places/engine/pushes.js';
import { KdeployError } from '../errors.js';
import type { ImageReference } from '../image/reference.js';
import type { Step } from '../progress.js';
import { systemClock, type Clock } from '../places/registry/clock.js';
import type { CredentialLookup } from '../places/registry/credentials/credentials.js';
import { engineAuthHeader } from '../places/registry/credentials/engine.js';
import { registryBaseUrl } from '../places/registry/endpoint.js';
import { DEFAULT_RETRY, withRetry, type RetryPolicy } from '../places/registry/retry.js';
import { isTemporary, pushFailure } from './push-failure.js';
import type { Publisher } from './publisher.js';

export interface EnginePublisherOptions {
  readonly clock?: Clock;
  readonly random?: () => number;
  readonly policy?: RetryPolicy;
}

export interface EnginePublisherParts {
  readonly pushes: Pick<EnginePushes, 'push' | 'digestInRegistry'>;
  readonly credentials: (reference: ImageReference) => Promise<CredentialLookup>;
  /** Asks the registry from this machine, where the engine cannot do it; throws KdeployError. */
  readonly askRegistry: (reference: ImageReference, lookup: CredentialLookup) => Promise<string | undefined>;
}

/** Pushes through the Docker Engine. */
export class EnginePublisher implements Publisher {
  constructor(
    private readonly parts: EnginePublisherParts,
    private readonly options: EnginePublisherOptions = {},
  ) {}

  async publish(reference: ImageReference, step: Step, signal: AbortSignal): Promise<string> {
    const lookup = await this.parts.credentials(reference);
    const authentication = engineAuthHeader(lookup);
    const name = reference.withoutTag().toFamiliarString();
    const tag = reference.tag ?? 'latest';
    let saidRetry = false;
    const pushed = await this.attempt(reference, lookup, signal, () =>
      this.parts.pushes.push(name, tag, {
        credentials: authentication,
        plainHttp: registryBaseUrl(reference.registry).protocol === 'http:',
        signal,
        onProgress: (progress) => step.update(progressText(progress)),
        onRetry: (seconds) => {
          step.update(`${reference.registry} did not take a layer; the engine tries again in ${seconds} s`);
          if (!saidRetry) step.note(retryNote(reference.registry));
          saidRetry = true;
        },
      }),
    );
    const digest =
      (await this.attempt(reference, lookup, signal, () =>
        this.parts.pushes.digestInRegistry(`${name}:${tag}`, authentication),
      )) ?? (await this.digestFromHere(reference.withTag(tag), lookup, signal));
    if (pushed !== undefined && pushed !== digest) {
      throw new KdeployError(
        'push-failed',
        `${reference.registry} has ${digest} under ${name}:${tag}, but ${pushed} was pushed`,
        {
          hint: 'someone else pushed the same tag: push again, or use a tag of your own',
        },
      );
    }
    return digest;
  }

  private async digestFromHere(
    reference: ImageReference,
    lookup: CredentialLookup,
    signal: AbortSignal,
  ): Promise<string> {
    const name = reference.toFamiliarString();
    let reason: unknown;
    try {
      const digest = await this.parts.askRegistry(reference, lookup);
      if (digest !== undefined) return digest;
      reason = new Error(`${reference.registry} has no ${name}`);
    } catch (error) {
      if (signal.aborted) throw new KdeployError('interrupted', 'interrupted', { cause: error });
      reason = error;
    }
    throw new KdeployError(
      'push-failed',
      `${name} was pushed, but its digest could not be read back from the registry`,
      {
        cause: reason,
        hint:
          reason instanceof KdeployError && reason.hint !== undefined
            ? reason.hint
            : 'the engine cannot be asked for the digest, so this machine must reach the registry too',
      },
    );
  }

  /** Tries again, with growing pauses, what a registry refuses for the moment. */
  private async attempt<Value>(
    reference: ImageReference,
    lookup: CredentialLookup,
    signal: AbortSignal,
    action: () => Promise<Value>,
  ): Promise<Value> {
    const { clock = systemClock, random = Math.random, policy = DEFAULT_RETRY } = this.options;
    try {
      return await withRetry(
        async () => {
          const started = clock.now();
          try {
            return await action();
          } catch (error) {
            throw new FailedAttempt(error, clock.now() - started);
          }
        },
        (error): error is FailedAttempt => error instanceof FailedAttempt,
        { policy, clock, random, signal },
      );
    } catch (error) {
      if (signal.aborted) throw new KdeployError('interrupted', 'interrupted', { cause: error });
      if (!(error instanceof FailedAttempt)) throw error;
      throw pushFailure(error.cause, { reference, lookedFor: credentialSentences(lookup), attempts: error.attempts });
    }
  }
}

/** Longer than a refusal takes, shorter than the engine's own five tries with growing pauses. */
const LONG_ATTEMPT_MILLISECONDS = 30_000;

class FailedAttempt extends Error {
  attempts = 1;

  constructor(
    cause: unknown,
    private readonly milliseconds: number,
  ) {
    super('a push attempt failed', { cause });
  }

  /** The engine retries each layer by itself; where it gave up after that, four times as long is no better. */
  temporary(): boolean {
    return isTemporary(this.cause) && this.milliseconds < LONG_ATTEMPT_MILLISECONDS;
  }
}

/** The engine counts down in silence, and tells the reason when it has given up. */
function retryNote(registry: string): string {
  return `${registry} did not take a layer; the engine tries up to five times, which takes about a minute, and then says why (Ctrl-C stops it)`;
}

/** Which credentials were used, or where none were found and why. */
function credentialSentences({ source, failures, looked }: CredentialLookup): string[] {
  const failed = failures.map((failure) => `${failure.source}: ${failure.reason}`);
  return source === undefined ? [...failed, `none found in ${looked.join(', ')}`] : [...failed, `from ${source}`];
}

function progressText({ layersDone, layers, bytes, totalBytes }: PushProgress): string {
  const megabytes = (count: number): string => (count / 1e6).toFixed(0);
  const sent = totalBytes === 0 ? '' : `, ${megabytes(bytes)} of ${megabytes(totalBytes)} MB`;
  return `${layersDone} of ${layers} layers${sent}`;
}
