import { expect } from 'chai';
import { installedPackage } from '../../../../../src/config/init/ci/installation.js';
import { KdeployError } from '../../../../../src/errors.js';

describe('what a pipeline installs as kdeploy', () => {
  const HASH = `#sha256=${'0a'.repeat(32)}`;
  const WHEEL = 'kdeploy-0.1.0-py3-none-any.whl';

  it('is this version once PyPI has it, and nothing before: anybody may register the name', () => {
    expect(installedPackage('1.2.3', undefined, true)).to.equal('kdeploy==1.2.3');
    expect(installedPackage('1.2.3', undefined, false)).to.equal(undefined);
  });

  for (const given of [
    `https://wheels.example.com/${WHEEL}${HASH}`,
    `https://wheels.example.com:8443/a/b%20c/kdeploy-0.1.0rc1.tar.gz${HASH}`,
    `tools/${WHEEL}`,
    `./${WHEEL}`,
    `../tools/${WHEEL}`,
  ]) {
    it(`is ${given}`, () => expect(installedPackage('1.2.3', given, false)).to.equal(given));
  }

  it('may be another version of PyPI’s, once PyPI has it', () => {
    expect(installedPackage('1.2.3', 'kdeploy==1.2.2', true)).to.equal('kdeploy==1.2.2');
  });

  const refused: readonly [given: string, why: string][] = [
    ['kdeploy', 'any version'],
    ['kdeploy==0.1.0', 'the name is not the project’s yet'],
    [`https://wheels.example.com/${WHEEL}`, 'no hash'],
    [`https://wheels.example.com/${WHEEL}#sha256=0a`, 'half a hash'],
    [`http://wheels.example.com/${WHEEL}${HASH}`, 'no TLS'],
    [`https://robot:secret@wheels.example.com/${WHEEL}${HASH}`, 'a password in a file that is committed'],
    [`https://wheels.example.com/${WHEEL}?token=a${HASH}`, 'a token in it'],
    [`https://wheels.example.com/other-0.1.0-py3-none-any.whl${HASH}`, 'another package'],
    ['git+https://git.example.com/kdeploy@main', 'a branch'],
    [WHEEL, 'pip would look for a package of this name'],
    [`/tmp/${WHEEL}`, 'a place on this machine'],
    [`tools/$(id)/${WHEEL}`, 'code for a shell'],
    ['', 'nothing'],
  ];
  for (const [given, why] of refused) {
    it(`is not ${JSON.stringify(given)}: ${why}`, () => {
      expect(() => installedPackage('1.2.3', given, false))
        .to.throw(KdeployError)
        .with.property('code', 'usage');
    });
  }
});
