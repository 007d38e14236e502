import { expect } from 'chai';
import fc from 'fast-check';
import { EngineStreamError } from '../../../src/places/engine/message-stream.js';
import type { EnginePushes, EnginePushOptions } from '../../../src/places/engine/pushes.js';
import { KdeployError } from '../../../src/errors.js';
import { ImageReference } from '../../../src/image/reference.js';
import { EnginePublisher } from '../../../src/publish/engine-publisher.js';
import type { CredentialLookup } from '../../../src/places/registry/credentials/credentials.js';
import { rejection } from '../../support/rejection.js';
import { RecordingProgress } from '../recording-progress.js';
import { FakeClock } from '../places/registry/fake-clock.js';
import { everythingIn } from '../places/registry/refusal.js';

const DIGEST = `sha256:${'d'.repeat(64)}`;
const REFERENCE = ImageReference.parse('registry.example.com/app:v1');
const LOOKUP: CredentialLookup = {
  registry: 'registry.example.com',
  credentials: { kind: 'password', username: 'me', password: 'hunter2-password' },
  source: 'auths (~/.docker/config.json)',
  failures: [{ source: 'credsStore desktop', reason: 'it did not start' }],
  looked: ['credsStore desktop', 'auths'],
};
const AGAIN = new EngineStreamError('received unexpected HTTP status: 503 Service Unavailable');

describe('publishing through the engine', () => {
  let clock: FakeClock;
  let progress: RecordingProgress;
  let pushed: { name: string; tag: string; credentials: object | undefined; plainHttp: boolean }[];
  let asked: string[];
  /** The pauses that the engine makes before it tries again. */
  let retries: number[];
  let interruption: AbortController;
  /** How long the engine works on each push. */
  let milliseconds: number;

  beforeEach(() => {
    [milliseconds, retries] = [0, []];
    [clock, progress, pushed, asked] = [new FakeClock(), new RecordingProgress(), [], []];
    interruption = new AbortController();
  });

  /** Answers one after the other, the last one for ever: an Error fails. */
  const publish = (
    pushes: readonly (string | undefined | Error)[] = [DIGEST],
    digests: readonly (string | undefined | Error)[] = [DIGEST],
    lookup: CredentialLookup | Error = LOOKUP,
    reference = REFERENCE,
    fromHere: () => Promise<string | undefined> = () => Promise.reject(new Error('asked for nothing')),
  ) => {
    const next = <T>(answers: readonly (T | Error)[], count: number): Promise<T> => {
      const answer = answers[Math.min(count, answers.length) - 1];
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer as T);
    };
    const engine = {
      push: (name: string, tag: string, { credentials, plainHttp, onProgress, onRetry }: EnginePushOptions) => {
        for (const seconds of retries) onRetry(seconds);
        pushed.push({ name, tag, credentials, plainHttp });
        clock.advance(milliseconds);
        onProgress({ layersDone: 1, layers: 9, bytes: 62_000_000, totalBytes: 918_000_000 });
        return next(pushes, pushed.length);
      },
      digestInRegistry: (name: string) => {
        asked.push(name);
        return next(digests, asked.length);
      },
    } satisfies Pick<EnginePushes, 'push' | 'digestInRegistry'>;
    const credentials = () => (lookup instanceof Error ? Promise.reject(lookup) : Promise.resolve(lookup));
    const parts = {
      pushes: engine,
      credentials,
      askRegistry: (asking: ImageReference) => {
        asked.push(`from here: ${asking.toString()}`);
        return fromHere();
      },
    };
    return new EnginePublisher(parts, { clock, random: () => 1 }).publish(
      reference,
      progress.recordingStep,
      interruption.signal,
    );
  };

  it('pushes, and returns the digest read back from the registry', async () => {
    expect(await publish()).to.equal(DIGEST);
    expect(pushed.map(({ name, tag }) => [name, tag])).to.deep.equal([['registry.example.com/app', 'v1']]);
    expect(asked).to.deep.equal(['registry.example.com/app:v1']);
    expect(progress.said).to.deep.equal(['update 1 of 9 layers, 62 of 918 MB']);
  });

  it('says once that the engine tries again, and shows each pause', async () => {
    retries = [5, 4, 3];
    await publish();
    const said = progress.said.filter((line) => line.includes('did not take a layer'));
    expect(said).to.deep.equal([
      'update registry.example.com did not take a layer; the engine tries again in 5 s',
      'note registry.example.com did not take a layer; the engine tries up to five times, which takes about a minute, and then says why (Ctrl-C stops it)',
      'update registry.example.com did not take a layer; the engine tries again in 4 s',
      'update registry.example.com did not take a layer; the engine tries again in 3 s',
    ]);
  });

  it('takes the registry’s word where the engine does not tell a digest', async () => {
    expect(await publish([undefined])).to.equal(DIGEST);
  });

  describe('where the engine cannot ask the registry', () => {
    const cannot = (fromHere: () => Promise<string | undefined>) =>
      publish([DIGEST], [undefined], LOOKUP, REFERENCE, fromHere);

    it('asks it from this machine', async () => {
      expect(await cannot(() => Promise.resolve(DIGEST))).to.equal(DIGEST);
      expect(asked).to.deep.equal(['registry.example.com/app:v1', 'from here: registry.example.com/app:v1']);
    });

    it('is not content with another digest', async () => {
      expect((await rejection(cannot(() => Promise.resolve(`sha256:${'e'.repeat(64)}`)))).message).to.contain(
        `but ${DIGEST} was pushed`,
      );
    });

    it('is not content with an image that is not there', async () => {
      const error = await rejection(cannot(() => Promise.resolve(undefined)));
      expect([error.code, error.message, (error.cause as Error).message]).to.deep.equal([
        'push-failed',
        'registry.example.com/app:v1 was pushed, but its digest could not be read back from the registry',
        'registry.example.com has no registry.example.com/app:v1',
      ]);
    });

    it('says why it could not be asked from here, and what to do', async () => {
      const cause = new KdeployError('registry-unreachable', 'its certificate is not trusted', { hint: 'trust it' });
      const error = await rejection(cannot(() => Promise.reject(cause)));
      expect([error.code, error.exitCode, error.cause, error.hint]).to.deep.equal([
        'push-failed',
        5,
        cause,
        'trust it',
      ]);
    });

    it('is interrupted', async () => {
      const interrupted = cannot(() => {
        interruption.abort();
        return Promise.reject(new Error('aborted'));
      });
      expect((await rejection(interrupted)).code).to.equal('interrupted');
    });
  });

  for (const [registry, plainHttp] of [
    ['localhost:5000', true],
    ['127.0.0.1:5000', true],
    ['registry.example.com', false],
    ['127.0.0.1.example.com', false],
  ] as const) {
    it(`${plainHttp ? 'needs no' : 'insists on'} TLS for ${registry}`, async () => {
      await publish([DIGEST], [DIGEST], LOOKUP, ImageReference.parse(`${registry}/app:v1`));
      expect(pushed[0]?.plainHttp).to.equal(plainHttp);
    });
  }

  it('pushes latest where no tag is named', async () => {
    await publish([DIGEST], [DIGEST], LOOKUP, ImageReference.parse('registry.example.com/app'));
    expect(pushed[0]?.tag).to.equal('latest');
  });

  it('shows the registry its credentials, and says so without them', async () => {
    await publish();
    const { base64 } = pushed[0]?.credentials as { base64: string };
    expect(JSON.parse(Buffer.from(base64, 'base64url').toString())).to.deep.equal({
      username: 'me',
      password: 'hunter2-password',
      serveraddress: 'registry.example.com',
    });
    expect(progress.said.join()).not.to.contain('hunter2');
  });

  it('is not content when somebody else’s image stands under the tag', async () => {
    const error = await rejection(publish([DIGEST], [`sha256:${'e'.repeat(64)}`]));
    expect([error.code, error.message]).to.deep.equal([
      'push-failed',
      `registry.example.com has sha256:${'e'.repeat(64)} under registry.example.com/app:v1, but ${DIGEST} was pushed`,
    ]);
  });

  describe('tries again', () => {
    it('with growing pauses while the registry is busy', async () => {
      expect(await publish([AGAIN, AGAIN, DIGEST])).to.equal(DIGEST);
      expect([pushed.length, clock.sleeps]).to.deep.equal([3, [500, 1000]]);
    });

    it('only what failed: what was pushed is not pushed again for the digest’s sake', async () => {
      expect(await publish([DIGEST], [AGAIN, DIGEST])).to.equal(DIGEST);
      expect([pushed.length, asked.length]).to.deep.equal([1, 2]);
    });

    it('four times, and then says so with the registry’s words', async () => {
      const error = await rejection(publish([AGAIN]));
      expect(error.message).to.equal('registry.example.com did not accept registry.example.com/app:v1 (tried 4 times)');
      expect((error.cause as Error).message).to.equal(AGAIN.message);
      expect([pushed.length, clock.sleeps.length]).to.deep.equal([4, 3]);
    });

    for (const reason of ['denied: no', 'dial tcp: no such host', 'tag invalid']) {
      it(`not when the registry says “${reason}”`, async () => {
        const error = await rejection(publish([new EngineStreamError(reason)]));
        expect([error.code, pushed.length, clock.sleeps]).to.deep.equal(['push-failed', 1, []]);
      });
    }

    for (const [seconds, attempts] of [
      [29, 4],
      [30, 1],
    ] as const) {
      it(`${attempts} times when the engine itself has tried for ${seconds} s`, async () => {
        milliseconds = seconds * 1000;
        await rejection(publish([AGAIN]));
        expect(pushed).to.have.lengthOf(attempts);
      });
    }

    it('not when the engine is gone', async () => {
      expect((await rejection(publish([new Error('socket hang up')]))).message).to.contain(
        'connection to the Docker Engine was lost',
      );
      expect(pushed).to.have.lengthOf(1);
    });

    it('not when it is interrupted', async () => {
      interruption.abort();
      const error = await rejection(publish([new Error('aborted')]));
      expect([error.code, error.exitCode]).to.deep.equal(['interrupted', 130]);
      expect(pushed).to.have.lengthOf(1);
    });
  });

  describe('that is refused', () => {
    const denied = new EngineStreamError('denied: requested access to the resource is denied');

    it('tells whose credentials were shown, and which could not be had', async () => {
      expect((await rejection(publish([denied]))).message).to.contain(
        'credentials: credsStore desktop: it did not start; from auths (~/.docker/config.json)',
      );
    });

    it('tells where none were found', async () => {
      const lookup: CredentialLookup = {
        registry: 'registry.example.com',
        failures: [],
        looked: ['auths', 'credHelpers'],
      };
      expect((await rejection(publish([denied], [DIGEST], lookup))).message).to.contain(
        'credentials: none found in auths, credHelpers',
      );
    });

    it('never holds the credentials, whatever the registry answers', async () => {
      const answers = ['denied', 'unexpected EOF', 'no such host', 'socket hang up', 'tag invalid'];
      await fc.assert(
        fc.asyncProperty(fc.constantFrom(...answers), fc.boolean(), async (answer, ofEngine) => {
          pushed = [];
          const failure = ofEngine ? new Error(answer) : new EngineStreamError(answer);
          const error = await rejection(publish([failure]));
          expect(everythingIn(error)).not.to.contain('hunter2');
          expect(everythingIn(error)).not.to.contain(Buffer.from('hunter2-password').toString('base64'));
        }),
        { numRuns: 20 },
      );
    });
  });

  it('passes on what the credentials’ own search says', async () => {
    const failure = new KdeployError('credentials', 'the configuration is broken');
    expect(await rejection(publish([DIGEST], [DIGEST], failure))).to.equal(failure);
    expect(pushed).to.deep.equal([]);
  });
});
