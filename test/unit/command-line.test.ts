import { expect } from 'chai';
import { isOwnCommand } from '../../src/command-line.js';

describe('the first word of the command line', () => {
  const ids = ['check', 'auth:token'];
  const words: readonly [what: string, word: string | undefined, isOwn: boolean][] = [
    ['is a command', 'check', true],
    ['is the first of a command of two words', 'auth', true],
    ['is the second of a command of two words, which alone is none', 'token', false],
    ['is only the beginning of a command', 'chec', false],
    ['is the command of a plugin, which has to be loaded', 'help', false],
    ['is misspelled, so that the plugins are needed to say what was meant', 'helpp', false],
    ['is a flag', '--help', false],
    ['is missing', undefined, false],
  ];
  for (const [what, word, isOwn] of words) {
    it(what, () => {
      expect(isOwnCommand(word, ids)).to.equal(isOwn);
    });
  }

  it('tells nothing where the list of commands is missing, as in a work tree that is not built', () => {
    expect(isOwnCommand('check', [])).to.equal(false);
  });
});
