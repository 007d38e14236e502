import { chmod, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { expect } from 'chai';

import { run } from '../support/environment/commands.js';
import { environment } from '../support/environment/mocha.js';
import { freePort } from '../support/environment/ports.js';
import { startRegistry, type Registry } from '../support/environment/registry.js';
import type { CommandOptions, Outcome } from '../support/command.js';
import { startRegistryProxy, type RegistryProxy } from '../support/registry-proxy.js';
import { createWorkspace, type Workspace } from '../support/workspace.js';

const PASSWORD = 'planted-77aa31:password';
const USERNAME = 'pusher';
const ENCODED = Buffer.from(`${USERNAME}:${PASSWORD}`).toString('base64');

describe('a push', () => {
  let workspace: Workspace;
  let project: string;
  before(async () => {
    workspace = await createWorkspace();
    project = await workspace.tinyProject('tiny');
  });
  after(() => workspace.remove());

  const push = (args: readonly string[] = [], options: CommandOptions = {}): Promise<Outcome> =>
    workspace.kdeploy(['push', ...args], { cwd: project, ...options });

  /** The digest under which a registry has a tag, asked without kdeploy and without the engine. */
  async function digestIn(repository: string, tag: string): Promise<string | null> {
    const [address, ...name] = repository.split('/');
    const accept = 'application/vnd.docker.distribution.manifest.v2+json, application/vnd.oci.image.manifest.v1+json';
    const answer = await fetch(`http://${address ?? ''}/v2/${name.join('/')}/manifests/${tag}`, {
      method: 'HEAD',
      headers: { accept, authorization: `Basic ${ENCODED}` },
    });
    return answer.ok ? answer.headers.get('docker-content-digest') : null;
  }

  describe('of several tags', () => {
    it('brings all of them, and prints the one digest', async () => {
      const image = `${workspace.prefix}/several`;
      await workspace.buildTiny(project, image, '--tag', 'v1', '--tag', 'v1.2', '--tag', 'latest');
      const { exitCode, stdout, stderr } = await push();
      expect(exitCode, stderr).to.equal(0);
      const digests = await Promise.all(['v1', 'v1.2', 'latest'].map((tag) => digestIn(image, tag)));
      expect(new Set(digests)).to.have.length(1);
      expect(stdout).to.equal(`${image}@${digests[0] ?? ''}\n`);
    });
  });

  describe('to a registry that wants a password', () => {
    let registry: Registry;
    let image: string;
    const outcomes: Outcome[] = [];
    before(async () => {
      registry = await startRegistry({
        credentials: { username: USERNAME, password: PASSWORD },
        parent: workspace.folder,
      });
      image = `${workspace.prefixAt(registry.address)}/guarded`;
      await workspace.buildTiny(project, image, '--tag', 'v1');
    });
    after(() => registry.stop());

    /** A docker configuration in a folder of its own. */
    const configured = async (name: string, config: object): Promise<{ DOCKER_CONFIG: string }> => {
      const folder = path.join(workspace.folder, name);
      await mkdir(folder);
      await writeFile(path.join(folder, 'config.json'), JSON.stringify(config));
      return { DOCKER_CONFIG: folder };
    };
    const guarded = async (args: readonly string[], env: Record<string, string> = {}): Promise<Outcome> => {
      const outcome = await push(args, { env });
      outcomes.push(outcome);
      return outcome;
    };

    it('is refused without one, and says where it looked', async () => {
      const { exitCode, stdout, stderr } = await guarded(['--verbose']);
      expect(exitCode, stderr).to.equal(5);
      expect(stdout).to.equal('');
      expect(stderr).to.contain(`${registry.address} denied the push`).and.to.contain('none found in');
      expect(stderr).to.contain(`docker login ${registry.address}`);
    });

    it('is refused with a wrong one, and says where that came from', async () => {
      const auth = Buffer.from(`${USERNAME}:${PASSWORD}-wrong`).toString('base64');
      const env = await configured('wrong', { auths: { [registry.address]: { auth } } });
      for (const args of [['--verbose'], ['--json']]) {
        const { exitCode, stdout, stderr } = await guarded(args, env);
        expect(exitCode, stderr).to.equal(5);
        expect(`${stdout}${stderr}`).to.contain('from auths (').and.not.to.contain(auth);
      }
    });

    it('is taken with the password of the docker configuration', async () => {
      const { exitCode, stderr } = await guarded(
        ['--verbose'],
        await configured('auths', { auths: { [registry.address]: { auth: ENCODED } } }),
      );
      expect(exitCode, stderr).to.equal(0);
      expect(await digestIn(image, 'v1')).to.match(/^sha256:/);
    });

    it('is taken with the password of a credential helper', async () => {
      const bin = path.join(workspace.folder, 'helpers');
      await mkdir(bin);
      const helper = path.join(bin, 'docker-credential-test');
      const reply = JSON.stringify({ ServerURL: registry.address, Username: USERNAME, Secret: PASSWORD });
      await writeFile(helper, `#!/bin/sh\n[ "$1" = get ] && [ "$(cat)" = '${registry.address}' ] && echo '${reply}'\n`);
      await chmod(helper, 0o755);
      const { DOCKER_CONFIG } = await configured('helper', { credHelpers: { [registry.address]: 'test' } });
      const PATH = `${bin}${path.delimiter}${workspace.env.PATH ?? ''}`;
      const { exitCode, stdout, stderr } = await guarded(['--json'], { DOCKER_CONFIG, PATH });
      expect(exitCode, stderr).to.equal(0);
      expect(JSON.parse(stdout)).to.have.nested.property('pushed[0].digest', await digestIn(image, 'v1'));
    });

    it('says why a credential helper gave none', async () => {
      const env = await configured('broken-helper', { credsStore: 'not-there' });
      const { exitCode, stderr } = await guarded([], env);
      expect(exitCode, stderr).to.equal(5);
      expect(stderr).to.contain('docker-credential-not-there is not on PATH');
    });

    it('shows the password nowhere', () => {
      expect(outcomes).to.have.length.greaterThan(5);
      for (const { stdout, stderr } of outcomes) {
        for (const secret of [PASSWORD, ENCODED, PASSWORD.split(':')[1]!, 'planted-77aa31'])
          expect(`${stdout}${stderr}`).not.to.contain(secret);
      }
    });
  });

  describe('over a bad line', () => {
    let proxy: RegistryProxy;
    let image: string;
    let round = 0;
    before(async () => {
      proxy = await startRegistryProxy(environment().registry);
      image = `${workspace.prefixAt(proxy.address)}/faulty`;
    });
    after(() => proxy.stop());
    // A file that no round before had, so that there is a layer to send.
    beforeEach(async () => {
      await writeFile(path.join(project, 'round.txt'), `${++round} ${Math.random()}`);
      await workspace.buildTiny(project, image, '--tag', `round-${round}`);
    });

    // Layers are tried again by the engine itself, with pauses of five seconds and more; the manifest is not.
    const isManifest = (method: string, requested: string): boolean =>
      method === 'PUT' && requested.includes('/manifests/');

    it('is tried again when the registry is overloaded for a moment', async () => {
      let refusals = 2;
      proxy.decide = ({ method, path: requested }) =>
        isManifest(method, requested) && refusals-- > 0 ? { status: 503 } : 'pass';
      const { exitCode, stdout, stderr } = await push();
      expect(exitCode, stderr).to.equal(0);
      expect(proxy.log.filter(({ fault }) => fault !== 'pass')).to.have.length(2);
      expect(stdout).to.equal(`${image}@${(await digestIn(image, `round-${round}`)) ?? ''}\n`);
    });

    it('is tried again when the connection is cut in the middle of a layer', async () => {
      let cuts = 1;
      proxy.decide = ({ method }) => (method === 'PATCH' && cuts-- > 0 ? 'cut' : 'pass');
      const { exitCode, stderr } = await push();
      expect(exitCode, stderr).to.equal(0);
      expect(proxy.log.filter(({ fault }) => fault === 'cut')).to.have.length(1);
      expect(await digestIn(image, `round-${round}`)).to.match(/^sha256:/);
    });

    it('gives up when it goes on, and says what the registry said', async () => {
      proxy.decide = ({ method, path: requested }) => (isManifest(method, requested) ? { status: 503 } : 'pass');
      const { exitCode, stdout, stderr } = await push();
      expect(exitCode, stderr).to.equal(5);
      expect(stdout).to.equal('');
      expect(stderr).to.match(new RegExp(`${proxy.address} did not accept \\S+ \\(tried [2-9] times\\)`));
      expect(stderr).to.contain('503').and.to.contain('next: push again in a moment');
      proxy.decide = () => 'pass';
      expect(await digestIn(image, `round-${round}`)).to.equal(null);
    });
  });

  it('says that the registry cannot be reached', async () => {
    const nobody = `127.0.0.1:${await freePort('127.0.0.1')}`;
    await workspace.buildTiny(project, `${workspace.prefixAt(nobody)}/tiny`, '--tag', 'v1');
    const { exitCode, stderr } = await push();
    expect(exitCode, stderr).to.equal(5);
    expect(stderr).to.contain(`the registry ${nobody} cannot be reached`).and.to.contain('connection refused');
  });

  it('refuses an image that is not baked, unless it is told to take it', async () => {
    const image = `${workspace.prefix}/unbaked`;
    const empty = path.join(workspace.folder, 'unbaked');
    await mkdir(empty);
    await writeFile(path.join(empty, 'Dockerfile'), 'FROM scratch\nCOPY Dockerfile /\n');
    await run(['docker', 'build', '--tag', `${image}:v1`, empty], { env: environment().env });
    const refused = await push([`${image}:v1`]);
    expect(refused.exitCode, refused.stderr).to.equal(5);
    expect(refused.stderr).to.contain('was not built by kdeploy').and.to.contain('--allow-unbaked');
    expect(await digestIn(image, 'v1')).to.equal(null);
    const taken = await push([`${image}:v1`, '--allow-unbaked']);
    expect(taken.exitCode, taken.stderr).to.equal(0);
    expect(await digestIn(image, 'v1')).to.match(/^sha256:/);
  });

  it('refuses a tag that somebody else has moved since the build', async () => {
    const image = `${workspace.prefix}/moved`;
    await workspace.buildTiny(project, image, '--tag', 'v1', '--tag', 'v2');
    await workspace.docker.getImage(environment().baseImage).tag({ repo: image, tag: 'v2' });
    const { exitCode, stderr } = await push();
    expect(exitCode, stderr).to.equal(5);
    expect(stderr).to.contain(`the tag ${image}:v2 has moved to another image`);
    expect(await digestIn(image, 'v1'), 'nothing was sent').to.equal(null);
  });
});
