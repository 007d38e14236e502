import { expect } from 'chai';
import { earlierLayers, NO_EARLIER_LAYERS } from '../../../../src/builders/layers/earlier-layers.js';
import { formatRecorded, LAYERS_LABEL, type RecordedLayer } from '../../../../src/builders/layers/layer-recipe.js';
import { KdeployError } from '../../../../src/errors.js';
import { digestOf } from '../../../../src/image/digest.js';
import { MEDIA_TYPES } from '../../../../src/image/manifest.js';
import type { ImageSource } from '../../../../src/image/source.js';
import { rejection } from '../../../support/rejection.js';
import { descriptorOf, sampleImage } from '../../image/sample-image.js';
import { treeSource } from '../../image/tree-source.js';

const SITE = 'opt/venv/lib/python3.11/site-packages';
const PLATFORM = { os: 'linux', architecture: 'amd64' } as const;
const KEY = 'a'.repeat(64);
const WHEEL = { name: 'one', version: '1.0', sha256: 'b'.repeat(64), roots: [`${SITE}/one`], omitted: [] };
/** Of a layer whose bytes are its name. */
const recordOf = (text: string): RecordedLayer => ({
  ...{ key: KEY, digest: digestOf(text), size: text.length, diffId: digestOf(`tar of ${text}`) },
  wheels: [WHEEL],
});

const find = (...sources: readonly ImageSource[]) => earlierLayers(sources, PLATFORM, SITE);
const labelled = (label: string, layers = ['base', 'one'], manifest: object = {}): ImageSource =>
  treeSource(sampleImage(layers, { config: { Labels: { [LAYERS_LABEL]: label } } }, manifest));

describe('the layers of an earlier image', () => {
  it('are known by their recipes, with what is known of their wheels', async () => {
    const { layers, wheels } = await find(labelled(formatRecorded([recordOf('one')], SITE)));
    expect([...layers].map(([key, { descriptor }]) => [key, descriptor])).to.deep.equal([[KEY, descriptorOf('one')]]);
    expect([...wheels]).to.deep.equal([[WHEEL.sha256, WHEEL]]);
  });

  it('are described as they were packed, whatever an engine or a copy made of it', async () => {
    const descriptors = ['base', 'one'].map((text) => ({
      ...descriptorOf(text),
      mediaType: MEDIA_TYPES.dockerLayerGzip,
      annotations: { 'org.example.copied': 'yes' },
    }));
    const source = labelled(formatRecorded([recordOf('one')], SITE), ['base', 'one'], { layers: descriptors });
    expect((await find(source)).layers.get(KEY)?.descriptor).to.deep.equal(descriptorOf('one'));
  });

  // prettier-ignore
  const disbelieved: readonly [claim: string, label: string][] = [
    ['a layer that the image does not have', formatRecorded([recordOf('two')], SITE)],
    ['another layer’s diff ID', formatRecorded([{ ...recordOf('one'), diffId: digestOf('tar of base') }], SITE)],
    ['another size', formatRecorded([{ ...recordOf('one'), size: 4 }], SITE)],
    ['another layer’s digest', formatRecorded([{ ...recordOf('one'), digest: digestOf('base') }], SITE)],
    ['packages that are elsewhere', formatRecorded([recordOf('one')], SITE.replace('3.11', '3.12'))],
    ['something that is no recipe', formatRecorded([{ ...recordOf('one'), key: '../../etc' }], SITE)],
    ['what nobody can read', '{'],
    ['nothing', '[1]'],
  ];
  for (const [claim, label] of disbelieved)
    it(`are not believed where the image claims ${claim}`, async () => {
      expect(await find(labelled(label))).to.deep.equal(NO_EARLIER_LAYERS);
    });

  it('are not believed where one was changed on the way, but what is known of its wheels is: another may have given way to them', async () => {
    const [two, changed] = [{ ...WHEEL, name: 'two', sha256: 'c'.repeat(64) }, recordOf('compressed anew')];
    const label = formatRecorded([recordOf('one'), { ...changed, key: 'd'.repeat(64), wheels: [two] }], SITE);
    const { layers, wheels } = await find(labelled(label));
    expect([...layers.keys()]).to.deep.equal([KEY]);
    expect([...wheels.values()]).to.deep.equal([WHEEL, two]);
  });

  it('are those of the first image that has any', async () => {
    const missing: ImageSource = {
      ...treeSource(sampleImage([])),
      root: () => Promise.reject(new KdeployError('image-not-found', 'there is none')),
    };
    const [first, second] = [{ ...recordOf('one'), key: 'c'.repeat(64) }, recordOf('one')];
    const { layers } = await find(
      missing,
      labelled(''),
      ...[first, second].map((each) => labelled(formatRecorded([each], SITE))),
    );
    expect([...layers.keys()]).to.deep.equal([first.key]);
  });

  it('are not looked for any more after an interruption', async () => {
    const stopped: ImageSource = {
      ...treeSource(sampleImage([])),
      root: () => Promise.reject(new KdeployError('interrupted', 'stopped')),
    };
    expect((await rejection(find(stopped))).code).to.equal('interrupted');
  });
});
