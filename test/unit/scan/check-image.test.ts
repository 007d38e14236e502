import { PassThrough, Readable } from 'node:stream';
import { expect } from 'chai';
import type { EngineImages } from '../../../src/places/engine/images.js';
import { checkEngineImage, type KeptVerdicts } from '../../../src/scan/check-image.js';
import type { LayerContents } from '../../../src/scan/image-secrets.js';
import { KdeployError } from '../../../src/errors.js';
import { parseReference } from '../../../src/image/reference.js';
import { rejection } from '../../support/rejection.js';
import { configuration, savedByDocker24, savedByDocker25, sha256, tar } from '../places/engine/saved-image.js';

const KEY = '-----BEGIN PRIVATE KEY-----\nMIIEplanted\n-----END PRIVATE KEY-----\n';

type Images = Pick<EngineImages, 'find' | 'export' | 'history'>;

function keptVerdicts(): KeptVerdicts & { readonly kept: Map<string, LayerContents> } {
  const kept = new Map<string, LayerContents>();
  return {
    kept,
    find: (digest) => Promise.resolve(kept.get(digest)),
    remember: (digest, contents) => {
      kept.set(digest, contents);
      return Promise.resolve();
    },
  };
}

function imagesWith(archive: Buffer, layers: readonly string[] = ['sha256:unknown']): Images {
  const found = { id: 'sha256:1', layers, configuration: { env: [], labels: {} } } as unknown as Awaited<
    ReturnType<Images['find']>
  >;
  return {
    find: () => Promise.resolve(found),
    export: () => Promise.resolve(Readable.from([archive])),
    history: () => Promise.resolve(layers.map(() => ({ createdBy: 'COPY . . # buildkit', size: 1 }))),
  };
}

const lookInto = async (images: Images, verdicts: KeptVerdicts) => {
  const image = await images.find('app:v1');
  if (image === undefined) throw new TypeError('no image');
  return checkEngineImage({ image, images, reference: parseReference('app:v1') }, verdicts);
};

describe('a look into an image on the engine', () => {
  for (const [version, save] of [
    ['24', savedByDocker24],
    ['25', savedByDocker25],
  ] as const) {
    it(`finds a key, and the layers that have it, in what Docker ${version} saves`, async () => {
      const archive = await save(await tar({ 'home/kedro/deploy.pem': KEY }), await tar({ 'home/kedro/a.txt': 'a' }));
      const findings = await lookInto(imagesWith(archive), keptVerdicts());
      expect(findings.map(({ severity }) => severity)).to.deep.equal(['error', 'error']);
      for (const [index, number] of [1, 3].entries()) {
        expect(findings[index]?.message).to.match(
          new RegExp(`^/home/kedro/deploy\\.pem in layer ${number} of 3 \\(sha256:[0-9a-f]{12}, COPY`),
        );
      }
      expect(JSON.stringify(findings)).not.to.contain('MIIEplanted');
    });
  }

  it('reads no layer twice: the second look finds the same without an export', async () => {
    const [first, second] = [await tar({ 'home/kedro/deploy.pem': KEY }), await tar({ 'home/kedro/a.txt': 'a' })];
    const layers = [first, second, first].map((layer) => `sha256:${sha256(layer)}`);
    const images = imagesWith(await savedByDocker25(first, second), layers);
    const verdicts = keptVerdicts();
    const findings = await lookInto(images, verdicts);
    const withoutExport: Images = { ...images, export: () => Promise.reject(new Error('exported again')) };
    expect(await lookInto(withoutExport, verdicts)).to.deep.equal(findings);
    expect(findings).to.have.lengthOf(2);
  });

  for (const [what, files] of [
    ['has no manifest.json', { 'a/VERSION': '1.0' }],
    ['lacks its configuration', { 'manifest.json': '[{"Config": "c.json", "Layers": []}]' }],
    [
      'lacks a layer',
      { 'c.json': configuration([Buffer.from('x')]), 'manifest.json': '[{"Config": "c.json", "Layers": ["a"]}]' },
    ],
    ['has half a manifest', { 'manifest.json': '[{"Config": ' }],
    ['has a manifest of nothing', { 'manifest.json': '[null]' }],
    ['has a manifest of numbers', { 'c.json': '{}', 'manifest.json': '[{"Config": "c.json", "Layers": [1]}]' }],
    ['has a manifest that is no list', { 'manifest.json': '{"Config": 1}' }],
  ] as const) {
    it(`is an error that names the image where what the engine sends ${what}`, async () => {
      const error = await rejection(lookInto(imagesWith(await tar(files)), keptVerdicts()));
      expect(error).to.include({ code: 'engine-unreachable' });
      expect(error.message).to.match(/^app:v1 cannot be read from the engine: /);
    });
  }

  for (const [what, bytes, words] of [
    ['is cut, as a proxy does', Buffer.from('{"Id"'), 'Unexpected end of data'],
    ['is a document', Buffer.from('['.repeat(2000)), 'Invalid tar header'],
  ] as const) {
    it(`is an error that names the image where what the engine sends ${what}, and waits for no more of it`, async () => {
      const sent = new PassThrough();
      // The engine itself does not end it.
      if (bytes.length > 512) sent.write(bytes);
      else sent.end(bytes);
      const images = { ...imagesWith(Buffer.alloc(0)), export: () => Promise.resolve(sent) };
      const error = await rejection(lookInto(images, keptVerdicts()));
      expect(error).to.include({ code: 'engine-unreachable' });
      expect(error.message).to.contain(`app:v1 cannot be read from the engine: ${words}`);
      expect(sent.destroyed).to.equal(true);
    });
  }

  it('tells what broke the export before it was listened for', async () => {
    const broken = new PassThrough();
    broken.on('error', () => undefined);
    broken.destroy(new KdeployError('engine-unreachable', 'the engine broke off exporting app:v1'));
    const images = { ...imagesWith(Buffer.alloc(0)), export: () => Promise.resolve(broken) };
    const error = await rejection(lookInto(images, keptVerdicts()));
    expect(error.message).to.equal('the engine broke off exporting app:v1');
  });
});
