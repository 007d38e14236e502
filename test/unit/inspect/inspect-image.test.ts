import { expect } from 'chai';
import type { EngineImage } from '../../../src/places/engine/images.js';
import { KdeployError } from '../../../src/errors.js';
import { digestOf } from '../../../src/image/digest.js';
import { parseReference } from '../../../src/image/reference.js';
import { inspectImage, type InspectParts } from '../../../src/inspect/inspect-image.js';
import type { Image } from '../../../src/image/image.js';
import { rejection } from '../../support/rejection.js';
import { sampleImage } from '../image/sample-image.js';
import { DIGEST, LABELS, LAYERS, remoteImage } from './remote-image.js';

const REFERENCE = parseReference('registry.example.com/team/app:v1');

const LOCAL: EngineImage = {
  id: 'sha256:local',
  configuration: { env: [], entrypoint: ['e'], cmd: ['c'], workingDirectory: '/w', user: 'u', labels: LABELS },
  platform: 'linux/arm64/v8',
  layers: ['sha256:a', 'sha256:b'],
  volumes: [],
  size: 300,
  tags: ['registry.example.com/team/app:v1'],
  repoDigests: [],
  created: '2024-05-06T07:08:09Z',
};

/** `null`: an engine without the image. */
const engine = (image: EngineImage | null, sizes: readonly number[] = [200, 0, 100]) => {
  const looked: string[] = [];
  const images = {
    find: (name) => {
      looked.push(name);
      return Promise.resolve(image ?? undefined);
    },
    history: (id) => {
      looked.push(`history of ${id}`);
      return Promise.resolve(sizes.map((size) => ({ createdBy: 'COPY . .', size })));
    },
  } satisfies InspectParts['images'];
  return { images, looked };
};

const registry = (image?: Image) =>
  ((reference) => Promise.resolve(remoteImage(reference, image))) satisfies InspectParts['readRemoteImage'];
const unasked = (() => Promise.reject(new Error('the registry was asked'))) satisfies InspectParts['readRemoteImage'];

describe('inspecting an image', () => {
  describe('on the engine', () => {
    const inspect = (image: EngineImage, sizes?: readonly number[], reference = REFERENCE) =>
      inspectImage({ images: engine(image, sizes).images, readRemoteImage: unasked }, reference, 'anywhere');

    it('tells all of it, and asks no registry', async () => {
      expect(await inspect(LOCAL)).to.deep.equal({
        reference: 'registry.example.com/team/app:v1',
        foundIn: 'engine',
        id: 'sha256:local',
        digest: null,
        platform: 'linux/arm64/v8',
        created: '2024-05-06T07:08:09Z',
        baked: {
          version: '0.1.0',
          plan: 'sha256:p',
          env: undefined,
          trackingUri: undefined,
          experiment: undefined,
          authentication: [],
        },
        revision: null,
        source: null,
        base: null,
        user: 'u',
        workingDirectory: '/w',
        entrypoint: ['e'],
        cmd: ['c'],
        layers: [
          { digest: 'sha256:a', size: 100, madeBy: 'COPY . .' },
          { digest: 'sha256:b', size: 200, madeBy: 'COPY . .' },
        ],
        size: 300,
      });
    });

    const counts: readonly [what: string, sizes: readonly number[]][] = [
      ['more layers than sizes, as with a file that is empty', [200]],
      ['more sizes than layers', [200, 100, 50]],
      ['no sizes at all', []],
    ];
    for (const [what, sizes] of counts) {
      it(`tells no layer’s size rather than another one’s where there are ${what}`, async () => {
        expect((await inspect(LOCAL, sizes)).layers).to.deep.equal([
          { digest: 'sha256:a', size: null, madeBy: null },
          { digest: 'sha256:b', size: null, madeBy: null },
        ]);
      });
    }

    const digests: readonly [name: string, repoDigests: readonly string[], digest: string | null][] = [
      [
        'registry.example.com/team/app:v1',
        [`registry.example.com/team/app@${DIGEST}`],
        `registry.example.com/team/app@${DIGEST}`,
      ],
      // The same image, pushed under another name, has its digest there and not here.
      ['registry.example.com/team/app:v1', [`other.example.com/team/app@${DIGEST}`], null],
      ['registry.example.com/team/app:v1', [`registry.example.com/team/app2@${DIGEST}`], null],
      [
        'registry.example.com/team/app:v1',
        [`other.example.com/app@${digestOf('other')}`, `registry.example.com/team/app@${DIGEST}`],
        `registry.example.com/team/app@${DIGEST}`,
      ],
      // Docker leaves Docker Hub's name off.
      ['docker.io/library/python:3.11', [`python@${DIGEST}`], `python@${DIGEST}`],
      [
        `registry.example.com/team/app@${DIGEST}`,
        [`registry.example.com/team/app@${DIGEST}`],
        `registry.example.com/team/app@${DIGEST}`,
      ],
    ];
    for (const [name, repoDigests, digest] of digests) {
      it(`takes ${digest === null ? 'no digest' : 'its digest'} for ${name.slice(0, 40)} from ${repoDigests.map((entry) => entry.slice(0, 30)).join(', ')}`, async () => {
        const found = await inspect({ ...LOCAL, repoDigests }, undefined, parseReference(name));
        expect(found.digest).to.equal(digest);
      });
    }

    it('looks by the name that docker shows, and for the history by the ID, which nobody moves', async () => {
      const { images, looked } = engine(LOCAL);
      await inspectImage(
        { images, readRemoteImage: unasked },
        parseReference('docker.io/library/python:3.11'),
        'anywhere',
      );
      expect(looked).to.deep.equal(['python:3.11', 'history of sha256:local']);
    });

    it('tells an engine that breaks, instead of taking the registry’s image for the local one', async () => {
      const broken = new KdeployError('engine-unreachable', 'the engine could not look up the image');
      const images = { ...engine(null).images, find: () => Promise.reject(broken) };
      const error = await rejection(inspectImage({ images, readRemoteImage: registry() }, REFERENCE, 'anywhere'));
      expect(error).to.equal(broken);
    });
  });

  describe('in the registry', () => {
    it('tells all of it, with the digest that the reference stands for and compressed sizes', async () => {
      const { images } = engine(null);
      expect(await inspectImage({ images, readRemoteImage: registry() }, REFERENCE, 'anywhere')).to.deep.equal({
        reference: 'registry.example.com/team/app:v1',
        foundIn: 'registry',
        id: null,
        digest: `registry.example.com/team/app@${DIGEST}`,
        platform: 'linux/amd64',
        created: '2024-01-02T03:04:05Z',
        baked: {
          version: '0.1.0',
          plan: 'sha256:p',
          env: undefined,
          trackingUri: undefined,
          experiment: undefined,
          authentication: [],
        },
        revision: null,
        source: null,
        base: null,
        user: 'u',
        workingDirectory: '/w',
        entrypoint: ['e'],
        cmd: ['c'],
        layers: [
          { digest: digestOf(LAYERS[0]!), size: 100, madeBy: null },
          { digest: digestOf(LAYERS[1]!), size: 23, madeBy: null },
        ],
        size: 123,
      });
    });

    it('is where it looks first when told so, whatever the engine has', async () => {
      const { images, looked } = engine(LOCAL);
      const found = await inspectImage({ images, readRemoteImage: registry() }, REFERENCE, 'registry');
      expect([found.foundIn, looked]).to.deep.equal(['registry', []]);
    });

    it('is where it looks on a machine without an engine', async () => {
      const parts = { images: undefined, readRemoteImage: registry() };
      expect((await inspectImage(parts, REFERENCE, 'anywhere')).foundIn).to.equal('registry');
    });

    it('fills in what the configuration leaves out', async () => {
      const image = sampleImage([], { architecture: 'arm', variant: 'v6' });
      const parts = { images: undefined, readRemoteImage: registry(image) };
      expect(await inspectImage(parts, REFERENCE, 'anywhere')).to.include({
        platform: 'linux/arm/v6',
        created: null,
        baked: null,
        user: 'root',
        workingDirectory: '/',
        size: 0,
      });
    });
  });

  describe('that is nowhere', () => {
    const refusal = new KdeployError('credentials', 'registry.example.com wants credentials', {
      hint: 'run `docker login registry.example.com`',
    });
    const readRemoteImage = (): Promise<never> => Promise.reject(refusal);

    it('names both places, and keeps what the registry said and advised', async () => {
      const parts = { images: engine(null).images, readRemoteImage };
      const error = await rejection(inspectImage(parts, REFERENCE, 'anywhere'));
      expect(error).to.deep.include({
        code: 'credentials',
        hint: 'run `docker login registry.example.com`',
        cause: refusal,
      });
      expect(error.message).to.equal(
        'registry.example.com/team/app:v1 is not on the local Docker Engine, and could not be read from its registry: registry.example.com wants credentials',
      );
    });

    it('names the registry alone when only that was asked', async () => {
      const parts = { images: engine(LOCAL).images, readRemoteImage };
      expect(await rejection(inspectImage(parts, REFERENCE, 'registry'))).to.equal(refusal);
    });

    it('does not pass a bug off as a missing image', async () => {
      const bug = new TypeError('x is not a function');
      const parts = { images: engine(null).images, readRemoteImage: () => Promise.reject(bug) };
      const thrown = await inspectImage(parts, REFERENCE, 'anywhere').catch((error: unknown) => error);
      expect(thrown).to.equal(bug);
    });
  });
});
