import { expect } from 'chai';
import { KdeployError } from '../../../src/errors.js';
import { parseImageAddress } from '../../../src/image/address.js';
import type { ImageSource } from '../../../src/image/source.js';
import { locateImage, type LocateParts } from '../../../src/locate/locate-image.js';
import type { EngineImage } from '../../../src/places/engine/images.js';
import { rejection } from '../../support/rejection.js';
import { sampleImage } from '../image/sample-image.js';
import { treeSource } from '../image/tree-source.js';

const NAME = 'registry.example.com/team/app:v1';
const refusal = new KdeployError('credentials', 'registry.example.com wants credentials', {
  hint: 'run `docker login registry.example.com`',
});

type Place = 'waiting' | 'engine' | 'registry' | 'file';

/** A machine where these places have the image; `asked` are those that were looked at, in order. */
function machine(places: readonly Place[], { hasEngine = true } = {}) {
  const asked: string[] = [];
  const source = treeSource(sampleImage(['base']));
  const unavailable: ImageSource = { ...source, root: () => Promise.reject(refusal) };
  const image = { id: 'sha256:1' } as EngineImage;
  const images = {
    find: (name: string) => {
      asked.push(`engine: ${name}`);
      return Promise.resolve(places.includes('engine') ? image : undefined);
    },
    history: () => Promise.reject(new Error('the history was asked for')),
    export: () => Promise.reject(new Error('the image was read')),
  };
  const unreachable = new KdeployError('engine-unreachable', 'no engine answers', { hint: 'start Docker' });
  const parts: LocateParts = {
    local: () => Promise.resolve(hasEngine ? { images } : { images: undefined, unreachable }),
    waiting: (reference) => {
      asked.push(`waiting: ${reference.toString()}`);
      return Promise.resolve(places.includes('waiting') ? source : undefined);
    },
    registry: (reference) => {
      asked.push(`registry: ${reference.toString()}`);
      return places.includes('registry') ? source : unavailable;
    },
    file: ({ path }) => {
      asked.push(`file: ${path}`);
      return Promise.resolve(places.includes('file') ? source : unavailable);
    },
  };
  return { parts, asked };
}

describe('locating an image', () => {
  const cases: readonly [what: string, name: string, places: readonly Place[], found: string, asked: string[]][] = [
    ['one that waits for a push', NAME, ['waiting', 'engine', 'registry'], 'waiting', [`waiting: ${NAME}`]],
    ['one on the engine', NAME, ['engine', 'registry'], 'engine', [`waiting: ${NAME}`, `engine: ${NAME}`]],
    [
      'one in its registry',
      NAME,
      ['registry'],
      'registry',
      [`waiting: ${NAME}`, `engine: ${NAME}`, `registry: ${NAME}`],
    ],
    [
      'one in the registry alone, as asked',
      `docker://${NAME}`,
      ['engine', 'registry'],
      'registry',
      [`registry: ${NAME}`],
    ],
    ['one in a layout', 'oci:dist', ['file', 'engine'], 'layout', ['file: dist']],
    ['one in an archive', 'docker-archive:app.tar', ['file', 'engine'], 'archive', ['file: app.tar']],
    [
      'one of Docker Hub, by the name that docker shows',
      'python:3.11',
      ['engine'],
      'engine',
      ['waiting: docker.io/library/python:3.11', 'engine: python:3.11'],
    ],
  ];
  for (const [what, name, places, found, asked] of cases)
    it(`finds ${what}`, async () => {
      const { parts, asked: wereAsked } = machine(places);
      expect((await locateImage(parseImageAddress(name), parts)).place).to.equal(found);
      expect(wereAsked).to.deep.equal(asked);
    });

  it('finds one in its registry on a machine without an engine', async () => {
    const { parts } = machine(['registry'], { hasEngine: false });
    expect((await locateImage(parseImageAddress(NAME), parts)).place).to.equal('registry');
  });

  it('tells an engine that breaks, instead of taking the registry’s image for the local one', async () => {
    const broken = new KdeployError('engine-unreachable', 'the engine could not look up the image');
    const { parts } = machine(['registry']);
    const local = async () => {
      const { images } = await parts.local();
      if (images === undefined) throw new TypeError('no engine');
      return { images: { ...images, find: () => Promise.reject(broken) } };
    };
    expect(await rejection(locateImage(parseImageAddress(NAME), { ...parts, local }))).to.equal(broken);
  });

  describe('that is nowhere', () => {
    it('names both places, and keeps what the registry said and advised', async () => {
      const error = await rejection(locateImage(parseImageAddress(NAME), machine([]).parts));
      expect(error).to.deep.include({
        code: 'credentials',
        hint: 'run `docker login registry.example.com`',
        cause: refusal,
      });
      expect(error.message).to.equal(
        `${NAME} is not on the local Docker Engine, and could not be read from its registry: registry.example.com wants credentials`,
      );
    });

    it('names the registry alone when only that was asked', async () => {
      const { parts } = machine(['engine']);
      expect(await rejection(locateImage(parseImageAddress(`docker://${NAME}`), parts))).to.equal(refusal);
    });

    it('says of an interruption no more than that', async () => {
      const interruption = new KdeployError('interrupted', 'interrupted');
      const registry = () => ({ ...treeSource(sampleImage(['base'])), root: () => Promise.reject(interruption) });
      const thrown = await rejection(locateImage(parseImageAddress(NAME), { ...machine([]).parts, registry }));
      expect(thrown).to.equal(interruption);
    });

    it('does not pass a bug off as a missing image', async () => {
      const bug = new TypeError('x is not a function');
      const registry = () => ({ ...treeSource(sampleImage(['base'])), root: () => Promise.reject(bug) });
      const thrown = await locateImage(parseImageAddress(NAME), { ...machine([]).parts, registry }).catch(
        (error: unknown) => error,
      );
      expect(thrown).to.equal(bug);
    });
  });
});
