import { expect } from 'chai';
import { ImageReference } from '../../../src/image/reference.js';
import { createPublisher } from '../../../src/publish/create-publisher.js';
import { FakeEngine, json, records } from '../engine/fake-engine.js';
import { RecordingProgress } from '../recording-progress.js';
import { TemporaryFolder } from '../temporary-folder.js';

describe('the publisher', () => {
  it('pushes through the engine with the credentials that docker would use', async () => {
    const digest = `sha256:${'d'.repeat(64)}`;
    const auth = Buffer.from('me:hunter2').toString('base64');
    const config = JSON.stringify({ auths: { 'registry.example.com': { auth } } });
    const folder = await (await TemporaryFolder.create()).write({ 'config.json': config });
    const engine = (await FakeEngine.start())
      .on('POST /images/registry.example.com/app/push', records({ aux: { Digest: digest } }))
      .on('GET /distribution/registry.example.com/app:v1/json', json({ Descriptor: { digest } }));
    const { signal } = new AbortController();
    const connection = { docker: engine.docker, host: 'unix:///x', origin: 'DOCKER_HOST' };
    const publisher = createPublisher(connection, { DOCKER_CONFIG: folder.path }, signal);

    const reference = ImageReference.parse('registry.example.com/app:v1');
    expect(await publisher.publish(reference, new RecordingProgress().recordingStep, signal)).to.equal(digest);
    for (const { headers } of engine.requests) {
      const shown = Buffer.from(String(headers['x-registry-auth']), 'base64url').toString();
      expect(JSON.parse(shown)).to.include({ username: 'me', password: 'hunter2' });
    }
    await engine.stop();
    await folder.remove();
  });
});
