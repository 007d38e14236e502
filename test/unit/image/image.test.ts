import { expect } from 'chai';
import { KdeployError } from '../../../src/errors.js';
import { digestOf } from '../../../src/image/digest.js';
import { imageOf } from '../../../src/image/image.js';
import { descriptorOf, sampleImage } from './sample-image.js';

describe('an image', () => {
  it('is known by its manifest, and has layers that open as often as they are asked', async () => {
    const image = sampleImage(['base', 'top'], { variant: 'v3' });
    expect(image.platform).to.deep.equal({ os: 'linux', architecture: 'amd64', variant: 'v3' });
    expect(image.layers.map(({ descriptor, diffId }) => [descriptor, diffId])).to.deep.equal(
      ['base', 'top'].map((text) => [descriptorOf(text), digestOf(`tar of ${text}`)]),
    );
    for (let time = 0; time < 2; time++) {
      const chunks: Uint8Array[] = [];
      for await (const chunk of image.layers[1]!.open()) chunks.push(chunk);
      expect(Buffer.concat(chunks).toString()).to.equal('top');
    }
  });

  it('keeps the bytes of its documents', () => {
    const { manifest, config } = sampleImage(['base']);
    for (const { bytes, digest } of [manifest, config]) expect(digestOf(bytes)).to.equal(digest);
  });

  const image = sampleImage(['base', 'top']);
  const other = sampleImage(['base']);
  const cases: readonly (readonly [string, () => unknown, string])[] = [
    [
      'a configuration that its manifest does not name',
      () => imageOf({ ...image, config: other.config, what: 'a:v1' }),
      'a:v1 is not an image that kdeploy can read: its manifest names another configuration',
    ],
    [
      'more layers than its configuration knows',
      () => sampleImage(['base'], {}, { layers: [descriptorOf('base'), descriptorOf('top')] }),
      'its manifest has 2 layers, its configuration 1',
    ],
  ];
  for (const [what, make, message] of cases) {
    it(`is refused with ${what}`, () => expect(make).to.throw(KdeployError, message));
  }

  it('is refused where its configuration names a layer by something other than a digest', () => {
    const config = { ...image.config, value: { ...image.config.value, rootfs: { diffIds: ['x', 'y'] } } };
    expect(() => imageOf({ ...image, config, what: 'a:v1' })).to.throw(
      KdeployError,
      'by something other than a digest',
    );
  });
});
