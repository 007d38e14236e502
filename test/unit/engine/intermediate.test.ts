import { expect } from 'chai';
import { INTERMEDIATE_REPOSITORY, intermediateTag, uniqueName } from '../../../src/engine/intermediate.js';
import { ImageReference } from '../../../src/image/reference.js';

describe('names of what exists only while kdeploy works', () => {
  it('are recognised as kdeploy’s own, whoever finds them left over', () => {
    expect(uniqueName('bake')).to.match(/^kdeploy-bake-[0-9a-f]{12}$/);
    expect(intermediateTag()).to.match(/^kdeploy-intermediate:[0-9a-f]{16}$/);
  });

  it('are each used once, so that two builds at once never meet', () => {
    const made = Array.from({ length: 1000 }, () => [uniqueName('bake'), intermediateTag()]).flat();
    expect(new Set(made)).to.have.lengthOf(2000);
  });

  it('read as an image name of no registry that anybody could push to', () => {
    const { registry, repository } = ImageReference.parse(intermediateTag());
    expect([registry, repository]).to.deep.equal(['docker.io', `library/${INTERMEDIATE_REPOSITORY}`]);
  });
});
