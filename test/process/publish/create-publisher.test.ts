import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { ImageReference } from '../../../src/image/reference.js';
import { createPublisher } from '../../../src/publish/create-publisher.js';
import { FakeEngine, json, nothing, records } from '../../unit/places/engine/fake-engine.js';
import { base64, TemporaryHome } from '../../unit/places/registry/credentials/temporary-home.js';
import { FakeClock } from '../../unit/places/registry/fake-clock.js';
import { FakeRegistry } from '../../unit/places/registry/fake-registry.js';
import { RecordingProgress } from '../../unit/recording-progress.js';
import { TemporaryFolder } from '../../unit/temporary-folder.js';

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

  it('asks a helper once for all tags of an image, and the files that Podman would read where it pushes', async () => {
    const digest = `sha256:${'d'.repeat(64)}`;
    const home = await TemporaryHome.create();
    await home.addHelper('own', `echo x >> '${home.home}/calls'; echo '{"Username":"me","Secret":"hunter2"}'`);
    const file = await home.write('auth.json', { credHelpers: { 'registry.example.com': 'own' } });
    await home.writeDockerConfig({ auths: { 'registry.example.com': { auth: base64('docker:x') } } });
    const engine = (await FakeEngine.start())
      .on('POST /images/registry.example.com/app/push', records({ aux: { Digest: digest } }))
      .on('GET /distribution/registry.example.com/app:v1/json', json({ Descriptor: { digest } }))
      .on('GET /distribution/registry.example.com/app:v2/json', json({ Descriptor: { digest } }));
    const { signal } = new AbortController();
    const environment = { ...home.env, DOCKER_CONFIG: `${home.home}/.docker`, REGISTRY_AUTH_FILE: file };
    const push = async (podman: string | undefined): Promise<unknown[]> => {
      const publisher = createPublisher({ docker: engine.docker, host: '', origin: '', podman }, environment, signal);
      for (const tag of ['v1', 'v2'])
        await publisher.publish(
          ImageReference.parse(`registry.example.com/app:${tag}`),
          new RecordingProgress().recordingStep,
          signal,
        );
      return engine.requests.splice(0).map(({ headers }) => {
        const shown = Buffer.from(String(headers['x-registry-auth']), 'base64url').toString();
        return (JSON.parse(shown) as { username?: string }).username;
      });
    };
    expect(await push('4.3.1')).to.deep.equal(['me', 'me', 'me', 'me']);
    expect(await readFile(`${home.home}/calls`, 'utf8')).to.equal('x\n');
    expect(await push(undefined)).to.deep.equal(['docker', 'docker', 'docker', 'docker']);
    await engine.stop();
    await home.remove();
  });

  for (const [Insecure, whether] of [
    [true, 'without TLS where Podman is allowed to do without'],
    [false, 'never without TLS otherwise'],
  ] as const) {
    it(`reads the digest that Podman cannot ask for back from this machine, ${whether}`, async () => {
      const registry = await FakeRegistry.start(new FakeClock());
      const { digest } = registry.addImage('team/app', { tag: 'v1' });
      // This machine, by an address that is not the loopback's.
      const name = registry.host.replace('127.0.0.1', '0.0.0.0');
      const engine = (await FakeEngine.start())
        .on(`POST /images/${name}/team/app/push`, records({ status: `v1: digest: ${digest} size: 528` }))
        .on(`GET /distribution/${name}/team/app:v1/json`, nothing(404))
        .on('GET /v4.3.1/libpod/info', json({ registries: { [name]: { Insecure } } }));
      const { signal } = new AbortController();
      const connection = { docker: engine.docker, host: '', origin: '', podman: '4.3.1' };
      const published = createPublisher(connection, { REGISTRY_AUTH_FILE: '/none' }, signal)
        .publish(ImageReference.parse(`${name}/team/app:v1`), new RecordingProgress().recordingStep, signal)
        .catch((error: unknown) => (error as Error).message);
      expect(await published).to.equal(
        Insecure ? digest : `${name}/team/app:v1 was pushed, but its digest could not be read back from the registry`,
      );
      expect(registry.requests).to.have.lengthOf(Insecure ? 1 : 0);
      await engine.stop();
      await registry.stop();
    });
  }
});
