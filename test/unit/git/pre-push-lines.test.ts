import { expect } from 'chai';
import fc from 'fast-check';
import { KdeployError } from '../../../src/errors.js';
import { parsePrePushLines } from '../../../src/git/pre-push-lines.js';

const ONE = '1'.repeat(40);
const TWO = '2'.repeat(40);
const NONE = '0'.repeat(40);

describe('the lines that git gives a pre-push hook', () => {
  const read: Readonly<Record<string, [string, ReturnType<typeof parsePrePushLines>]>> = {
    'a branch that the remote has': [
      `refs/heads/main ${ONE} refs/heads/main ${TWO}\n`,
      [{ localRef: 'refs/heads/main', localId: ONE, remoteRef: 'refs/heads/main', remoteId: TWO }],
    ],
    'a new branch, of which the remote has zeros': [
      `refs/heads/new ${ONE} refs/heads/new ${NONE}\n`,
      [{ localRef: 'refs/heads/new', localId: ONE, remoteRef: 'refs/heads/new', remoteId: undefined }],
    ],
    'a deletion, of which we have zeros': [
      `(delete) ${NONE} refs/heads/old ${TWO}\n`,
      [{ localRef: '(delete)', localId: undefined, remoteRef: 'refs/heads/old', remoteId: TWO }],
    ],
    'an expression with spaces, as it was typed': [
      `main@{1 day ago} ${ONE} refs/heads/old ${TWO}\n`,
      [{ localRef: 'main@{1 day ago}', localId: ONE, remoteRef: 'refs/heads/old', remoteId: TWO }],
    ],
    'ids of SHA-256': [
      `HEAD ${'a'.repeat(64)} refs/heads/main ${'0'.repeat(64)}\n`,
      [{ localRef: 'HEAD', localId: 'a'.repeat(64), remoteRef: 'refs/heads/main', remoteId: undefined }],
    ],
    'no lines, when nothing is pushed': ['', []],
    'a last line without an end, and an empty one between': [
      `HEAD ${ONE} refs/heads/a ${NONE}\r\n\nHEAD ${ONE} refs/tags/v1 ${NONE}`,
      [
        { localRef: 'HEAD', localId: ONE, remoteRef: 'refs/heads/a', remoteId: undefined },
        { localRef: 'HEAD', localId: ONE, remoteRef: 'refs/tags/v1', remoteId: undefined },
      ],
    ],
  };
  for (const [what, [text, updates]] of Object.entries(read)) {
    it(`tell ${what}`, () => {
      expect(parsePrePushLines(text)).to.deep.equal(updates);
    });
  }

  const malformed: Readonly<Record<string, string>> = {
    'too few words': `refs/heads/main ${ONE} refs/heads/main\n`,
    'an id that is cut off': `refs/heads/main ${ONE.slice(1)} refs/heads/main ${TWO}\n`,
    'an id with a digit too much': `refs/heads/main ${ONE} refs/heads/main ${TWO}2\n`,
    'ids of two kinds': `refs/heads/main ${ONE} refs/heads/main ${'2'.repeat(64)}\n`,
    'capitals in an id': `refs/heads/main ${'A'.repeat(40)} refs/heads/main ${TWO}\n`,
    'other text': 'yes\n',
  };
  for (const [what, text] of Object.entries(malformed)) {
    it(`are refused with ${what}, naming the line and not its text`, () => {
      const good = `HEAD ${ONE} refs/heads/a ${NONE}\n`;
      expect(() => parsePrePushLines(good + text))
        .to.throw(KdeployError, /^line 2 of standard input is not in the format of a git pre-push hook/)
        .with.property('code', 'usage');
    });
  }

  it('are the same when written and read, whatever the refs are called', () => {
    const id = fc.stringMatching(/^[1-9a-f][0-9a-f]{39}$/);
    const word = fc.stringMatching(/^[^\s\0]+$/);
    const line = fc.record({
      localRef: fc.stringMatching(/^[^\s\0]+( [^\s\0]+)*$/),
      localId: id,
      remoteRef: word,
      remoteId: id,
    });
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        const text = lines.map((each) => Object.values(each).join(' ')).join('\n');
        expect(parsePrePushLines(text)).to.deep.equal(lines);
      }),
    );
  });
});
