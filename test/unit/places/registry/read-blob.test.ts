import { expect } from 'chai';
import { digestOf } from '../../../../src/image/digest.js';
import { parseReference } from '../../../../src/image/reference.js';
import { RegistryClient } from '../../../../src/places/registry/client.js';
import { rejection } from '../../../support/rejection.js';
import { FakeClock } from './fake-clock.js';
import { FakeRegistry, send, type Fault } from './fake-registry.js';

describe('a layer that is read from a registry', () => {
  const layer = Buffer.from(Array.from({ length: 300_000 }, (_, index) => index % 251));
  const descriptor = { mediaType: 'application/octet-stream', digest: digestOf(layer), size: layer.length };
  let registry: FakeRegistry;
  let clock: FakeClock;
  beforeEach(async () => {
    clock = new FakeClock();
    registry = await FakeRegistry.start(clock);
    registry.blobs.set(descriptor.digest, layer);
  });
  afterEach(() => registry.stop());

  const chunks = (): AsyncGenerator<Uint8Array> =>
    new RegistryClient(registry.host, {
      clock,
      random: () => 0,
      credentials: () => Promise.resolve({ registry: registry.host, looked: [], failures: [] }),
    }).readBlob(parseReference(`${registry.host}/a/b:v1`), descriptor);
  const read = async (): Promise<Buffer> => {
    const taken: Uint8Array[] = [];
    for await (const chunk of chunks()) taken.push(chunk);
    return Buffer.concat(taken);
  };
  const ranges = (): (string | undefined)[] => registry.requests.map(({ headers }) => headers.range);
  /** Promises all of it, from this byte on, and breaks the connection after so many. */
  const breakAfter =
    (count: number, from = 0): Fault =>
    (_, response) => {
      const headers = { 'content-length': String(layer.length - from) };
      const part = from === 0 ? {} : { 'content-range': `bytes ${from}-${layer.length - 1}/${layer.length}` };
      response.writeHead(from === 0 ? 200 : 206, { ...headers, ...part });
      response.write(layer.subarray(from, from + count), () => response.destroy());
    };

  it('comes whole, in one request', async () => {
    expect((await read()).equals(layer)).to.equal(true);
    expect(ranges()).to.deep.equal([undefined]);
  });

  it('goes on where the connection broke, as often as there is progress', async () => {
    registry.faults.push(breakAfter(1000));
    for (let from = 1000; from < 7000; from += 1000) registry.faults.push(breakAfter(1000, from));
    expect((await read()).equals(layer)).to.equal(true);
    // Not all registries take a range that has no end.
    const last = layer.length - 1;
    expect(ranges()).to.deep.equal([undefined, ...[1, 2, 3, 4, 5, 6, 7].map((count) => `bytes=${count}000-${last}`)]);
  });

  it('goes on where an answer was cut off and ended as if it were whole', async () => {
    registry.faults.push((_, response) => send(response, 200, layer.subarray(0, 1000)));
    expect((await read()).equals(layer)).to.equal(true);
  });

  it('begins anew, and gives nothing twice, where the registry takes no ranges', async () => {
    registry.takesRanges = false;
    registry.faults.push(breakAfter(1000), breakAfter(150_000));
    expect((await read()).equals(layer)).to.equal(true);
  });

  it('skips what it has of a part that begins too early', async () => {
    registry.faults.push(breakAfter(1000), breakAfter(5000, 400));
    expect((await read()).equals(layer)).to.equal(true);
  });

  it('is given up where no try brings anything more', async () => {
    registry.takesRanges = false;
    registry.faults.push(...Array.from({ length: 5 }, () => breakAfter(1000)));
    const error = await rejection(read());
    expect(error.message).to.contain(registry.host);
    expect(error).to.have.property('code', 'registry-unreachable');
    expect(registry.requests).to.have.length(4);
  });

  it('is refused where it is another one than its digest says, or longer, or shorter', async () => {
    const sizes: readonly [Buffer, string][] = [
      [Buffer.from(layer).fill(0, 5, 6), 'sent other bytes than sha256:'],
      [Buffer.concat([layer, Buffer.from('x')]), 'sent more than the 300000 bytes of sha256:'],
      [layer.subarray(0, 1000), 'sent 1000 bytes for sha256:'],
    ];
    for (const [blob, message] of sizes) {
      registry.blobs.set(descriptor.digest, blob);
      registry.takesRanges = false;
      expect((await rejection(read())).message).to.contain(message);
    }
  });

  it('does not travel on when its reader has seen enough', async () => {
    let closed: (() => void) | undefined;
    const isClosed = new Promise<void>((resolve) => (closed = resolve));
    registry.faults.push((_, response) => {
      response.once('close', () => closed?.());
      response.writeHead(200, { 'content-length': String(layer.length) });
      response.write(layer.subarray(0, 1000));
    });
    for await (const chunk of chunks()) {
      expect(chunk.length).to.be.greaterThan(0);
      break;
    }
    await isClosed;
  });
});
