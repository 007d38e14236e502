import { expect } from 'chai';
import { quoted } from '../../../src/secrets/quoted.js';

describe("a user's text in a message", () => {
  const cases: readonly [what: string, text: string, shown: string][] = [
    ['is in quotes', 'linux', '"linux"'],
    ['shows control characters as escapes', 'a\u001b[2Jb\n', String.raw`"a\u001b[2Jb\n"`],
    ['keeps an image at a digest', `app@sha256:${'a'.repeat(8)}`, '"app@sha256:aaaaaaaa"'],
    ['keeps nothing before another @', 'me:hunter2@host/path', '"…@host/path"'],
    ['keeps no password of an address', 'https://me:hunter2@host/path', '"…@host/path"'],
    ['keeps no user of an address, who may be a token', 'https://hunter2@host', '"…@host"'],
    ['keeps no secret parameter', 'https://host/path?token=hunter2', '"https://host/path?token=***"'],
    ['keeps no password with an @ in it', 'https://me:hun@ter2@host', '"…@host"'],
    ['looks for the @ before it cuts', `https://me:hunter2${'x'.repeat(200)}@host`, '"…@host"'],
    ['cuts what is long', 'x'.repeat(120), `"${'x'.repeat(100)}…"`],
  ];
  for (const [what, text, shown] of cases) {
    it(what, () => {
      expect(quoted(text)).to.equal(shown);
    });
  }

  it('can be shorter or longer', () => {
    expect(quoted('abcdef', 3)).to.equal('"abc…"');
    expect(quoted('abc', 3)).to.equal('"abc"');
  });
});
