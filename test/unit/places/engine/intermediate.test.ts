import { expect } from 'chai';
import { INTERMEDIATE_REPOSITORY } from '../../../../src/image/bake-step.js';
import {
  bakedTag,
  intermediateTag,
  makerOf,
  ownMachine,
  uniqueName,
} from '../../../../src/places/engine/intermediate.js';
import { ImageReference } from '../../../../src/image/reference.js';

describe('names of what exists only while kdeploy works', () => {
  it('say which process made them, and when, to whoever finds them left over', () => {
    const names = [uniqueName('bake'), `/${uniqueName('self-test')}`, intermediateTag(), bakedTag(intermediateTag())];
    for (const name of [...names, `localhost/${intermediateTag()}`]) {
      const { machine, pid, time } = makerOf(name) ?? {};
      expect([machine, pid]).to.deep.equal([ownMachine(), process.pid]);
      expect(Date.now() / 1000 - (time ?? 0)).to.be.within(0, 60);
    }
  });

  it('are told from other names, however close', () => {
    const mark = '0123456789ab-7-1767323045';
    for (const name of [
      'kdeploy-bake-0123456789ab',
      'kdeploy-intermediate:0123456789abcdef',
      `my-kdeploy-bake-${mark}-0123456789ab`,
      `kdeploy-bake-${mark}`,
      `kdeploy-bake-${mark}-0123456789ab-more`,
      `registry.example.com/kdeploy-intermediate:${mark}-0123456789ab`,
      `kdeploy-intermediate-2:${mark}-0123456789ab`,
      'kdeploy-',
      '',
    ])
      expect(makerOf(name), name).to.equal(undefined);
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
