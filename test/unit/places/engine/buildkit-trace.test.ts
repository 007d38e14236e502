import { expect } from 'chai';
import fc from 'fast-check';
import { BuildkitTrace } from '../../../../src/places/engine/buildkit-trace.js';
import { field } from './protobuf.js';

const record = (...fields: readonly Buffer[]) => ({
  id: 'moby.buildkit.trace',
  aux: Buffer.concat(fields).toString('base64'),
});
const vertex = (digest: string, name: string, ...more: readonly Buffer[]) =>
  field(1, field(1, digest), field(3, name), ...more);
const STARTED = field(5, Buffer.from([0x08, 0x01]));
const log = (digest: string, text: string | Buffer) => field(3, field(1, digest), field(4, text));

describe('BuildKit’s progress', () => {
  let trace: BuildkitTrace;

  beforeEach(async () => {
    trace = await BuildkitTrace.create();
  });

  it('names each step when it begins, once', () => {
    expect(trace.lines(record(vertex('a', '[1/2] FROM python')))).to.deep.equal([]);
    expect(trace.lines(record(vertex('a', '[1/2] FROM python', STARTED)))).to.deep.equal(['[1/2] FROM python']);
    expect(trace.lines(record(vertex('a', '[1/2] FROM python', STARTED)))).to.deep.equal([]);
  });

  it('shows what the steps print, each step’s lines for themselves', () => {
    expect(trace.lines(record(log('a', 'Collecting ked'), log('b', 'one\ntwo\n')))).to.deep.equal(['one', 'two']);
    expect(trace.lines(record(log('a', 'ro\nERR')))).to.deep.equal(['Collecting kedro']);
    expect(trace.rest()).to.deep.equal(['ERR']);
  });

  it('is the same text however it is cut, through the middle of a letter too', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.array(fc.nat(9)), (text, lengths) => {
        const own = trace.lines(record(log('all', `${text}\n`)));
        const bytes = Buffer.from(`${text}\n`);
        const found: string[] = [];
        let at = 0;
        for (const length of [...lengths, bytes.length]) {
          found.push(...trace.lines(record(log('parts', bytes.subarray(at, at + length)))));
          at = Math.min(at + length, bytes.length);
        }
        expect(found).to.deep.equal(own);
      }),
    );
  });

  it('passes over what it does not know: other fields, other records', () => {
    expect(trace.lines(record(field(2, 'status'), field(9, 'new'), log('a', 'x\n')))).to.deep.equal(['x']);
    for (const message of [
      { stream: 'x' },
      { id: 'moby.image.id', aux: { ID: 'sha256:a' } },
      { id: 'moby.buildkit.trace' },
    ]) {
      expect(trace.lines(message)).to.deep.equal([]);
    }
  });
});
