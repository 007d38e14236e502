import { expect } from 'chai';
import { headersFor, redirectOf } from '../../../../src/places/registry/redirect.js';

const FROM = new URL('https://r.io/v2/app/blobs/x');
const answer = (status: number, location?: string) => ({
  status,
  headers: new Headers(location === undefined ? {} : { Location: location }),
});

describe('a redirect', () => {
  for (const status of [301, 302, 303, 307, 308]) {
    it(`has the status ${status}`, () => {
      expect(redirectOf(answer(status, '/elsewhere#part'), FROM)?.href).to.equal('https://r.io/elsewhere');
    });
  }

  it('is none with another status, or without an address', () => {
    for (const status of [200, 201, 300, 304, 401]) expect(redirectOf(answer(status, '/x'), FROM)).to.equal(undefined);
    expect(redirectOf(answer(307), FROM)).to.equal(undefined);
  });

  const refused: readonly [location: string, words: string][] = [
    ['http://r.io/v2/', 'redirected from https to http'],
    ['ftp://r.io/', 'redirected to an invalid address'],
    ['file:///etc/passwd', 'redirected to an invalid address'],
    ['https://me:hunter2@r.io/', 'redirected to an invalid address'],
    ['https://[', 'redirected to an invalid address'],
  ];
  for (const [location, words] of refused) {
    it(`to ${location} is not followed`, () => {
      expect(() => redirectOf(answer(302, location), FROM)).to.throw(words);
    });
  }

  it('may lead from http to https, and from http to http', () => {
    for (const to of ['https://r.io/', 'http://store.io/'])
      expect(redirectOf(answer(302, to), new URL('http://r.io/'))?.href).to.equal(to);
  });

  it('takes what says who asks to the same origin alone', () => {
    const headers = { Authorization: 'Bearer x', cookie: 'y', 'Proxy-Authorization': 'z', Accept: 'a/b' };
    expect(headersFor(new URL('https://r.io/b'), FROM, headers)).to.deep.equal(headers);
    for (const other of ['https://store.io/', 'https://r.io:8443/', 'http://r.io/', 'https://r.io.example.com/'])
      expect(headersFor(new URL(other), FROM, headers)).to.deep.equal({ Accept: 'a/b' });
  });
});
