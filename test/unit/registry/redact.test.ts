import { expect } from 'chai';
import { redactText, redactUrl } from '../../../src/registry/redact.js';

const HEX = 'a1'.repeat(32);

describe('what is redacted', () => {
  const addresses: [string, string][] = [
    [
      'https://r.io/token?service=s&scope=repository:a/b:pull,push',
      'https://r.io/token?service=s&scope=repository:a/b:pull,push',
    ],
    ['https://r.io/v2/?access_token=hunter2&n=5', 'https://r.io/v2/?access_token=REDACTED&n=5'],
    ['https://s3.example.com/b?X-Amz-Signature=hunter2#hunter2', 'https://s3.example.com/b?X-Amz-Signature=REDACTED'],
    ['https://me:hunter2@r.io/v2/', 'https://r.io/v2/'],
    ['https://r.io/?k=hunter2&k=hunter2', 'https://r.io/?k=REDACTED'],
    ['hunter2', '(an invalid URL)'],
  ];
  for (const [address, shown] of addresses) {
    it(`${address} becomes ${shown}`, () => {
      expect(redactUrl(address)).to.equal(shown);
    });
  }

  const texts: [string, string][] = [
    ['unknown manifest', 'unknown manifest'],
    [`manifest sha256:${HEX} is unknown`, `manifest sha256:${HEX} is unknown`],
    ['invalid token: denied', 'invalid token: denied'],
    ['Authorization: Bearer hunter2.abc', 'Authorization: Bearer REDACTED'],
    ['sent basic aHVudGVyMg==', 'sent basic REDACTED'],
    ['{"Username":"me","Secret":"hunter2 x"}', '{"Username":"me","Secret":REDACTED}'],
    ['password=hunter2, sorry', 'password=REDACTED sorry'],
    ['token: hunter2-abc', 'token: REDACTED'],
    ['GET https://me:hunter2@r.io/v2/ failed', 'GET https://REDACTED@r.io/v2/ failed'],
    ['got ya29.a0hunter2', 'got REDACTED'],
    ['assertion eyJhbGci.hunter2.x here', 'assertion REDACTED here'],
    [`key ${HEX}`, 'key REDACTED'],
    ['one\n\ttwo\u001b[2J', 'one two [2J'],
  ];
  for (const [text, shown] of texts) {
    it(`${JSON.stringify(text)} becomes ${shown}`, () => {
      expect(redactText(text)).to.equal(shown);
    });
  }

  it('every known secret, the longer ones first', () => {
    expect(redactText('hunter2-long and hunter2', ['hunter2', 'hunter2-long', ''])).to.equal('REDACTED and REDACTED');
  });

  it('leaves a message of readable length', () => {
    expect(redactText('word '.repeat(1000))).to.have.length(301);
  });
});
