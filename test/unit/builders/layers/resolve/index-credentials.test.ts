import { expect } from 'chai';
import {
  credentialsFor,
  credentialsInText,
  splitUrl,
  withoutCredentials,
} from '../../../../../src/builders/layers/resolve/index-credentials.js';
import { hideGivenSecrets } from '../../../../../src/secrets/given-secrets.js';

describe('the credentials of an index', () => {
  for (const [written, url, username, password] of [
    ['https://ada:pw@example.com/simple', 'https://example.com/simple', 'ada', 'pw'],
    ['https://ada:p%40w@example.com/simple', 'https://example.com/simple', 'ada', 'p@w'],
    ['https://ada:p@w@example.com/', 'https://example.com/', 'ada', 'p@w'],
    ['https://ada@example.com/', 'https://example.com/', 'ada', ''],
    ['https://:pw@example.com/', 'https://example.com/', '', 'pw'],
    ['git+https://ada:pw@example.com/a.git', 'git+https://example.com/a.git', 'ada', 'pw'],
  ] as const) {
    it(`are taken out of ${written}`, () => {
      expect(splitUrl(written)).to.deep.equal({ url, credentials: { url, username, password } });
    });
  }

  for (const url of [
    'https://example.com/simple',
    'https://example.com/a@b',
    'ssh://git@example.com/a',
    'file:///a@b',
    './a@b',
  ]) {
    it(`are not in ${url}`, () => expect(splitUrl(url)).to.deep.equal({ url, credentials: undefined }));
  }

  it('are secrets from then on, as they are written and as they are meant', () => {
    splitUrl('https://ada:correct%40horse7@example.com/');
    splitUrl('https://ghp_0123456789abcdefghij@example.com/');
    expect(hideGivenSecrets('correct%40horse7 correct@horse7 ghp_0123456789abcdefghij')).to.equal('*** *** ***');
  });

  it('are found in a text, and taken out of it', () => {
    const text =
      '-i https://ada:pw@a.example.com/simple\nb @ git+https://tok@b.example.com/x\nc @ https://c.example.com/y@1\n';
    expect(credentialsInText(text).map(({ url }) => url)).to.deep.equal([
      'https://a.example.com/simple',
      'git+https://b.example.com/x',
    ]);
    expect(withoutCredentials(text)).to.equal(
      '-i https://a.example.com/simple\nb @ git+https://b.example.com/x\nc @ https://c.example.com/y@1\n',
    );
  });

  it('are found in a list with commas, and with an @ in the password', () => {
    const links = 'https://a.example.com/x,https://ada:p@w@b.example.com/y';
    expect(credentialsInText(links)).to.deep.equal([
      { url: 'https://b.example.com/y', username: 'ada', password: 'p@w' },
    ]);
    expect(withoutCredentials(links)).to.equal('https://a.example.com/x,https://b.example.com/y');
  });

  describe('for an address', () => {
    const known = [
      { url: 'https://example.com/team-a/simple/', username: 'a', password: 'pw' },
      { url: 'https://example.com/team-b/simple/', username: 'b', password: 'pw' },
      { url: 'git+https://git.example.com/x.git', username: 'g', password: 'pw' },
    ];

    for (const [address, username] of [
      ['https://example.com/team-b/files/x.whl', 'b'],
      ['https://example.com/team-a/simple/x/', 'a'],
      // As pip: files may be anywhere on the host of their index.
      ['https://example.com/elsewhere/x.whl', 'a'],
      ['https://git.example.com/y.git', 'g'],
      ['http://example.com/team-a/simple/', undefined],
      ['https://example.com:8443/team-a/simple/', undefined],
      ['https://example.com.evil.net/team-a/', undefined],
      ['file:///team-a', undefined],
      ['not an address', undefined],
    ] as const) {
      it(`${username === undefined ? 'are none' : `are ${username}'s`} at ${address}`, () => {
        expect(credentialsFor(address, known)?.username).to.equal(username);
      });
    }
  });
});
