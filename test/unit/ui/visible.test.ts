import { expect } from 'chai';
import { placeText, visible } from '../../../src/ui/visible.js';

describe('text that a project has a hand in', () => {
  for (const [text, shown] of [
    ['requirements.txt', 'requirements.txt'],
    ['Grüße 日本 🎈', 'Grüße 日本 🎈'],
    ['a\u001B]8;;http://evil\u0007b', 'a\\x1b]8;;http://evil\\x07b'],
    ['a\u009Bb\u007F', 'a\\x9bb\\x7f'],
    ['a\nb', 'a b'],
  ] as const) {
    it(`is shown as ${shown}`, () => {
      expect(visible(text)).to.equal(shown);
    });
  }
});

describe('a place', () => {
  it('is written as editors and compilers do', () => {
    expect(placeText({ file: 'conf/base/kdeploy.yml', line: 12 })).to.equal('conf/base/kdeploy.yml:12');
    expect(placeText({ file: 'Dockerfile' })).to.equal('Dockerfile');
  });
});
