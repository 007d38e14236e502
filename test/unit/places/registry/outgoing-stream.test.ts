import { Readable } from 'node:stream';
import { expect } from 'chai';
import { OutgoingStream } from '../../../../src/places/registry/outgoing-stream.js';
import { failure } from '../../../support/failure.js';

describe('a stream on its way out', () => {
  const outgoing = (size: number, ...texts: string[]) =>
    new OutgoingStream({ size, chunks: Readable.from(texts.map((text) => Buffer.from(text))) });

  it('knows when nothing more is to come', async () => {
    const stream = outgoing(3, 'a', 'bc');
    const seen: boolean[] = [];
    for await (const chunk of stream.chunks()) seen.push(chunk.length > 0 && stream.isRead);
    expect([seen, stream.failure]).to.deep.equal([[false, true], undefined]);
  });

  it('has the length that it was said to have, and remembers that it had not', async () => {
    for (const stream of [outgoing(3, 'abcd'), outgoing(3, 'ab', 'cd'), outgoing(3, 'ab'), outgoing(3)]) {
      const error = await failure(Readable.from(stream.chunks()).toArray());
      expect(error).to.have.property('message').that.contains('does not have the 3 bytes');
      expect(stream.failure?.reason).to.equal(error);
    }
  });

  it('remembers what kept it from being read', async () => {
    const reason = new Error('the disk is gone');
    const broken = async function* () {
      yield await Promise.resolve(Buffer.from('a'));
      throw reason;
    };
    const stream = new OutgoingStream({ size: 2, chunks: broken() });
    expect(await failure(Readable.from(stream.chunks()).toArray())).to.equal(reason);
    expect(stream.failure).to.deep.equal({ reason });
  });
});
