import { expect } from 'chai';

import { conformanceOf, type Conformance } from '../support/registries/conformance.js';
import { CREDENTIALS, REGISTRY_KINDS, Registries, type RegistryKind } from '../support/registries/registries.js';

/** What kdeploy copies an image with; by the names of the suite. */
const RELIED_ON = [
  'Blob push',
  'Blob post put',
  'Blob chunked',
  'Blob mount',
  'Blob head',
  'Blob get',
  'Blob get range',
  'Manifest put by digest',
  'Manifest put by tag',
  'Manifest head by digest',
  'Manifest head by tag',
  'Manifest get by digest',
  'Manifest get by tag',
];

interface Flaws {
  /** In which of these parts the suite finds something. */
  readonly apis: readonly string[];
  /** What that is: all of it, so that a flaw that is new is looked at. */
  readonly complaints: readonly string[];
}

const POST_ONLY = 'registry does not support content in the POST, fallback to PUT';

/**
 * Why kdeploy does without what these do not do:
 * - It opens an upload with POST and sends the blob with PUT, never with the POST alone.
 * - Chunks go out in their order, so nobody needs to refuse others. Where a connection broke, it asks how far the upload came,
 *   and begins anew where the registry does not know that question.
 * - Ranges begin within the blob, and end with it.
 * - Where the answer to the end of an upload, a mount or a manifest says that the thing is, is not read: it is asked for under
 *   its digest or tag.
 * - A digest is looked at before it is asked for.
 */
const FLAWS: Readonly<Record<RegistryKind, Flaws>> = {
  'docker-registry 2.8': {
    apis: ['Blob chunked', 'Blob get range', 'Manifest get by digest', 'Manifest put by digest'],
    complaints: [
      'blob get failed:: unexpected EOF',
      'blob out of order chunk: unexpected status code, expected one of [416], received 202',
      'manifest get failed: unexpected status code, expected one of [404 400], received 500',
      'manifest put failed: unexpected status code, expected one of [400], received 500',
      POST_ONLY,
    ],
  },
  'distribution v3': { apis: [], complaints: [POST_ONLY] },
  'distribution v3 with tokens': { apis: [], complaints: [POST_ONLY] },
  crane: {
    apis: [
      'Blob post put',
      'Blob chunked',
      'Blob mount',
      'Blob get range',
      'Manifest put by digest',
      'Manifest put by tag',
      'Manifest get by digest',
    ],
    complaints: [
      'blob chunked upload get request: unexpected status code, expected one of [204], received 400',
      'blob post failed: missing header "Location"',
      'blob put did not return a location',
      'blob put failed: missing header "Location"',
      'failed to verify returned location: body contents mismatch',
      'manifest get failed: unexpected status code, expected one of [404 400], received 200',
      'manifest put failed: unexpected status code, expected one of [400], received 201',
    ],
  },
};

/** The distribution spec's own suite says what a registry does; a copy may rely on that alone which all of them do. */
describe('by the conformance suite of the distribution spec', () => {
  const registries = new Registries();
  after(() => registries.stop());

  for (const kind of REGISTRY_KINDS) {
    describe(kind, () => {
      let found: Conformance;

      before(async () => {
        found = await conformanceOf(await registries.address(kind), CREDENTIALS);
      });

      it('does what a copy relies on, but for what is known', () => {
        const { apis } = found;
        expect(Object.keys(apis)).to.include.members(RELIED_ON);
        const flawed = RELIED_ON.filter((name) => apis[name] !== 'Pass');
        expect(flawed).to.have.members(FLAWS[kind].apis);
      });

      it('has no flaws but those that a copy does not come upon', () => {
        expect(found.complaints).to.deep.equal(FLAWS[kind].complaints);
      });
    });
  }
});
