import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { connectionErrorOf } from '../../../../src/places/registry/connection-error.js';
import { Transport } from '../../../../src/places/registry/transport.js';
import { failure } from '../../../support/failure.js';

describe('a connection that failed', () => {
  it('says what was asked for, and the code of the system, which no translation changes', () => {
    const cause = Object.assign(new Error('hunter2'), { code: 'ECONNREFUSED' });
    const error = connectionErrorOf(new TypeError('fetch failed', { cause }), 'GET', 'https://r.io:5000/v2/?t=hunter2');
    expect(error).to.include({
      name: 'ConnectionError',
      message: 'GET https://r.io:5000/v2/?t=***: refused (ECONNREFUSED)',
      host: 'r.io:5000',
      attempts: 1,
    });
  });

  it('says no code where there is none', () => {
    const cause = Object.assign(new Error(''), { name: 'TimeoutError' });
    expect(connectionErrorOf(cause, 'HEAD', 'https://r.io/').message).to.equal('HEAD https://r.io/: timeout');
  });

  it('says nothing of what has no name: it may hold a password', () => {
    const cause = new Error('to https://me:hunter2@blobs.example.com/');
    const error = connectionErrorOf(new TypeError('fetch failed', { cause }), 'HEAD', 'https://r.io/');
    expect(error.message).to.equal('HEAD https://r.io/: other');
  });
});

describe('a registry that leads nowhere', () => {
  const answers: readonly [what: string, headers: Record<string, string>, body: string, words: string][] = [
    ['redirects in a circle', { Location: '/v2/' }, '', 'the redirects go in a circle'],
    [
      'redirects to an address that is not HTTP',
      { Location: 'ftp://blobs.example.com/x' },
      '',
      'redirected to an invalid address',
    ],
    ['redirects to an invalid address', { Location: 'http://[' }, '', 'redirected to an invalid address'],
    [
      'packs its answer badly',
      { 'Content-Encoding': 'gzip' },
      'no gzip',
      'the answer cannot be unpacked (Z_DATA_ERROR)',
    ],
    ['packs its answer strangely', { 'Content-Encoding': 'compress' }, 'x', 'the answer cannot be unpacked'],
  ];
  for (const [what, headers, body, words] of answers) {
    it(`says so where it ${what}`, async () => {
      const server = createServer((_request, response) => {
        response.writeHead('Location' in headers ? 302 : 200, headers).end(body);
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v2/`;
      try {
        const transport = new Transport();
        const asking = transport.send({ method: 'GET', url: new URL(url), expect: [200], maximumBytes: 1000 });
        expect(await failure(asking)).to.have.property('message', `GET ${url}: ${words}`);
      } finally {
        server.closeAllConnections();
        server.close();
      }
    });
  }
});
