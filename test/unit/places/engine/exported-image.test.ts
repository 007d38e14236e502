import { Readable } from 'node:stream';
import { expect } from 'chai';
import { digestOf, type Digest } from '../../../../src/image/digest.js';
import { imageIn, readTree } from '../../../../src/image/tree.js';
import { ExportedImage } from '../../../../src/places/engine/exported-image.js';
import { rejection } from '../../../support/rejection.js';
import { configuration, savedByDocker24, savedByDocker25, tar } from './saved-image.js';

describe('an image that an engine exports', () => {
  const exported = (archive: Buffer) => {
    const exports: string[] = [];
    const images = {
      export: (id: string) => {
        exports.push(id);
        return Promise.resolve(Readable.from([archive]));
      },
    };
    return { image: new ExportedImage(images, 'sha256:1', 'app:v1'), exports };
  };
  const textOf = async (bytes: AsyncIterable<Uint8Array>) => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of bytes) chunks.push(chunk);
    return Buffer.concat(chunks).toString();
  };

  for (const [version, save] of [
    ['24', savedByDocker24],
    ['25', savedByDocker25],
  ] as const) {
    it(`is a value, with its configuration byte for byte, as Docker ${version} saves it`, async () => {
      const [first, second] = [await tar({ a: 'a' }), await tar({ b: 'b' })];
      const { image, exports } = exported(await save(first, second));
      const value = await imageIn(await readTree(image), image.name);
      expect(value.config.bytes.toString()).to.equal(configuration([first, second, first]));
      expect(value.layers.map(({ diffId, descriptor }) => [diffId, descriptor.digest, descriptor.size])).to.deep.equal(
        [first, second, first].map((layer) => [digestOf(layer), digestOf(layer), layer.length]),
      );
      expect(exports).to.deep.equal(['sha256:1']);
      expect(await textOf(value.layers[1]!.open())).to.equal(second.toString());
      expect(exports).to.have.length(2);
    });

    it(`has all its layers read in one export, as Docker ${version} saves them`, async () => {
      const [first, second] = [await tar({ a: 'a' }), await tar({ b: 'b' })];
      const { image, exports } = exported(await save(first, second));
      const { layers, config } = await image.readLayers(async (bytes) => digestOf(await textOf(bytes)));
      expect(layers.map(({ diffId }) => diffId)).to.deep.equal([first, second, first].map(digestOf));
      expect(layers.map(({ value }) => value)).to.deep.equal([first, second, first].map(digestOf));
      expect(config.run.env).to.deep.equal(['PATH=/bin']);
      await image.root();
      expect(exports).to.have.length(1);
    });
  }

  it('has the same manifest each time', async () => {
    const archive = await savedByDocker24(await tar({ a: 'a' }), await tar({ b: 'b' }));
    const [one, other] = await Promise.all([exported(archive).image.root(), exported(archive).image.root()]);
    expect(one.digest).to.equal(other.digest);
  });

  it('has nothing that it does not list', async () => {
    const { image } = exported(await savedByDocker24(await tar({ a: 'a' }), await tar({ b: 'b' })));
    const digest: Digest = digestOf('something else');
    expect((await rejection(image.manifest({ digest }))).message).to.include('it has no manifest');
    expect((await rejection(textOf(image.blob({ digest })))).message).to.include('it has no layer');
  });
});
