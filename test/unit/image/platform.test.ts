import { expect } from 'chai';
import { KdeployError } from '../../../src/errors.js';
import {
  formatPlatform,
  isSamePlatform,
  machinePlatform,
  parsePlatform,
  selectedPlatform,
} from '../../../src/image/platform.js';

describe('a platform', () => {
  const table: [string, string][] = [
    ['linux/amd64', 'linux/amd64'],
    ['Linux/AMD64', 'linux/amd64'],
    ['linux/x86_64', 'linux/amd64'],
    ['linux/amd64/v1', 'linux/amd64'],
    ['linux/amd64/v3', 'linux/amd64/v3'],
    ['linux/arm64', 'linux/arm64'],
    ['linux/aarch64', 'linux/arm64'],
    ['linux/arm64/v8', 'linux/arm64'],
    ['linux/arm/v6', 'linux/arm/v6'],
    ['linux/arm/6', 'linux/arm/v6'],
    ['linux/armel', 'linux/arm/v6'],
    ['linux/armhf', 'linux/arm'],
    ['linux/arm/v7', 'linux/arm'],
    ['windows/amd64', 'windows/amd64'],
  ];
  for (const [text, normal] of table) {
    it(`${text} is ${normal}`, () => {
      expect(formatPlatform(parsePlatform(text))).to.equal(normal);
      expect(parsePlatform(normal)).to.deep.equal(parsePlatform(text));
    });
  }

  for (const text of ['', 'linux', 'amd64', 'linux/', '/amd64', 'linux/arm/v7/x', 'linux / amd64', 'linux/amd64\n']) {
    it(`is not ${JSON.stringify(text)}`, () => {
      expect(() => parsePlatform(text)).to.throw(KdeployError, 'is not a platform');
    });
  }

  it("is linux on the machine's processor, on a Mac too", () => {
    expect(formatPlatform(machinePlatform('x64'))).to.equal('linux/amd64');
    expect(formatPlatform(machinePlatform('arm64'))).to.equal('linux/arm64');
    expect(formatPlatform(machinePlatform('ppc64'))).to.equal('linux/ppc64le');
    expect(formatPlatform(machinePlatform('s390x'))).to.equal('linux/s390x');
    expect(machinePlatform().architecture).to.be.a('string');
  });

  it('is compared by meaning, not by spelling', () => {
    const arm64 = { os: 'linux', architecture: 'arm64' };
    expect(isSamePlatform(arm64, { os: 'linux', architecture: 'arm64', variant: 'v8' })).to.equal(true);
    expect(isSamePlatform(arm64, { os: 'linux', architecture: 'arm' })).to.equal(false);
    expect(isSamePlatform(arm64, { os: 'windows', architecture: 'arm64' })).to.equal(false);
  });

  it('is for the clusters’ usual platform unless told otherwise', () => {
    expect(selectedPlatform(undefined)).to.deep.equal({ os: 'linux', architecture: 'amd64' });
    expect(selectedPlatform('linux/aarch64')).to.deep.equal({ os: 'linux', architecture: 'arm64' });
    expect(() => selectedPlatform('arm64')).to.throw(KdeployError, '"arm64" is not a platform');
  });
});
