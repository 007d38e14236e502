import { expect } from 'chai';
import { digestOf } from '../../../../src/image/digest.js';
import { parseReference } from '../../../../src/image/reference.js';
import { RegistryClient } from '../../../../src/places/registry/client.js';
import { rejection } from '../../../support/rejection.js';
import { FakeClock } from './fake-clock.js';
import { FakeRegistry } from './fake-registry.js';

describe('RegistryClient.readBlob', () => {
  const layer = Buffer.alloc(300_000, 'layer');
  const descriptor = { mediaType: 'application/octet-stream', digest: digestOf(layer), size: layer.length };
  let registry: FakeRegistry;
  let clock: FakeClock;
  beforeEach(async () => {
    clock = new FakeClock();
    registry = await FakeRegistry.start(clock);
    registry.blobs.set(descriptor.digest, layer);
  });
  afterEach(() => registry.stop());

  const read = async (): Promise<Buffer[]> => {
    const attempts: Buffer[] = [];
    const client = new RegistryClient(registry.host, {
      clock,
      random: () => 0,
      credentials: () => Promise.resolve({ registry: registry.host, looked: [], failures: [] }),
    });
    await client.readBlob(parseReference(`${registry.host}/a/b:v1`), descriptor, async (bytes) => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of bytes) chunks.push(chunk);
      attempts.push(Buffer.concat(chunks));
    });
    return attempts;
  };

  it('hands the whole layer over', async () => {
    const attempts = await read();
    expect(attempts.map((attempt) => attempt.equals(layer))).to.deep.equal([true]);
  });

  it('refuses a layer that is another one than its digest says', async () => {
    registry.blobs.set(descriptor.digest, Buffer.from('another'));
    expect((await rejection(read())).message).to.contain('whose digest is not');
  });

  it('begins anew after a connection that breaks half way', async () => {
    registry.faults.push((_, response) => {
      response.writeHead(200, { 'content-length': String(layer.length) });
      response.write(layer.subarray(0, 1000), () => response.destroy());
    });
    const attempts = await read();
    expect(attempts.at(-1)?.equals(layer)).to.equal(true);
  });
});
