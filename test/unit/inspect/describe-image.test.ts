import { expect } from 'chai';
import { BAKE_COMMENT } from '../../../src/image/bake-step.js';
import { digestOf } from '../../../src/image/digest.js';
import { describeImage, type FoundImage } from '../../../src/inspect/describe-image.js';
import { expectOutput } from '../../support/output-schemas.js';
import { sampleImage } from '../image/sample-image.js';

const FOUND: FoundImage = { reference: 'oci:dist', foundIn: 'layout', digest: digestOf('manifest'), referrers: [] };
const LAYERS = ['a'.repeat(100), 'b'.repeat(23), 'c'];

describe('the description of an image that is a value', () => {
  const history = [
    { created_by: 'ADD base.tar / # buildkit' },
    { created_by: 'ENV A=1', empty_layer: true },
    { created_by: 'RUN /bin/sh -c pip install --token hunter2 # buildkit' },
    { created_by: '/bin/sh', comment: BAKE_COMMENT },
  ];

  it('tells where it was found, and the layers as they are stored, with what made them', () => {
    expect(describeImage(sampleImage(LAYERS, { history }), FOUND)).to.deep.include({
      ...FOUND,
      id: null,
      size: 124,
      layers: [
        { digest: digestOf(LAYERS[0]!), size: 100, madeBy: 'ADD base.tar /' },
        { digest: digestOf(LAYERS[1]!), size: 23, madeBy: 'RUN pip install --token …' },
        { digest: digestOf(LAYERS[2]!), size: 1, madeBy: 'kdeploy' },
      ],
    });
  });

  const unknown: readonly [what: string, history: object[] | undefined][] = [
    ['is none', undefined],
    ['has fewer steps than there are layers', history.slice(2)],
    ['has more', [...history, ...history]],
  ];
  for (const [what, steps] of unknown) {
    it(`says of no layer what made it where the history ${what}`, () => {
      const { layers } = describeImage(sampleImage(LAYERS, { history: steps }), FOUND);
      expect(layers.map(({ madeBy }) => madeBy)).to.deep.equal([null, null, null]);
    });
  }

  it('tells nothing of a step that says nothing', () => {
    const { layers } = describeImage(sampleImage(['a'], { history: [{}] }), FOUND);
    expect(layers[0]).to.have.property('madeBy', null);
  });

  for (const foundIn of ['registry', 'layout', 'archive'] as const) {
    it(`is as the published schema says, found in a ${foundIn}`, () => {
      const artifactType = 'application/vnd.cyclonedx+json';
      const referrers = [
        { digest: digestOf('sbom'), artifactType, kind: 'sbom', format: 'CycloneDX 1.6', components: 115 } as const,
        { digest: digestOf('x'), artifactType: null, kind: 'other', format: null, components: null } as const,
      ];
      const found = { ...FOUND, foundIn, digest: null, referrers: foundIn === 'archive' ? null : referrers };
      const description = describeImage(sampleImage(LAYERS, { history }), found);
      expectOutput('inspect', { version: 1, ...(JSON.parse(JSON.stringify(description)) as object) });
    });
  }
});
