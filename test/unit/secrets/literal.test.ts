import { expect } from 'chai';
import { isLiteralSecret, NO_SECRET } from '../../../src/secrets/literal.js';

describe('the value of a secret', () => {
  for (const value of ['hunter2', 's3cr3t-value', '0a1b2c'])
    it(`may be ${value}`, () => expect(isLiteralSecret(value)).to.equal(true));
  for (const value of ['', '$TOKEN', '${TOKEN}', '<token>', 'xxxx', '****', 'changeme', 'your-token', 'password'])
    it(`is not ${JSON.stringify(value)}`, () => expect(isLiteralSecret(value)).to.equal(false));
});

describe('the value of something with the name of a secret', () => {
  for (const value of ['/run/secrets/db', './x', '~/x', 'https://vault', '512', 'true', 'OFF'])
    it(`is none when it is ${value}`, () => expect(NO_SECRET.test(value)).to.equal(true));
  for (const value of ['hunter2', '12345', 'x/y', 'truely'])
    it(`may be ${value}`, () => expect(NO_SECRET.test(value)).to.equal(false));
});
