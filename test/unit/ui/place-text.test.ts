import { expect } from 'chai';
import { placeText } from '../../../src/ui/place-text.js';

describe('a place', () => {
  it('is written as editors and compilers do', () => {
    expect(placeText({ file: 'conf/base/kdeploy.yml', line: 12 })).to.equal('conf/base/kdeploy.yml:12');
    expect(placeText({ file: 'Dockerfile' })).to.equal('Dockerfile');
  });
});
