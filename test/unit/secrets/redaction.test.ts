import { expect } from 'chai';
import { rememberSecret } from '../../../src/secrets/given-secrets.js';
import { redact, redactText } from '../../../src/secrets/redaction.js';
import { CASES } from './redaction-cases.js';

describe('what another program says', () => {
  for (const [text, shown] of CASES.words) {
    it(`is shown as ${shown} where it says ${JSON.stringify(text)}`, () => {
      expect(redactText(text)).to.equal(shown);
    });
  }

  it('is shown without any known secret, the longer ones hidden first', () => {
    expect(redactText('hunter2-long and hunter2', ['hunter2', 'hunter2-long', ''])).to.equal('*** and ***');
  });

  it('is one line, with one space between words', () => {
    expect(redactText('a\r\n\tb  c d')).to.equal('a b c d');
  });

  it('is shown at a readable length', () => {
    expect(redactText('word '.repeat(1000))).to.have.length(301);
    expect(redactText('word '.repeat(60).replace(/ $/, '.'))).to.have.length(300);
  });
});

describe('text that leaves the program', () => {
  // In two parts, so that nobody's scanner takes this file for a leak.
  const TOKEN = ['ghp', 'aB3'.repeat(12)].join('_');
  const key = (end: string): string =>
    ['-----BEGIN RSA PRIVATE KEY-----', 'A'.repeat(64), 'B'.repeat(64), end].join('\n');
  const cases: readonly [what: string, text: string, shown: string][] = [
    ['a private key to its end', `${key('CC==')}\n-----END RSA PRIVATE KEY-----, said it`, '***, said it'],
    ['a private key that is cut', `${key('CC==')} said it`, '*** said it'],
    ['a private key in JSON', `"${key('CC==').replaceAll('\n', String.raw`\n`)}"`, '"***"'],
    ['a header of any scheme', 'Authorization: Digest username="ada", response="0123"', 'Authorization: ***'],
    ['a header without a scheme', 'Authorization: c29tZXRoaW5n\nHost: x', 'Authorization: ***\nHost: x'],
    ['a cookie', 'Set-Cookie: session=abc123; path=/', 'Set-Cookie: session=***; path=/'],
    ['an access key by its name', 'aws_secret_access_key = abc', 'aws_secret_access_key = ***'],
    ['a database password by its name', 'Uid=ada;Pwd=abc;', 'Uid=ada;Pwd=***'],
    ['a secret that it was given', 'cannot use hunter2-hunter2', 'cannot use ***'],
    ['a token, known by its form', `a ${TOKEN}, b ${TOKEN}`, 'a ***, b ***'],
    ['the password of an address', 'cannot reach https://ada:hunter2@host', 'cannot reach https://***@host'],
    ['a value that is called a password', 'password: "hunter 2"\nsecret=hunter2', 'password: ***\nsecret=***'],
    ['a header', 'Authorization: Basic aHVudGVyMg==', 'Authorization: Basic ***'],
  ];
  for (const [what, text, shown] of cases) {
    it(`hides ${what}`, () => {
      rememberSecret('hunter2-hunter2');
      expect(redact(text)).to.equal(shown);
    });
  }

  for (const text of [
    'authorization: denied by the proxy',
    'the authorization: none',
    'a cookie: required',
    'pass it as a build secret: `--secret id=x`',
    'the output is a secret: pipe it into a file',
    'pushed registry.example.com/password:v1',
    'set password: $PASSWORD, or secret: <secret>',
    'write {from_secret: {name: NAME, key: KEY}} or {from_secret: {name, key}}',
    'two  spaces,\n\tand another line',
    'Basic authentication',
    `sha256:${'0a1b2c3d'.repeat(8)} and ${'a'.repeat(60)}`,
    '-----BEGIN RSA PRIVATE KEY-----\n...\n-----END RSA PRIVATE KEY-----',
  ]) {
    it(`is shown as it is: ${JSON.stringify(text)}`, () => {
      expect(redact(text)).to.equal(text);
    });
  }
});
