import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { pack } from 'tar-stream';
import { digestOf } from '../../src/image/digest.js';
import { MEDIA_TYPES } from '../../src/image/manifest.js';
import { parsePlatform } from '../../src/image/platform.js';
import { parseReference } from '../../src/image/reference.js';
import { readTree } from '../../src/image/tree.js';
import { RegistryClient, type RegistryClientOptions } from '../../src/places/registry/client.js';
import { lookupCredentials } from '../../src/places/registry/credentials/lookup.js';
import { HttpWire } from '../../src/places/registry/http-wire.js';
import { readRemoteImage } from '../../src/places/registry/remote-image.js';
import { RegistrySink } from '../../src/places/registry/registry-sink.js';
import { RegistrySource } from '../../src/places/registry/registry-source.js';
import type { Wire } from '../../src/places/registry/wire.js';
import { writeTree, type WrittenTree } from '../../src/image/write-tree.js';
import { startRegistry, type Registry } from '../support/environment/registry.js';
import { rejection } from '../support/rejection.js';

const run = promisify(execFile);
const USERNAME = 'kdeploy';
const PASSWORD = 'hunter2:with-a-colon';

/** The real docker-registry with a password file, an image that skopeo pushed, and Docker's configuration in a folder. */
describe('a real registry that wants a password', function () {
  this.timeout(60_000);
  let registry: Registry;
  let folder: string;
  let digest: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kdeploy-registry-test-'));
    registry = await startRegistry({ credentials: { username: USERNAME, password: PASSWORD } });
    digest = await pushImage(folder, `${registry.address}/team/app:v1`);
  });
  after(async () => {
    await registry.stop();
    await rm(folder, { recursive: true, force: true });
  });

  async function clientWith(config: object): Promise<RegistryClient> {
    await writeFile(join(folder, 'config.json'), JSON.stringify(config));
    const env = { PATH: process.env.PATH, DOCKER_CONFIG: folder };
    return new RegistryClient(registry.address, {
      credentials: () => lookupCredentials(registry.address, { env, home: folder }),
    });
  }
  const withPassword = (password: string) => ({
    auths: { [registry.address]: { auth: Buffer.from(`${USERNAME}:${password}`).toString('base64') } },
  });
  const reference = (tag: string) => parseReference(`${registry.address}/team/app:${tag}`);

  it('gives the image to who has it', async () => {
    const client = await clientWith(withPassword(PASSWORD));
    const found = await readRemoteImage(reference('v1'), parsePlatform('linux/amd64'), client);
    expect(found.digest).to.equal(digest);
    expect(found.image.config.value.run).to.deep.include({ entrypoint: ['python'], cmd: ['-V'], user: 'kedro_docker' });
    expect(found.image.layers).to.have.length(1);
    expect(await client.headManifest(reference('v1'))).to.deep.include({ digest, mediaType: MEDIA_TYPES.ociManifest });
    expect(await client.headManifest(reference('v2'))).to.equal(undefined);
    expect(await client.authenticate()).to.have.property('scheme', 'basic');
  });

  it('is there for everyone to see', async () => {
    await (await clientWith({})).ping();
  });

  it('refuses who has another one, or none, with all that was tried', async () => {
    const wrong = await rejection((await clientWith(withPassword('hunter2-wrong'))).getManifest(reference('v1')));
    expect(wrong.code).to.equal('credentials');
    expect(wrong.message).to.contain('rejected the credentials from auths (');
    const none = await rejection((await clientWith({ credsStore: 'not-installed' })).getManifest(reference('v1')));
    expect(none.code).to.equal('credentials');
    expect(none.message).to.contain('docker-credential-not-installed is not on PATH');
    expect(none.hint).to.equal(`run \`docker login ${registry.address}\``);
    for (const error of [wrong, none]) {
      expect(`${error.message} ${String(error.cause)} ${error.stack ?? ''}`).not.to.contain('hunter2');
    }
  });

  describe('gives an image to another one, without an engine,', () => {
    let other: Registry;

    before(async () => {
      other = await startRegistry({ credentials: { username: USERNAME, password: PASSWORD } });
    });
    after(() => other.stop());

    const client = (address: string, options: RegistryClientOptions = {}, password = PASSWORD) =>
      new RegistryClient(address, {
        credentials: () =>
          Promise.resolve({
            registry: address,
            credentials: { kind: 'password', username: USERNAME, password },
            source: 'a test',
            failures: [],
            looked: [],
          }),
        ...options,
      });
    const copy = async (to: string, writer: RegistryClient): Promise<WrittenTree> => {
      const tree = await readTree(new RegistrySource(client(registry.address), reference('v1')));
      return writeTree(tree, new RegistrySink(writer, parseReference(to)), ['copied']);
    };
    /** Another client's word for what is there. */
    const judged = async (name: string): Promise<{ readonly Digest: string }> => {
      const credentials = `${USERNAME}:${PASSWORD}`;
      const { stdout } = await run('skopeo', [
        'inspect',
        '--tls-verify=false',
        '--creds',
        credentials,
        `docker://${name}`,
      ]);
      return JSON.parse(stdout) as { readonly Digest: string };
    };

    it('whose digest stays the same, and sends nothing a second time', async () => {
      const first = await copy(`${other.address}/prod/app`, client(other.address));
      expect(first.blobs).to.deep.equal({ present: 0, mounted: 0, sent: 2 });
      expect((await judged(`${other.address}/prod/app:copied`)).Digest).to.equal(digest);
      const second = await copy(`${other.address}/prod/app`, client(other.address));
      expect(second).to.deep.equal({ blobs: { present: 2, mounted: 0, sent: 0 }, bytes: 0 });
    });

    it('by mounts, where both are the same', async () => {
      const { blobs } = await copy(`${registry.address}/prod/app`, client(registry.address));
      expect(blobs).to.deep.equal({ present: 0, mounted: 2, sent: 0 });
      expect((await judged(`${registry.address}/prod/app:copied`)).Digest).to.equal(digest);
    });

    it('in chunks, where a proxy takes no body as a whole', async () => {
      const patched: string[] = [];
      const http = new HttpWire();
      const refusing: Wire = {
        exchange: async (request) => {
          const { method, url, headers, body } = request;
          const isWhole = method === 'PUT' && url.pathname.includes('/uploads/') && !(body instanceof Uint8Array);
          if (isWhole) return { status: 413, headers: new Headers(), body: Readable.from([]) };
          if (method === 'PATCH') patched.push(headers['Content-Range'] ?? '');
          return http.exchange(request);
        },
      };
      const { blobs } = await copy(`${other.address}/chunks/app`, client(other.address, { wire: refusing }));
      expect(blobs.sent).to.equal(2);
      expect(patched).to.have.length(2);
      expect((await judged(`${other.address}/chunks/app:copied`)).Digest).to.equal(digest);
    });

    it('unless that one refuses the password, and then names no tag', async () => {
      const error = await rejection(copy(`${other.address}/wrong/app`, client(other.address, {}, 'hunter2-wrong')));
      expect(error.code).to.equal('credentials');
      expect(`${error.message} ${String(error.cause)}`).not.to.contain('hunter2');
      const head = await client(other.address).headManifest(parseReference(`${other.address}/wrong/app:copied`));
      expect(head).to.equal(undefined);
    });
  });
});

/** Builds a one-layer OCI layout by hand and has skopeo push it, so that neither an engine nor our own code is needed. */
async function pushImage(folder: string, name: string): Promise<string> {
  const layout = join(folder, 'layout');
  const blobs = join(layout, 'blobs', 'sha256');
  await run('mkdir', ['-p', blobs]);
  const add = async (content: Buffer | string, mediaType: string) => {
    const digest = digestOf(content);
    await writeFile(join(blobs, digest.slice('sha256:'.length)), content);
    return { mediaType, digest, size: Buffer.byteLength(content) };
  };
  const archive = pack();
  archive.entry({ name: 'hello' }, 'world');
  archive.finalize();
  const tar = await buffer(archive);
  const config = {
    os: 'linux',
    architecture: 'amd64',
    config: { Entrypoint: ['python'], Cmd: ['-V'], User: 'kedro_docker' },
    rootfs: { type: 'layers', diff_ids: [digestOf(tar)] },
  };
  const manifest = {
    schemaVersion: 2,
    mediaType: MEDIA_TYPES.ociManifest,
    config: await add(JSON.stringify(config), MEDIA_TYPES.ociConfig),
    layers: [await add(gzipSync(tar), MEDIA_TYPES.ociLayerGzip)],
  };
  const descriptor = await add(JSON.stringify(manifest), MEDIA_TYPES.ociManifest);
  await writeFile(join(layout, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  await writeFile(join(layout, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests: [descriptor] }));
  const authFile = join(folder, 'push.json');
  const auth = Buffer.from(`${USERNAME}:${PASSWORD}`).toString('base64');
  await writeFile(authFile, JSON.stringify({ auths: { [name.slice(0, name.indexOf('/'))]: { auth } } }));
  await run('skopeo', [
    '--insecure-policy',
    'copy',
    '--preserve-digests',
    '--dest-tls-verify=false',
    '--dest-authfile',
    authFile,
    `oci:${layout}`,
    `docker://${name}`,
  ]);
  return descriptor.digest;
}
