import { expect } from 'chai';
import { readProblems, RegistryError } from '../../../../src/places/registry/registry-error.js';

const url = 'https://r.io/v2/a/manifests/v1?token=hunter2';

describe("a registry's error", () => {
  it('says method, redacted address, status and the codes', () => {
    const problems = [
      { code: 'DENIED', message: 'not yours' },
      { code: 'UNKNOWN', message: '' },
    ];
    const error = new RegistryError({ status: 403, method: 'GET', url, problems });
    expect(error.message).to.equal(
      'GET https://r.io/v2/a/manifests/v1?token=***: 403 Forbidden: DENIED: not yours; UNKNOWN',
    );
    expect(error.host).to.equal('r.io');
  });

  it('explains why a HEAD request tells no more', () => {
    const error = new RegistryError({ status: 418, method: 'HEAD', url: 'https://r.io/', problems: [] });
    expect(error.message).to.equal(
      "HEAD https://r.io/: 418 I'm a Teapot (responses to HEAD requests carry no message)",
    );
  });

  it('knows whether it may pass', () => {
    const temporary = (status: number, code?: string) =>
      new RegistryError({
        status,
        method: 'GET',
        url,
        problems: code === undefined ? [] : [{ code, message: '' }],
      }).temporary();
    for (const status of [408, 429, 500, 502, 503, 504]) expect(temporary(status), String(status)).to.equal(true);
    for (const status of [301, 400, 401, 403, 404, 405, 501, 505])
      expect(temporary(status), String(status)).to.equal(false);
    expect(temporary(403, 'TOOMANYREQUESTS')).to.equal(true);
    expect(temporary(403, 'DENIED')).to.equal(false);
  });

  const bodies: [name: string, body: string, type: string | null, ...words: string[]][] = [
    ['the spec', '{"errors":[{"code":"DENIED","message":"no","detail":"hunter2"}]}', 'application/json', 'DENIED no'],
    [
      'Docker Hub',
      '{"details":"incorrect username or password"}',
      'application/json',
      ' incorrect username or password',
    ],
    ['OAuth2', '{"error":"invalid_grant","error_description":"expired"}', 'application/json', ' expired'],
    ['a code that is none', '{"errors":[{"code":"<b>","message":"m"},7]}', null, ' m'],
    ['a text', 'too many', 'text/plain', ' too many'],
    ['a page', ' <!doctype html>', null, ' the response is an HTML page: a proxy or another server may have answered'],
    ['bytes', '\u0000\u0001', 'application/octet-stream'],
    ['nothing', '', 'application/json'],
    ['a list', '[1]', 'application/json'],
  ];
  for (const [name, body, type, ...words] of bodies) {
    it(`is read from ${name}`, () => {
      const problems = readProblems(Buffer.from(body), type, []);
      expect(problems.map(({ code, message }) => `${code} ${message}`)).to.deep.equal(words);
    });
  }
});
