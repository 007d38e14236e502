import { expect } from 'chai';
import { imageFlags, settingsFlags, trackingFlags } from '../../../src/ui/flags.js';

describe('the flags of what is built', () => {
  it('reach the configuration under its own names, each of them', () => {
    const flags = {
      image: 'a',
      tag: ['b'],
      builder: 'engine',
      dockerfile: 'c',
      'base-image': 'd',
      platform: 'e',
      uid: 1,
      gid: 2,
      'build-arg': ['f'],
      secret: ['g'],
      'tracking-uri': 'h',
      experiment: 'i',
    };
    expect(Object.keys(flags)).to.have.members([...Object.keys(imageFlags), ...Object.keys(trackingFlags)]);
    expect(settingsFlags(flags)).to.deep.equal({
      image: 'a',
      tags: ['b'],
      builder: 'engine',
      dockerfile: 'c',
      baseImage: 'd',
      platform: 'e',
      uid: 1,
      gid: 2,
      buildArguments: ['f'],
      secrets: ['g'],
      trackingUri: 'h',
      experimentName: 'i',
    });
  });

  it('are undefined where they were not given, so that the files decide', () => {
    for (const value of Object.values(settingsFlags({}))) expect(value).to.equal(undefined);
  });

  it('do not swallow the arguments behind a repeated one', () => {
    for (const flag of [imageFlags.tag, imageFlags['build-arg'], imageFlags.secret]) {
      expect(flag).to.include({ multiple: true, multipleNonGreedy: true });
    }
  });
});
