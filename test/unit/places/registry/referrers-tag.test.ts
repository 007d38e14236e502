import { expect } from 'chai';
import { parseReference } from '../../../../src/image/reference.js';
import { referrersTag } from '../../../../src/places/registry/referrers-tag.js';

// What it may name, and what is made of that: referrers.test.ts.
describe('the tag that lists what belongs to an image', () => {
  const tagOf = (digest: string) => referrersTag(parseReference('r.io/team/app:v1').withDigest(digest)).toString();

  it('is its digest, as far as a tag may be long', () => {
    expect(tagOf(`sha256:${'a'.repeat(64)}`)).to.equal(`r.io/team/app:sha256-${'a'.repeat(64)}`);
    expect(tagOf(`sha512:${'b'.repeat(128)}`)).to.equal(`r.io/team/app:sha512-${'b'.repeat(64)}`);
  });
});
