import { expect } from 'chai';
import { bytesOf } from '../../../src/cache/size.js';

describe('a size', () => {
  const sizes: readonly [text: string, bytes: number | undefined][] = [
    ['0', 0],
    ['1000', 1000],
    ['1000B', 1000],
    ['5GB', 5e9],
    ['5gb', 5e9],
    ['5G', 5e9],
    ['500 MB', 500e6],
    ['1.5k', 1500],
    [' 2TB ', 2e12],
    ['', undefined],
    ['GB', undefined],
    ['-5GB', undefined],
    ['5GiB', undefined],
    ['5 PB', undefined],
    ['5GB or so', undefined],
    ['.5GB', undefined],
    ['1,5GB', undefined],
    ['1e3', undefined],
    ['0x10', undefined],
  ];
  for (const [text, bytes] of sizes) {
    it(`'${text}' is ${bytes === undefined ? 'none' : `${bytes} bytes`}`, () => {
      expect(bytesOf(text)).to.equal(bytes);
    });
  }
});
