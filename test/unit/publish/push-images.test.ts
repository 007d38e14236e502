import { expect } from 'chai';
import type { EngineImage, EngineImages } from '../../../src/places/engine/images.js';
import type { Finding } from '../../../src/finding.js';
import { KdeployError } from '../../../src/errors.js';
import { ImageReference } from '../../../src/image/reference.js';
import type { Publisher } from '../../../src/publish/publisher.js';
import { pushImages, referencesOf, type PushRequest } from '../../../src/publish/push-images.js';
import { rejection } from '../../support/rejection.js';
import { bakedRun } from '../image/baked-run.js';
import { RecordingProgress } from '../recording-progress.js';

const DIGEST = `sha256:${'d'.repeat(64)}`;
const OTHER = `sha256:${'e'.repeat(64)}`;
const BAKED = { 'io.kdeploy.version': '1.0.0', 'io.kdeploy.plan': 'sha256:p' };
const SECRET: Finding = {
  rule: 'image-has-no-credentials',
  severity: 'error',
  message: '/app/.git/config, line 3 in layer 2 of 3 contains a GitHub token',
  remedy: 'revoke it',
};
const TAGS = ['registry.example.com/app:v1', 'registry.example.com/app:latest'];

function image(id: string, labels: Readonly<Record<string, string>>): EngineImage {
  return {
    id,
    configuration: { ...bakedRun(labels), cmd: [], workingDirectory: '/', user: '' },
    platform: 'linux/amd64',
    layers: [],
    volumes: [],
    size: 0,
    tags: [],
    repoDigests: [],
    created: '',
  };
}

describe('pushing images', () => {
  let local: Map<string, EngineImage>;
  let published: string[];
  let progress: RecordingProgress;
  let secrets: Finding[];

  beforeEach(() => {
    local = new Map(TAGS.map((tag) => [tag, image('sha256:1', BAKED)]));
    [published, progress, secrets] = [[], new RecordingProgress(), []];
  });

  const push = (request: Partial<PushRequest> = {}, publisher?: Publisher) =>
    pushImages(
      {
        images: { find: (name) => Promise.resolve(local.get(name)) } satisfies Pick<EngineImages, 'find'>,
        secretsIn: () => Promise.resolve(secrets),
        publisher:
          publisher ??
          ({
            publish: (reference) => {
              published.push(reference.toFamiliarString());
              return Promise.resolve(DIGEST);
            },
          } satisfies Publisher),
      },
      {
        references: TAGS.map((tag) => ImageReference.parse(tag)),
        allowUnbaked: false,
        allowSecrets: false,
        allowLostRuns: false,
        expectedId: 'sha256:1',
        ...request,
      },
      progress,
      new AbortController().signal,
    );

  it('pushes every tag, in order, and names what a deployment should name', async () => {
    expect(await push()).to.deep.equal(
      TAGS.map((tag) => ({ tag, digest: DIGEST, reference: `registry.example.com/app@${DIGEST}` })),
    );
    expect(published).to.deep.equal(TAGS);
    expect(progress.said).to.deep.equal(TAGS.flatMap((tag) => [`step push ${tag}`, `result ${DIGEST}`]));
  });

  it('pushes a tag that is given twice, however it is spelled, once', async () => {
    local.set('app:v1', image('sha256:1', BAKED));
    const given = ['app:v1', 'docker.io/library/app:v1', 'registry.example.com/app:v1', 'app:v1', 'docker.io/app:v1'];
    const pushed = await push({ references: given.map((each) => ImageReference.parse(each)) });
    expect(published).to.deep.equal(['app:v1', 'registry.example.com/app:v1']);
    expect(pushed.map(({ tag }) => tag)).to.deep.equal(published);
  });

  it('prints the reference that tags have in common once', async () => {
    expect(referencesOf(await push())).to.deep.equal([`registry.example.com/app@${DIGEST}`]);
    const other = { tag: 'app:v1', digest: DIGEST, reference: `app@${DIGEST}` };
    expect(referencesOf([...(await push()), other, other])).to.deep.equal([
      `registry.example.com/app@${DIGEST}`,
      `app@${DIGEST}`,
    ]);
  });

  it('repeats what the check warned of, where the project means it', async () => {
    for (const tag of TAGS)
      local.set(tag, image('sha256:1', { ...BAKED, 'io.kdeploy.tracking-uri': 'http://localhost:5000' }));
    await push({ allowLostRuns: true });
    expect(published).to.deep.equal(TAGS);
    expect(progress.said.filter((line) => line.startsWith('note warning'))).to.have.lengthOf(TAGS.length);
  });

  describe('is refused while the registry is still untouched', () => {
    const refused = async (code: string, message: string, request: Partial<PushRequest> = {}): Promise<void> => {
      const error = await rejection(push(request));
      expect([error.code, error.message]).to.deep.equal([code, message]);
      expect(published).to.deep.equal([]);
    };

    it('for an image that is not there, though only the last one is missing', async () => {
      local.delete(TAGS[1] ?? '');
      await refused('image-not-found', `the image ${TAGS[1] ?? ''} is not on the local Docker Engine`);
    });

    it('for a name that is not there, and says where else an image of that name may be', async () => {
      local.clear();
      expect((await rejection(push({ expectedId: undefined }))).hint).to.match(
        /^build it with `kdeploy build`, or correct the name.*--to$/,
      );
      const built = await rejection(push());
      expect(built.hint).to.equal('build it with `kdeploy build`');
    });

    it('for an image whose runs would be lost where it is pulled', async () => {
      local.set(TAGS[1] ?? '', image('sha256:1', { ...BAKED, 'io.kdeploy.tracking-uri': 'http://localhost:5000' }));
      await refused(
        'push-refused',
        'the runs of registry.example.com/app:latest would be lost: the tracking URI http://localhost:5000 points at the container itself; it works only with host networking, or if MLflow runs in the same pod',
      );
    });

    it('for an image that somebody made log elsewhere after the build', async () => {
      const tracked = image('sha256:1', { ...BAKED, 'io.kdeploy.tracking-uri': 'https://mlflow.example.com' });
      const changed = (uri: string) => ({
        ...tracked,
        configuration: { ...tracked.configuration, env: [`MLFLOW_TRACKING_URI=${uri}`] },
      });
      const message = (uri: string) =>
        `registry.example.com/app:latest was changed after kdeploy built it: MLFLOW_TRACKING_URI is ${uri}, not https://mlflow.example.com as it was baked`;
      local.set(TAGS[1] ?? '', changed('http://user:hunter2@localhost:5000'));
      await refused('push-refused', message('http://***@localhost:5000'));
      local.set(TAGS[1] ?? '', changed(''));
      await refused('push-refused', message('no longer set'));
      await push({ allowUnbaked: true });
      expect(published).to.deep.equal(TAGS);
    });

    it('for an image whose tracking somebody took out of it after the build', async () => {
      const tracked = image('sha256:1', { ...BAKED, 'io.kdeploy.tracking-uri': 'https://mlflow.example.com' });
      const changes: readonly [Partial<EngineImage['configuration']>, string][] = [
        [{ entrypoint: ['tini'] }, 'its entrypoint no longer starts that of kdeploy, so nothing sets up tracking'],
        [
          { env: [...tracked.configuration.env, 'MLFLOW_RUN_ID=1'] },
          'it sets MLFLOW_RUN_ID, so every container would join the same MLflow run',
        ],
        [
          {
            env: [
              ...tracked.configuration.env,
              'MLFLOW_EXPERIMENT_NAME=planted-secret',
              'KDEPLOY_AUTH={"types":[{"type":"Vars"}]}',
            ],
          },
          'it sets another MLFLOW_EXPERIMENT_NAME; it sets another KDEPLOY_AUTH',
        ],
      ];
      for (const [change, what] of changes) {
        local.set(TAGS[1] ?? '', { ...tracked, configuration: { ...tracked.configuration, ...change } });
        await refused('push-refused', `registry.example.com/app:latest was changed after kdeploy built it: ${what}`);
      }
      const wrapped = ['tini', '--', ...tracked.configuration.entrypoint];
      local.set(TAGS[1] ?? '', { ...tracked, configuration: { ...tracked.configuration, entrypoint: wrapped } });
      await push();
      expect(published).to.deep.equal(TAGS);
    });

    it('for an image that is known to contain a secret, baked or not', async () => {
      secrets = [SECRET, { ...SECRET, severity: 'warning', message: 'the image sets DB_PASSWORD' }];
      const message = 'registry.example.com/app:v1 contains a secret, which everyone who can pull it could read';
      await refused('push-refused', message);
      await refused('push-refused', message, { allowUnbaked: true });
      expect((await rejection(push())).findings).to.deep.equal([SECRET]);
    });

    it('for an image that kdeploy did not build', async () => {
      local.set(TAGS[1] ?? '', image('sha256:1', { other: 'x' }));
      await refused(
        'push-refused',
        'registry.example.com/app:latest was not built by kdeploy, so it would not log to MLflow',
      );
    });

    it('for a tag that has come to name another image since the build', async () => {
      local.set(TAGS[0] ?? '', image('sha256:2', BAKED));
      await refused(
        'push-refused',
        'the tag registry.example.com/app:v1 has moved to another image since `kdeploy build`',
      );
    });
  });

  it('warns once of what may be a secret, and pushes', async () => {
    secrets = [{ ...SECRET, severity: 'warning', message: 'the image sets DB_PASSWORD' }];
    expect(await push()).to.have.lengthOf(2);
    expect(progress.said.filter((line) => line.startsWith('note warning'))).to.deep.equal([
      `note warning: ${TAGS[0] ?? ''}: the image sets DB_PASSWORD`,
    ]);
  });

  it('pushes a secret when the user insists, with a warning', async () => {
    secrets = [SECRET];
    expect(await push({ allowSecrets: true })).to.have.lengthOf(2);
    expect(progress.said.join()).to.contain(SECRET.message);
  });

  it('takes an unbaked image when that is allowed, but not another one than was built', async () => {
    for (const tag of TAGS) local.set(tag, image('sha256:1', {}));
    expect(await push({ allowUnbaked: true })).to.have.lengthOf(2);
    expect((await rejection(push({ allowUnbaked: true, expectedId: 'sha256:2' }))).code).to.equal('push-refused');
  });

  it('takes whatever image the user named', async () => {
    local.set(TAGS[0] ?? '', image('sha256:2', BAKED));
    expect(await push({ expectedId: undefined })).to.have.lengthOf(2);
  });

  it('stops at the first tag that is refused', async () => {
    const failure = new KdeployError('push-failed', 'no');
    const publisher = {
      publish: (reference) => {
        published.push(reference.toFamiliarString());
        return Promise.reject(failure);
      },
    } satisfies Publisher;
    expect(await rejection(push({}, publisher))).to.equal(failure);
    expect(published).to.deep.equal(TAGS.slice(0, 1));
  });

  describe('takes nothing for pushed that was not checked:', () => {
    const other = { ...image('sha256:2', {}), repoDigests: [] };
    const [first = '', second = ''] = TAGS;
    /** What happens while a tag is pushed, and the digest that comes of it. */
    const whilePushing = (happens: (tag: string) => string | undefined): Publisher => ({
      publish: (reference) => {
        const tag = reference.toFamiliarString();
        published.push(tag);
        return Promise.resolve(happens(tag) ?? DIGEST);
      },
    });

    it('a tag that is moved while another one is pushed is not pushed', async () => {
      const publisher = whilePushing(() => void local.set(second, other));
      const error = await rejection(push({}, publisher));
      expect([error.code, error.message]).to.deep.equal([
        'push-refused',
        `the tag ${second} was moved to another image after it was checked`,
      ]);
      expect(published).to.deep.equal([first]);
    });

    it('a tag that the user named and that is removed meanwhile is not pushed', async () => {
      const publisher = whilePushing(() => void local.delete(second));
      expect((await rejection(push({ expectedId: undefined }, publisher))).code).to.equal('push-refused');
    });

    it('a tag that is moved while it is pushed itself', async () => {
      const publisher = whilePushing((tag) => void local.set(tag, other));
      const error = await rejection(push({}, publisher));
      expect([error.code, error.message]).to.deep.equal([
        'push-failed',
        `the tag ${first} was moved to another image while it was pushed`,
      ]);
      expect((error.cause as Error).message).to.contain(DIGEST);
    });

    it('a tag that was moved and moved back: the image has no such digest', async () => {
      const pushingTo = (digest: string): Publisher =>
        whilePushing(() => {
          local.set(first, { ...image('sha256:1', BAKED), repoDigests: [`registry.example.com/app@${digest}`] });
          return undefined;
        });
      expect((await rejection(push({}, pushingTo(OTHER)))).code).to.equal('push-failed');
      expect(await push({}, pushingTo(DIGEST))).to.have.lengthOf(2);
    });

    it('but an image by whose ID the engine knows it, of which it pushes one platform', async () => {
      local.set(first, { ...image('sha256:1', BAKED), repoDigests: ['registry.example.com/app@sha256:1'] });
      expect(await push()).to.have.lengthOf(2);
    });

    it('but an image that is known elsewhere under other digests', async () => {
      local.set(first, { ...image('sha256:1', BAKED), repoDigests: [`elsewhere.example.com/app@${OTHER}`] });
      expect(await push()).to.have.lengthOf(2);
    });

    it('tags of one image with two digests', async () => {
      const error = await rejection(
        push(
          {},
          whilePushing((tag) => (tag === second ? OTHER : undefined)),
        ),
      );
      expect([error.code, error.message]).to.deep.equal([
        'push-failed',
        `${second} has the digest ${OTHER}, and another tag of the same image ${DIGEST}`,
      ]);
    });

    it('but different images that the user named have different digests', async () => {
      local.set(second, image('sha256:2', BAKED));
      const publisher = whilePushing((tag) => (tag === second ? OTHER : undefined));
      expect((await push({ expectedId: undefined }, publisher)).map(({ digest }) => digest)).to.deep.equal([
        DIGEST,
        OTHER,
      ]);
    });
  });

  it('pushes nothing of nothing', async () => {
    expect(await push({ references: [] })).to.deep.equal([]);
  });
});
