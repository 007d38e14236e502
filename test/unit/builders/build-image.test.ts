import { expect } from 'chai';
import fc from 'fast-check';
import type { Baker } from '../../../src/bake/baker.js';
import type { SelfTester } from '../../../src/bake/self-test.js';
import type { Builder } from '../../../src/builders/builder.js';
import { buildImage, shortId, type BuildInput, type BuildParts } from '../../../src/builders/build-image.js';
import type { EngineImage } from '../../../src/places/engine/images.js';
import { KdeployError } from '../../../src/errors.js';
import type { BakedTracking, BakePlan } from '../../../src/image/bake-plan.js';
import { rejection } from '../../support/rejection.js';
import { RecordingProgress } from '../recording-progress.js';
import { buildRequest } from './requests.js';

const BUILT = `sha256:${'b'.repeat(64)}`;
const BAKED = `sha256:${'c'.repeat(64)}`;
const OLD = `sha256:${'0'.repeat(64)}`;
const INTERMEDIATE = 'kdeploy-intermediate:1';
const TARGETS = [
  { repository: 'app', tag: 'v1' },
  { repository: 'app', tag: 'latest' },
];

const CONFIGURATION = { env: [], entrypoint: [], cmd: [], workingDirectory: '/w', user: '', labels: {} };
const PLAN: BakePlan = { needs: [], files: [], configuration: CONFIGURATION, digest: 'sha256:plan' };
const TRACKING: BakedTracking = {
  uri: 'https://mlflow.example.com',
  registryUri: undefined,
  experiment: 'spaceflights',
  authenticationTypes: [],
  authentication: undefined,
  signsRequests: false,
  runName: undefined,
  onUnreachable: 'fail',
  experimentOptions: undefined,
  mlflowYaml: '',
  mlflowFiles: ['conf/local/mlflow.yml'],
  selfTestSubject: 'sha256:subject',
  runtime: [],
};

type StepName =
  'build' | 'find' | 'history' | 'plan' | 'bake' | 'key' | 'verdict' | 'self-test' | 'tag app:v1' | 'tag app:latest';

/** An engine of images and tags in memory, on which everything is written down that changes it. */
class Workshop {
  readonly tags = new Map([['app:latest', OLD]]);
  readonly images = new Set([OLD]);
  readonly events: string[] = [];
  readonly interruption = new AbortController();
  /** The step at which something happens, and what. */
  failAt: StepName | undefined;
  abortAt: StepName | undefined;
  failRemoving = false;
  known = false;

  readonly parts = {
    builder: {
      name: 'kedro',
      build: async ({ tag }) => {
        await this.at('build');
        this.images.add(BUILT);
        this.tags.set(tag, BUILT);
      },
    } satisfies Builder,
    images: {
      find: async (name) => {
        if (name === INTERMEDIATE) await this.at('find');
        const id = this.tags.get(name) ?? (this.images.has(name) ? name : undefined);
        return id === undefined ? undefined : describeImage(id);
      },
      history: async () => {
        await this.at('history');
        return [];
      },
      tag: async (id, repository, tag) => {
        const name = `${repository}:${tag}`;
        this.events.push(`tag ${name} ${shortId(id)}`);
        if (id === BAKED) await this.at(`tag ${name}` as StepName, true);
        this.tags.set(name, id);
      },
      remove: (nameOrId) => {
        this.events.push(`remove ${nameOrId.startsWith('sha256:') ? shortId(nameOrId) : nameOrId}`);
        if (this.failRemoving) return Promise.reject(new Error('the engine is gone'));
        this.tags.delete(nameOrId);
        this.images.delete(nameOrId);
        return Promise.resolve();
      },
    } satisfies BuildParts['images'],
    baker: {
      bake: async () => {
        await this.at('bake');
        this.images.add(BAKED);
        return BAKED;
      },
    } satisfies Baker,
    selfTester: {
      test: async () => {
        await this.at('self-test');
        return ['src/app/settings.py'];
      },
    } satisfies SelfTester,
    verdicts: {
      isKnown: async () => {
        await this.at('verdict');
        return this.known;
      },
      remember: (key, files) => {
        this.events.push(`remember ${key} ${files.join()}`);
        return Promise.resolve();
      },
    } satisfies BuildParts['verdicts'],
  } satisfies BuildParts;

  readonly progress = new RecordingProgress();

  run(changes: Partial<BuildInput> = {}, parts: Partial<BuildParts> = {}) {
    const input: BuildInput = {
      request: buildRequest({ tag: INTERMEDIATE, buildArguments: [{ name: 'TOKEN', value: 'hunter2-token' }] }),
      plan: async () => {
        await this.at('plan');
        return PLAN;
      },
      expected: TRACKING,
      selfTest: 'auto',
      selfTestKey: async () => {
        await this.at('key');
        return 'key';
      },
      targets: TARGETS,
      ...changes,
    };
    return buildImage({ ...this.parts, ...parts }, input, this.progress, this.interruption.signal);
  }

  private async at(step: StepName, quiet = false): Promise<void> {
    if (!quiet) this.events.push(step);
    if (this.abortAt === step) this.interruption.abort();
    await Promise.resolve();
    if (this.failAt === step) throw new KdeployError('build-failed', `failed at ${step}`);
  }
}

function describeImage(id: string): EngineImage {
  return {
    id,
    configuration: CONFIGURATION,
    platform: 'linux/amd64',
    layers: [],
    volumes: [],
    size: 918,
    tags: [],
    repoDigests: [],
    created: '',
  };
}

const STEPS: readonly StepName[] = [
  'build',
  'find',
  'history',
  'plan',
  'bake',
  'key',
  'verdict',
  'self-test',
  'tag app:v1',
  'tag app:latest',
];

describe('building an image', () => {
  let workshop: Workshop;

  beforeEach(() => {
    workshop = new Workshop();
  });

  it('builds, bakes and tests, and moves the tags last', async () => {
    const built = await workshop.run();
    expect(built).to.deep.equal({
      id: BAKED,
      tags: ['app:v1', 'app:latest'],
      plan: 'sha256:plan',
      size: 918,
      selfTest: 'passed',
    });
    expect(workshop.events).to.deep.equal([
      'build',
      'find',
      'history',
      'plan',
      'bake',
      'key',
      'verdict',
      'self-test',
      'remember key src/app/settings.py',
      `tag app:v1 ${shortId(BAKED)}`,
      `tag app:latest ${shortId(BAKED)}`,
      `remove ${INTERMEDIATE}-baked`,
      `remove ${INTERMEDIATE}`,
    ]);
    expect([...workshop.tags]).to.deep.equal([
      ['app:latest', BAKED],
      ['app:v1', BAKED],
    ]);
  });

  it('tells what it does', async () => {
    await workshop.run();
    expect(workshop.progress.said).to.deep.equal([
      'step kedro docker build',
      'step bake',
      'result sha256:cccccccccccc',
      'step self-test',
      'update starting Kedro in the image',
      'result logs to https://mlflow.example.com, experiment spaceflights',
    ]);
  });

  it('names the Dockerfile where kedro is not asked', async () => {
    const builder = { ...workshop.parts.builder, name: 'engine' } as const;
    await workshop.run({}, { builder });
    expect(workshop.progress.said[0]).to.equal('step docker build Dockerfile');
  });

  /** The promise of the whole: as it was before, whatever happened. */
  const expectUntouched = (): void => {
    expect([...workshop.tags]).to.deep.equal([['app:latest', OLD]]);
    expect(workshop.images.has(BAKED)).to.equal(false);
    expect(workshop.images.has(OLD)).to.equal(true);
  };

  for (const [index, step] of STEPS.entries()) {
    describe(`that fails at “${step}”`, () => {
      beforeEach(() => {
        workshop.failAt = step;
      });

      it('leaves the tags where they were and takes away what it made', async () => {
        expect((await rejection(workshop.run())).message).to.equal(`failed at ${step}`);
        expectUntouched();
      });

      it('takes the baked image away before the one that it stands on', async () => {
        await rejection(workshop.run());
        const removed = workshop.events.filter((event) => event.startsWith('remove'));
        const baked = index > STEPS.indexOf('bake') ? [`remove ${shortId(BAKED)}`] : [];
        expect(removed.slice(-1 - baked.length)).to.deep.equal([...baked, `remove ${INTERMEDIATE}`]);
      });

      it('goes no further', async () => {
        await rejection(workshop.run());
        for (const later of STEPS.slice(index + 1)) expect(workshop.events.join('\n')).not.to.contain(later);
        if (index <= STEPS.indexOf('self-test')) expect(workshop.events.join('\n')).not.to.match(/^(tag|remember)/m);
      });

      it('tells that failure, also when nothing can be taken away', async () => {
        workshop.failRemoving = true;
        expect((await rejection(workshop.run())).message.split(';')[0]).to.equal(`failed at ${step}`);
      });
    });
  }

  for (const step of STEPS.filter((each) => !each.startsWith('tag'))) {
    it(`moves no tag and leaves nothing behind when it is interrupted at “${step}”, whether that goes on or fails`, async () => {
      for (const failAt of [undefined, step]) {
        workshop = new Workshop();
        workshop.abortAt = step;
        workshop.failAt = failAt;
        const error = await rejection(workshop.run());
        expect([error.code, error.exitCode, error.message]).to.deep.equal([
          'interrupted',
          130,
          'interrupted; no tag was moved',
        ]);
        expectUntouched();
      }
    });
  }

  it('finishes moving the tags when it is interrupted between them, rather than to tear them apart', async () => {
    workshop.abortAt = 'tag app:v1';
    expect((await workshop.run()).tags).to.deep.equal(['app:v1', 'app:latest']);
    expect([...new Set(workshop.tags.values())]).to.deep.equal([BAKED]);
  });

  it('says which tags are astray, interrupted too, where they could not be moved back', async () => {
    workshop.failRemoving = true;
    workshop.failAt = 'tag app:latest';
    workshop.abortAt = 'tag app:latest';
    const error = await rejection(workshop.run());
    expect([error.code, error.message, error.hint]).to.deep.equal([
      'interrupted',
      'interrupted; app:v1, which did not exist before, may name the new image',
      'put it back: `docker rmi app:v1`',
    ]);
  });

  it('moves tags back in reverse, so that one named twice ends where it began', async () => {
    workshop.failAt = 'tag app:v1';
    const latest = { repository: 'app', tag: 'latest' };
    await rejection(workshop.run({ targets: [latest, latest, { repository: 'app', tag: 'v1' }] }));
    expectUntouched();
  });

  it('leaves every tag as it was whatever the tags are and whichever of them fails', async () => {
    const names = fc.uniqueArray(fc.constantFrom('v1', 'v2', 'v3', 'latest', 'main'), { minLength: 1 });
    await fc.assert(
      fc.asyncProperty(
        names,
        fc.uniqueArray(fc.constantFrom('v1', 'v2', 'latest')),
        fc.nat(4),
        async (tags, had, at) => {
          workshop = new Workshop();
          workshop.tags.clear();
          for (const tag of had) workshop.tags.set(`app:${tag}`, OLD);
          const before = [...workshop.tags].sort();
          workshop.failAt = `tag app:${tags[at % tags.length] ?? ''}` as StepName;
          await rejection(workshop.run({ targets: tags.map((tag) => ({ repository: 'app', tag })) }));
          expect([...workshop.tags].sort()).to.deep.equal(before);
        },
      ),
    );
  });

  it('reads each tag back, and moves them back when the engine has another image under one', async () => {
    const images = {
      ...workshop.parts.images,
      tag: async (id: string, repository: string, tag: string) => {
        if (tag !== 'latest' || id === OLD) await workshop.parts.images.tag(id, repository, tag);
      },
    };
    const error = await rejection(workshop.run({}, { images }));
    expect([error.code, error.message]).to.deep.equal([
      'build-failed',
      'app:latest was tagged, but names another image afterwards',
    ]);
    expectUntouched();
  });

  it('refuses to go on without the image that the builder says it made', async () => {
    const builder = { name: 'kedro', build: () => Promise.resolve() } satisfies Builder;
    const error = await rejection(workshop.run({}, { builder }));
    expect(error.message).to.contain('its image is not on the engine that kdeploy uses');
    expect(error.hint).to.contain('docker context ls');
    expectUntouched();
  });

  it('refuses an image that keeps a secret, before anything is baked', async () => {
    const images = {
      ...workshop.parts.images,
      history: () => Promise.resolve([{ createdBy: 'RUN |1 TOKEN=hunter2-token pip install', size: 1 }]),
    };
    const error = await rejection(workshop.run({}, { images }));
    expect(error.message).to.contain('keeps the value of the build argument TOKEN');
    expect(JSON.stringify([error.message, error.hint])).not.to.contain('hunter2');
    expect(workshop.events).not.to.include('bake');
    expectUntouched();
  });

  describe('tests it itself', () => {
    it('not when the same content is known to pass', async () => {
      workshop.known = true;
      expect((await workshop.run()).selfTest).to.equal('known to pass');
      expect(workshop.events).not.to.include('self-test');
    });

    it('always when told so, and keeps the verdict', async () => {
      workshop.known = true;
      expect((await workshop.run({ selfTest: 'always' })).selfTest).to.equal('passed');
      expect(workshop.events).to.include.members(['self-test', 'remember key src/app/settings.py']);
      expect(workshop.events).not.to.include('verdict');
    });

    it('never when told so, and says what that means', async () => {
      expect((await workshop.run({ selfTest: 'never' })).selfTest).to.equal('skipped');
      expect(workshop.events).not.to.include('self-test');
      expect(workshop.progress.said).to.include(
        'note self-test skipped: it is not verified that this image logs to MLflow',
      );
    });

    it('not without tracking: there is nothing to find, and nothing to say', async () => {
      expect((await workshop.run({ expected: undefined, selfTest: 'always' })).selfTest).to.equal('skipped');
      expect(workshop.events).not.to.include('self-test');
      expect(workshop.progress.said.join()).not.to.contain('note');
    });
  });

  it('shortens IDs as docker does', () => {
    expect(shortId(BUILT)).to.equal('sha256:bbbbbbbbbbbb');
  });
});
