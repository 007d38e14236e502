import { expect } from 'chai';
import { redactUrl } from '../../../../src/places/registry/redact.js';

describe('an address of the registry protocol', () => {
  const addresses: [string, string][] = [
    [
      'https://r.io/token?service=s&scope=repository:a/b:pull,push',
      'https://r.io/token?service=s&scope=repository:a/b:pull,push',
    ],
    ['https://r.io/v2/?access_token=hunter2&n=5', 'https://r.io/v2/?access_token=***&n=5'],
    ['https://s3.example.com/b?X-Amz-Signature=hunter2#hunter2', 'https://s3.example.com/b?X-Amz-Signature=***'],
    ['https://me:hunter2@r.io/v2/', 'https://r.io/v2/'],
    ['https://r.io/?k=hunter2&k=hunter2', 'https://r.io/?k=***'],
    ['hunter2', '(an invalid URL)'],
  ];
  for (const [address, shown] of addresses) {
    it(`${address} becomes ${shown}`, () => {
      expect(redactUrl(address)).to.equal(shown);
    });
  }
});
