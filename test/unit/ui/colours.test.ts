import { expect } from 'chai';
import { hasColours } from '../../../src/ui/colours.js';

describe('colours', () => {
  const cases: readonly [what: string, isTTY: boolean, environment: Record<string, string>, expected: boolean][] = [
    ['on a terminal', true, { TERM: 'xterm' }, true],
    ['where nobody reads along', false, { TERM: 'xterm' }, false],
    ['on a terminal that cannot', true, { TERM: 'dumb' }, false],
    ['in CI', true, { CI: 'true' }, false],
    ['where nobody wants them', true, { NO_COLOR: '1' }, false],
    ['with NO_COLOR empty, which counts as not set', true, { NO_COLOR: '' }, true],
    ['where they are wanted, whatever the stream', false, { FORCE_COLOR: '1' }, true],
    ['where both are said: force wins', false, { FORCE_COLOR: '1', NO_COLOR: '1' }, true],
    ['with FORCE_COLOR=0', true, { FORCE_COLOR: '0' }, false],
  ];
  for (const [what, isTTY, environment, expected] of cases) {
    it(`are ${expected ? 'shown' : 'not shown'} ${what}`, () => {
      expect(hasColours({ isTTY }, environment)).to.equal(expected);
    });
  }
});
