import { expect } from 'chai';
import { readBeginning, readBody } from '../../../../src/places/registry/body.js';

describe('the body of an answer', () => {
  /** As it comes: each chunk once it is asked for. */
  function answer(chunks: readonly string[], ending?: Error): { body: ReadableStream<Uint8Array>; seen: string[] } {
    const seen: string[] = [];
    const rest = [...chunks];
    const body = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          const chunk = rest.shift();
          if (chunk !== undefined) {
            seen.push(chunk);
            controller.enqueue(Buffer.from(chunk));
          } else if (ending === undefined) controller.close();
          else controller.error(ending);
        },
        cancel: () => void seen.push('cancelled'),
      },
      { highWaterMark: 0 },
    );
    return { body, seen };
  }

  describe('read as a whole', () => {
    it('may be as large as the limit, and not by one byte larger', async () => {
      expect((await readBody(answer(['abc', 'def']).body, 6))?.toString()).to.equal('abcdef');
      expect(await readBody(answer(['abc', 'def']).body, 5)).to.equal(undefined);
    });

    it('is not read on where it is too large', async () => {
      const { body, seen } = answer(['abc', 'def', 'ghi']);
      await readBody(body, 4);
      expect(seen).to.deep.equal(['abc', 'def', 'cancelled']);
    });

    it('may be none', async () => {
      expect(await readBody(answer([]).body, 6)).to.deep.equal(Buffer.alloc(0));
    });
  });

  describe('read for an error', () => {
    it('is its beginning alone; the rest is not waited for', async () => {
      const { body, seen } = answer(['abc', 'def', 'ghi']);
      expect((await readBeginning(body, 5)).toString()).to.equal('abcde');
      expect(seen).to.deep.equal(['abc', 'def', 'cancelled']);
      const exact = answer(['abc', 'def']);
      expect((await readBeginning(exact.body, 3)).toString()).to.equal('abc');
      expect(exact.seen).to.deep.equal(['abc', 'cancelled']);
    });

    it('is what came before it broke off', async () => {
      expect((await readBeginning(answer(['abc'], new Error('reset')).body, 5)).toString()).to.equal('abc');
    });

    it('may be none', async () => {
      expect(await readBeginning(answer([]).body, 6)).to.deep.equal(Buffer.alloc(0));
    });
  });
});
