import { setTimeout as wait } from 'node:timers/promises';
import { expect } from 'chai';
import { whileMoving } from '../../../../src/places/registry/while-moving.js';
import { failure } from '../../../support/failure.js';

describe('a body that is read while it moves', () => {
  const read = async (chunks: AsyncIterable<Uint8Array>): Promise<string[]> => {
    const read: string[] = [];
    for await (const chunk of chunks) read.push(Buffer.from(chunk).toString());
    return read;
  };
  const untouched = (error: unknown): Error => error as Error;

  it('may take longer in all than it may be silent', async () => {
    const slow = async function* () {
      for (const text of ['a', 'b', 'c', 'd']) {
        await wait(30);
        yield Buffer.from(text);
      }
    };
    const stop = () => expect.fail('stopped');
    expect(await read(whileMoving(slow(), 90, stop, untouched))).to.deep.equal(['a', 'b', 'c', 'd']);
  });

  it('is stopped where it is silent, and fails with what that is made of', async () => {
    const stopping = new AbortController();
    const silent = async function* () {
      yield await Promise.resolve(Buffer.from('a'));
      await new Promise((_, reject) => stopping.signal.addEventListener('abort', () => reject(new Error('cut'))));
    };
    const stop = () => stopping.abort();
    const failed = (error: unknown) => new Error('too late', { cause: error });
    const error = await failure(read(whileMoving(silent(), 30, stop, failed)));
    expect(error).to.have.property('message', 'too late');
  });

  it('is closed by who has seen enough', async () => {
    let isClosed = false;
    const endless = async function* () {
      try {
        for (;;) yield await Promise.resolve(Buffer.from('a'));
      } finally {
        isClosed = true;
      }
    };
    for await (const chunk of whileMoving(endless(), 30, () => undefined, untouched)) {
      expect(chunk).to.have.length(1);
      break;
    }
    expect(isClosed).to.equal(true);
  });
});
