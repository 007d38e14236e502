import { expect } from 'chai';
import type { EngineImage } from '../../../src/places/engine/images.js';
import { digestOf } from '../../../src/image/digest.js';
import { parseReference } from '../../../src/image/reference.js';
import { inspectImage } from '../../../src/inspect/inspect-image.js';
import type { Image } from '../../../src/image/image.js';
import type { ImageElsewhere, LookedInto } from '../../../src/locate/locate-image.js';
import { parsePlatform } from '../../../src/image/platform.js';
import { sampleImage } from '../image/sample-image.js';
import { treeSource } from '../image/tree-source.js';
import { DIGEST, LABELS, LAYERS, remoteImage } from './remote-image.js';

const REFERENCE = parseReference('registry.example.com/team/app:v1');

const AMD64 = parsePlatform('linux/amd64');

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

const engine = (sizes: readonly number[] = [200, 0, 100]) => {
  const looked: string[] = [];
  const images: LookedInto = {
    find: () => Promise.reject(new Error('it was looked up again')),
    export: () => Promise.reject(new Error('it was read')),
    history: (id) => {
      looked.push(`history of ${id}`);
      return Promise.resolve(sizes.map((size) => ({ createdBy: 'COPY . .', size })));
    },
  };
  return { images, looked };
};

const elsewhere = (place: ImageElsewhere['place'], image: Image): ImageElsewhere => ({
  place,
  source: treeSource(image, place === 'registry' ? REFERENCE.toFamiliarString() : 'oci:dist'),
  reference: place === 'registry' ? REFERENCE : undefined,
});

describe('inspecting an image', () => {
  describe('on the engine', () => {
    const inspect = (image: EngineImage, sizes?: readonly number[], reference = REFERENCE) =>
      inspectImage({ place: 'engine', image, images: engine(sizes).images, reference }, AMD64);

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
        referrers: null,
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

    it('looks for the history by the ID, which nobody moves', async () => {
      const { images, looked } = engine();
      await inspectImage({ place: 'engine', image: LOCAL, images, reference: REFERENCE }, AMD64);
      expect(looked).to.deep.equal(['history of sha256:local']);
    });
  });

  describe('in the registry', () => {
    it('tells all of it, with the digest that the reference stands for and compressed sizes', async () => {
      const { image } = remoteImage(REFERENCE);
      expect(await inspectImage(elsewhere('registry', image), AMD64)).to.deep.equal({
        reference: 'registry.example.com/team/app:v1',
        foundIn: 'registry',
        id: null,
        digest: `registry.example.com/team/app@${image.manifest.digest}`,
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
        referrers: null,
      });
    });

    it('fills in what the configuration leaves out', async () => {
      const image = sampleImage([], { architecture: 'arm', variant: 'v6' });
      expect(await inspectImage(elsewhere('registry', image), AMD64)).to.include({
        platform: 'linux/arm/v6',
        created: null,
        baked: null,
        user: 'root',
        workingDirectory: '/',
        size: 0,
      });
    });
  });

  for (const place of ['layout', 'archive', 'waiting'] as const)
    it(`tells of one that is ${place === 'waiting' ? 'waiting for a push' : `in ${place === 'layout' ? 'a layout' : 'an archive'}`} its digest alone`, async () => {
      const { image } = remoteImage(REFERENCE);
      expect(await inspectImage(elsewhere(place, image), AMD64)).to.include({
        reference: 'oci:dist',
        foundIn: place,
        digest: image.manifest.digest,
      });
    });
});
