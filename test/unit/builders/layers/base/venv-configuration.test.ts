import { expect } from 'chai';
import { parseVenvConfiguration } from '../../../../../src/builders/layers/base/venv-configuration.js';

describe('pyvenv.cfg', () => {
  const cases: readonly [text: string, home: string | undefined, hasSystemPackages: boolean][] = [
    ['home = /usr/bin\ninclude-system-site-packages = false\nversion = 3.11.2\n', '/usr/bin', false],
    ['home=/usr/local/bin\r\nINCLUDE-SYSTEM-SITE-PACKAGES = TRUE\r\n', '/usr/local/bin', true],
    ['# home = /a\nhome = /with a space/bin  \n', '/with a space/bin', false],
    ['home = bin\ninclude-system-site-packages = yes', undefined, false],
    ['home\n', undefined, false],
    ['', undefined, false],
  ];
  for (const [text, home, hasSystemPackages] of cases)
    it(`names ${home ?? 'no home'} in ${JSON.stringify(text)}`, () => {
      expect(parseVenvConfiguration(text)).to.deep.equal({ home, hasSystemPackages });
    });
});
