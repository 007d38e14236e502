import { expect } from 'chai';
import fc from 'fast-check';
import { passwordsInAddresses, redactAddresses, secretInAddress } from '../../../src/secrets/address.js';
import { CASES } from './redaction-cases.js';

describe('an address', () => {
  for (const [address, secret, shown] of CASES.addresses) {
    it(`that is ${JSON.stringify(address)} holds ${secret === 'none' ? 'no secret' : `a ${secret}`}`, () => {
      expect(secretInAddress(address)).to.equal(secret);
      expect(redactAddresses(address)).to.equal(shown ?? address);
    });
  }

  for (const [text, shown] of CASES.sentences) {
    it(`is shown without its secret in ${JSON.stringify(text)}`, () => {
      expect(redactAddresses(text)).to.equal(shown ?? text);
    });
  }

  // What stands before the first slash must not be a port: `https://ada:12/x@host` may be a path with an @.
  const password = fc
    .string({ minLength: 8, maxLength: 30 })
    .filter((text) => !/[\r\n]|^\d{0,5}[:.,;)'"]*[/?#\\\s]|sha\d+:/i.test(text) && !text.includes('***'));
  const scheme = fc.constantFrom('http', 'https', 'postgresql+psycopg2', 'HTTP');

  it('never shows its password, whatever stands in it', () => {
    fc.assert(
      fc.property(scheme, password, (name, secret) => {
        expect(redactAddresses(`${name}://ada:${secret}@mlflow.example.com:5000/x`)).to.equal(
          `${name}://***@mlflow.example.com:5000/x`,
        );
      }),
    );
  });

  it('never shows its password inside a sentence, unless there is a space in it', () => {
    fc.assert(
      fc.property(
        scheme,
        password.filter((text) => !/\s/.test(text)),
        (name, secret) => {
          expect(redactAddresses(`cannot reach ${name}://ada:${secret}@mlflow.example.com today`)).to.equal(
            `cannot reach ${name}://***@mlflow.example.com today`,
          );
        },
      ),
    );
  });

  it('is shown the same when it was shown before', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.webUrl({ withQueryParameters: true }),
          password.map((p) => `x http://u:${p}@h?token=${p}`),
        ),
        (text) => {
          expect(redactAddresses(redactAddresses(text))).to.equal(redactAddresses(text));
        },
      ),
    );
  });

  it('takes linear time where a text was made to slow it down', () => {
    for (const text of [
      'a'.repeat(500_000),
      'a://'.repeat(100_000),
      '?token'.repeat(50_000),
      '@sha256:a'.repeat(30_000),
      ':@'.repeat(100_000),
      'a://b:c '.repeat(50_000),
      ';a='.repeat(100_000),
    ]) {
      expect(redactAddresses(`x ${text}`)).to.be.a('string');
    }
  });
});

describe('a password that certainly stands in an address, or a user that may be one', () => {
  for (const [text, passwords] of [
    ['pip install -i https://bot:hunter2@pypi.example.com/simple x', ['hunter2']],
    ['git+https://oauth2:hunter2@git.example.com/x.git@v1', ['hunter2']],
    ['a://b:c@d "e://f:g@h"', ['c', 'g']],
    ['https://a:b@c', ['b']],
    ['https://a:b:@[::1]/x', ['b:']],
    ['https://bot@pypi.example.com', ['or bot']],
    ['https://bot:@pypi.example.com', ['or bot']],
    ['ssh://git@github.com/x', ['']],
    ['https://@pypi.example.com', []],
    ['https://bot:hunter2@$HOST', []],
    ['https://pypi.example.com:8080/a@b', []],
    ['http://localhost:port/a@b', []],
    ['registry:5000/a:v1@sha256:0123abcd', []],
    ['docker://registry/a:v1@sha256:0123abcd', []],
    ['://a:b@c', []],
    ['https://a:b@', []],
  ] as const) {
    it(`is ${JSON.stringify(passwords)} in ${text}`, () => {
      const found = [...passwordsInAddresses(text)].map(({ password, user }) => password + (user && `or ${user}`));
      expect(found).to.deep.equal(passwords);
    });
  }
});
