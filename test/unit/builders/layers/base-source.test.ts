import { Readable } from 'node:stream';
import { expect } from 'chai';
import { pack } from 'tar-stream';
import { findBase, type BaseImage } from '../../../../src/builders/layers/base-source.js';
import { KdeployError } from '../../../../src/errors.js';
import { digestOf } from '../../../../src/image/digest.js';
import type { Image } from '../../../../src/image/image.js';
import type { ImageSource } from '../../../../src/image/source.js';
import { treeOf, type ManifestTree } from '../../../../src/image/tree.js';
import type { LocateParts } from '../../../../src/locate/locate-image.js';
import type { EngineImage } from '../../../../src/places/engine/images.js';
import { failure } from '../../../support/failure.js';
import { rejection } from '../../../support/rejection.js';
import { sampleImage } from '../../image/sample-image.js';
import { AMD64, ARM64, sampleIndex } from '../../image/sample-index.js';
import { treeSource } from '../../image/tree-source.js';

const NAME = 'registry.example.com/team/base:3.11';
const BASE = sampleImage(['debian', 'python']);
const WAITING = sampleImage(['debian', 'python', 'waiting']);
const FOR_ARM = sampleImage(['debian for arm'], { architecture: 'arm64', variant: 'v8' });

const MISSING = new KdeployError('image-not-found', 'registry.example.com has no such image');
const DENIED = new KdeployError('credentials', 'registry.example.com wants credentials', {
  hint: 'run `docker login registry.example.com`',
  cause: new TypeError('401'),
});
const SILENT = new KdeployError('engine-unreachable', 'the engine does not answer');
const INTERRUPTED = new KdeployError('interrupted', 'interrupted');

/** What `docker save` sends of an image with one layer. */
async function exported(config: object): Promise<Readable> {
  const layer = Buffer.alloc(1024);
  const text = JSON.stringify({
    ...{ os: 'linux', architecture: 'amd64', ...config },
    rootfs: { type: 'layers', diff_ids: [digestOf(layer)] },
  });
  const tar = pack();
  tar.entry({ name: '1/layer.tar' }, layer);
  tar.entry({ name: '1.json' }, text);
  tar.entry({ name: 'manifest.json' }, JSON.stringify([{ Config: '1.json', Layers: ['1/layer.tar'] }]));
  tar.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of tar) chunks.push(chunk as Buffer);
  return Readable.from(chunks);
}

interface Machine {
  readonly registry?: Image | ManifestTree | Error;
  readonly waiting?: Image;
  /** What the engine's image is configured as; `none`: no engine answers. */
  readonly engine?: object | Error | 'none';
  readonly file?: Image;
}

/** A machine; `asked` are the places that were looked at, in order. */
function machine({ registry = MISSING, waiting, engine, file }: Machine) {
  const asked: string[] = [];
  const images = {
    find: (name: string) => {
      asked.push(`engine: ${name}`);
      if (engine instanceof Error) return Promise.reject(engine);
      return Promise.resolve(engine === undefined ? undefined : ({ id: 'sha256:1' } as EngineImage));
    },
    history: () => Promise.reject(new TypeError('the history was asked for')),
    export: () => exported(engine instanceof Error || typeof engine !== 'object' ? {} : engine),
  };
  const refused = (error: Error): ImageSource => ({ ...treeSource(BASE), root: () => Promise.reject(error) });
  const parts: LocateParts = {
    local: () => {
      if (engine === 'none') return Promise.resolve({ images: undefined, unreachable: SILENT });
      return Promise.resolve({ images });
    },
    waiting: (reference) => {
      asked.push(`waiting: ${reference.toString()}`);
      return Promise.resolve(waiting === undefined ? undefined : treeSource(waiting));
    },
    registry: (reference) => {
      asked.push(`registry: ${reference.toString()}`);
      return registry instanceof Error ? refused(registry) : treeSource(registry, reference.toString());
    },
    file: ({ path, name }) => {
      asked.push(`file: ${path} ${name ?? ''}`);
      return Promise.resolve(file === undefined ? refused(MISSING) : treeSource(file));
    },
  };
  return { parts, asked };
}

async function find(
  name: string,
  { parts, asked }: ReturnType<typeof machine>,
  platform = AMD64,
): Promise<BaseImage & { readonly notes: readonly string[]; readonly asked: readonly string[] }> {
  const notes: string[] = [];
  const found = await findBase(name, platform, parts, (text) => notes.push(text));
  return { ...found, notes, asked };
}

const digest = ({ image }: BaseImage) => image.manifest.digest;

describe('the base image', () => {
  it('is that of its registry, and nothing else is looked at', async () => {
    const found = await find(NAME, machine({ registry: BASE, waiting: WAITING, engine: {} }));
    expect(digest(found)).to.equal(BASE.manifest.digest);
    expect(found.from?.toString()).to.equal(`registry.example.com/team/base@${BASE.manifest.digest}`);
    expect([found.notes, found.asked]).to.deep.equal([[], [`registry: ${NAME}`]]);
  });

  for (const [name, asked] of [
    ['python', 'docker.io/library/python:latest'],
    ['python:3.11-slim', 'docker.io/library/python:3.11-slim'],
    ['team/base', 'docker.io/team/base:latest'],
    ['localhost:5000/base', 'localhost:5000/base:latest'],
    [`python@${BASE.manifest.digest}`, `docker.io/library/python@${BASE.manifest.digest}`],
    [`docker://${NAME}`, NAME],
  ] as const)
    it(`is asked for as docker would read its name: ${name}`, async () => {
      const found = await find(name, machine({ registry: BASE }));
      expect(found.asked).to.deep.equal([`registry: ${asked}`]);
      expect(found.from?.digest).to.equal(BASE.manifest.digest);
      expect(found.from?.tag).to.equal(undefined);
    });

  it('is that of its platform, by its own digest and not by the index’s', async () => {
    const index = sampleIndex([AMD64, treeOf(BASE)], [ARM64, treeOf(FOR_ARM)]);
    for (const [platform, image] of [
      [AMD64, BASE],
      [ARM64, FOR_ARM],
      [{ ...ARM64, variant: 'v8' }, FOR_ARM],
    ] as const) {
      const found = await find(NAME, machine({ registry: index }), platform);
      expect([digest(found), found.from?.digest]).to.deep.equal([image.manifest.digest, image.manifest.digest]);
    }
  });

  it('is not one for another platform, though its name stands for no other', async () => {
    for (const [registry, platform, found, wanted] of [
      [FOR_ARM, AMD64, 'linux/arm64', 'linux/amd64'],
      [BASE, ARM64, 'linux/amd64', 'linux/arm64'],
      [sampleImage(['x'], { os: 'windows' }), AMD64, 'windows/amd64', 'linux/amd64'],
    ] as const) {
      const error = await rejection(find(NAME, machine({ registry, engine: 'none' }), platform));
      expect(error.code).to.equal('image-not-found');
      expect(error.message).to.contain(`is for ${found}, not for ${wanted}`);
      expect(error.hint).to.contain('--platform');
    }
    const error = await rejection(find(NAME, machine({ registry: sampleIndex([ARM64, treeOf(FOR_ARM)]) })));
    expect([error.code, error.hint]).to.deep.equal(['image-not-found', 'it has linux/arm64; choose with --platform']);
  });

  it('is one for the same platform where only its variant is said in another way', async () => {
    expect(digest(await find(NAME, machine({ registry: FOR_ARM }), ARM64))).to.equal(FOR_ARM.manifest.digest);
  });

  it('is that of the engine where the registry does not give it, which a note says, with the reason', async () => {
    for (const registry of [MISSING, DENIED]) {
      const found = await find('python:3.11', machine({ registry, engine: {} }));
      expect(found.from).to.equal(undefined);
      expect(found.image.layers.map(({ diffId }) => diffId)).to.deep.equal([digestOf(Buffer.alloc(1024))]);
      expect(found.notes).to.have.length(1);
      expect(found.notes[0]).to.contain('python:3.11 is taken from the engine').and.to.contain(registry.message);
      expect(found.asked).to.deep.equal([
        'registry: docker.io/library/python:3.11',
        'waiting: docker.io/library/python:3.11',
        'engine: python:3.11',
      ]);
    }
  });

  it('is not that of the engine where it is for another platform', async () => {
    const error = await rejection(find(NAME, machine({ engine: { architecture: 'arm64' } })));
    expect(error.message).to.contain('is for linux/arm64, not for linux/amd64');
  });

  it('is one that waits for a push, before the engine’s, and the note says so', async () => {
    const found = await find(NAME, machine({ waiting: WAITING, engine: {} }));
    expect([digest(found), found.from]).to.deep.equal([WAITING.manifest.digest, undefined]);
    expect(found.notes[0]).to.contain('wait for `kdeploy push`').and.not.to.contain('engine');
  });

  it('is not looked for on this machine where its name says the registry', async () => {
    const given = machine({ registry: DENIED, waiting: WAITING, engine: {} });
    const error = await rejection(find(`docker://${NAME}`, given));
    expect([error.code, error.hint]).to.deep.equal([DENIED.code, DENIED.hint]);
    expect(given.asked).to.deep.equal([`registry: ${NAME}`]);
  });

  it('is nowhere: the error is that of the registry, with what else to do', async () => {
    for (const engine of [undefined, 'none'] as const) {
      const denied = await rejection(find(NAME, machine({ registry: DENIED, ...(engine && { engine }) })));
      expect(denied.code).to.equal('credentials');
      expect(denied.message).to.equal(`the base image ${NAME} cannot be read: ${DENIED.message}`);
      expect([denied.hint, denied.cause]).to.deep.equal([DENIED.hint, DENIED.cause]);
      const missing = await rejection(find(NAME, machine({ ...(engine && { engine }) })));
      expect(missing.code).to.equal('image-not-found');
      expect(missing.hint).to.contain('image.base').and.to.contain('--base-image');
    }
  });

  it('is not lost in the trouble of an engine that is there and does not answer', async () => {
    const found = machine({ registry: DENIED });
    const silent: LocateParts = { ...found.parts, local: () => Promise.reject(SILENT) };
    for (const parts of [silent, machine({ registry: DENIED, engine: SILENT }).parts]) {
      const error = await rejection(find(NAME, { ...found, parts }));
      expect([error.code, error.hint]).to.deep.equal([DENIED.code, DENIED.hint]);
      expect(error.message).to.contain(DENIED.message).and.to.contain(SILENT.message);
    }
  });

  it('is not looked for any longer after an interruption', async () => {
    const given = machine({ registry: INTERRUPTED, waiting: WAITING, engine: {} });
    expect(await failure(find(NAME, given))).to.equal(INTERRUPTED);
    expect(given.asked).to.deep.equal([`registry: ${NAME}`]);
    expect(await failure(find(NAME, machine({ engine: INTERRUPTED })))).to.equal(INTERRUPTED);
  });

  it('is not hidden by a bug, which is told as one', async () => {
    const bug = new TypeError('a bug');
    expect(await failure(find(NAME, machine({ registry: bug, engine: {} })))).to.equal(bug);
    expect(await failure(find(NAME, machine({ engine: bug })))).to.equal(bug);
  });

  it('is one of a file, without a registry', async () => {
    for (const [name, asked] of [
      ['oci:dist:v1', 'file: dist v1'],
      ['docker-archive:base.tar', 'file: base.tar '],
    ] as const) {
      const found = await find(name, machine({ file: BASE }));
      expect([digest(found), found.from, found.asked]).to.deep.equal([BASE.manifest.digest, undefined, [asked]]);
    }
    expect((await rejection(find('oci:dist', machine({ engine: {} })))).code).to.equal('image-not-found');
  });

  it('is refused where its name is none', async () => {
    for (const name of ['', 'Python', 'python:', './base', 'https://registry.example.com/base', 'docker-daemon:x'])
      expect((await rejection(find(name, machine({ registry: BASE })))).code, name).to.equal('usage');
  });
});
