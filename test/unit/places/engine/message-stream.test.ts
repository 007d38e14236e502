import { Readable } from 'node:stream';
import { expect } from 'chai';
import fc from 'fast-check';
import { EngineFault } from '../../../../src/places/engine/fault.js';
import { EngineStreamError, followMessages, type EngineMessage } from '../../../../src/places/engine/message-stream.js';

async function follow(chunks: Iterable<string | Buffer>): Promise<EngineMessage[]> {
  const messages: EngineMessage[] = [];
  await followMessages(Readable.from(chunks, { objectMode: false }), (message) => messages.push(message));
  return messages;
}

async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe('the engine’s stream of messages', () => {
  const cases: readonly [what: string, text: string, messages: EngineMessage[]][] = [
    ['nothing', '', []],
    ['white space', '\r\n \n', []],
    ['one record', '{"stream":"a"}\r\n', [{ stream: 'a' }]],
    ['a last record without a line break', '{"stream":"a"}\n{"stream":"b"}', [{ stream: 'a' }, { stream: 'b' }]],
    ['a line break inside of a record', '{"stream":"a\\nb\\n"}\n', [{ stream: 'a\nb\n' }]],
    ['an empty record', '{}\n', [{}]],
  ];
  for (const [what, text, messages] of cases) {
    it(`reads ${what}`, async () => {
      expect(await follow([text])).to.deep.equal(messages);
    });
  }

  it('is the same however its bytes are chopped, through the middle of a letter too', async () => {
    const message = fc.record({ stream: fc.string({ unit: 'binary' }), status: fc.constantFrom('Pushed', 'ÄÖ→🚀') });
    await fc.assert(
      fc.asyncProperty(fc.array(message), fc.array(fc.nat(40)), async (messages, lengths) => {
        const bytes = Buffer.from(messages.map((each) => `${JSON.stringify(each)}\r\n`).join(''));
        const chunks: Buffer[] = [];
        let at = 0;
        for (const length of lengths) {
          chunks.push(bytes.subarray(at, at + length));
          at += length;
        }
        chunks.push(bytes.subarray(at));
        expect(await follow(chunks)).to.deep.equal(messages);
      }),
    );
  });

  it('fails on an error record, although the engine answered 200', async () => {
    const records = '{"stream":"Step 1"}\n{"errorDetail":{"message":"no space left"},"error":"old words"}\n';
    const error = await failureOf(follow([records]));
    expect(error).to.be.instanceOf(EngineStreamError);
    expect((error as Error).message).to.equal('no space left');
  });

  it('takes the plain error of an engine that sends no details', async () => {
    expect(await failureOf(follow(['{"error":"denied"}\n']))).to.be.instanceOf(EngineStreamError);
  });

  it('reads on after an error, and tells the first one', async () => {
    const seen: (string | undefined)[] = [];
    const stream = Readable.from(['{"error":"first"}\n{"stream":"after"}\n{"error":"second"}\n'], {
      objectMode: false,
    });
    const error = await failureOf(followMessages(stream, ({ stream: text }) => seen.push(text)));
    expect((error as Error).message).to.equal('first');
    expect(seen).to.deep.equal(['after']);
  });

  it('passes on what the connection threw when it broke off', async () => {
    const broken = new Error('read ECONNRESET');
    const stream = new Readable({ read: () => undefined });
    stream.push('{"stream":"a"}\n');
    stream.destroy(broken);
    expect(await failureOf(followMessages(stream, () => undefined))).to.equal(broken);
  });

  it('does not take half a record for a whole one', async () => {
    expect(await failureOf(follow(['{"stream":"a"}\n{"stre']))).to.be.instanceOf(EngineFault);
  });

  it('does not fill the memory with a record that never ends', async () => {
    const error = await failureOf(
      followMessages(
        Readable.from(
          (function* endless() {
            for (;;) yield 'x'.repeat(1024 * 1024);
          })(),
          { objectMode: false },
        ),
        () => undefined,
      ),
    );
    expect((error as Error).message).to.equal('the engine sent a record that does not end');
  });
});
