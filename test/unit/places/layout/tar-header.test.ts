import { expect } from 'chai';
import fc from 'fast-check';
import { readPaxRecords, readTarHeader } from '../../../../src/places/layout/tar-header.js';
import { tarOf } from './sample-layout.js';

const headerOf = async (name: string, content: string) => (await tarOf([[name, content]])).subarray(0, 512);

/** With the sum that fits. */
function signed(block: Buffer): Buffer {
  block.write('        ', 148);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}

describe('the header of a file in a TAR file', () => {
  it('has name, size and type, and what a link leads to', async () => {
    expect(readTarHeader(await headerOf('a/b', 'text'))).to.deep.equal({ name: 'a/b', size: 4, type: '0', target: '' });
    const link = readTarHeader(await headerOf('a/b', '-> ../c'));
    expect(link).to.deep.equal({ name: 'a/b', size: 0, type: '2', target: '../c' });
  });

  it('has a long name in two parts, which other formats than ustar do not know', async () => {
    const name = `blobs/sha512/${'a'.repeat(90)}`;
    const block = await headerOf(name, '');
    expect(readTarHeader(block)).to.have.property('name', name);
    block.write('ustar  \0', 257);
    expect(readTarHeader(signed(block))).to.have.property('name', `sha512/${'a'.repeat(90)}`);
  });

  it('has a size above 8 GiB in base 256, and none that no file has', async () => {
    const block = await headerOf('a', '');
    block.fill(0, 124, 136);
    block[124] = 0x80;
    block.writeBigUInt64BE(2n ** 40n, 128);
    expect(readTarHeader(signed(block))).to.have.property('size', 2 ** 40);
    block.writeBigUInt64BE(2n ** 60n, 128);
    expect(readTarHeader(signed(block))).to.equal(undefined);
    block.write('-0000000001\0', 124);
    expect(readTarHeader(signed(block))).to.equal(undefined);
  });

  it('is the end for zeros, and none for anything without its sum', async () => {
    expect(readTarHeader(Buffer.alloc(512))).to.equal('end');
    expect(readTarHeader(Buffer.alloc(511))).to.equal(undefined);
    const block = await headerOf('a', 'text');
    block.write('b');
    expect(readTarHeader(block)).to.equal(undefined);
  });
});

describe('the records of a pax header', () => {
  it('are read by their lengths, whatever is in them', () => {
    const text = '15 path=a\nb=c\n\n8 a=b=c\n11 size=10\n';
    expect([...(readPaxRecords(Buffer.from(text)) ?? [])]).to.deep.equal([
      ['path', 'a\nb=c\n'],
      ['a', 'b=c'],
      ['size', '10'],
    ]);
  });

  it('are none where a length is wrong', () => {
    for (const text of ['x', '5 a=b\n', '7 a=b\n', '0 a=b\n', '-6 a=b\n', '6 a:b\n', '6a=b\n', '99999999999 a=b\n'])
      expect(readPaxRecords(Buffer.from(text)), text).to.equal(undefined);
  });

  it('are records or none for any bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => void readPaxRecords(Buffer.from(bytes))));
  });
});
