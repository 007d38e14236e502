import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { access, chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mock } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { lookupCredentials } from '../../../../../src/places/registry/credentials/lookup.js';
import { base64, TemporaryHome } from '../../../../unit/places/registry/credentials/temporary-home.js';

const PASSWORD = 'hunter2-helper-password';
const GIVES_PASSWORD = `echo '{"ServerURL":"x","Username":"me","Secret":"${PASSWORD}"}'`;

describe('a credential helper', () => {
  let home: TemporaryHome;
  beforeEach(async () => {
    home = await TemporaryHome.create();
  });
  afterEach(() => home.remove());

  const lookup = (registry: string, timeoutMs = 10_000) =>
    lookupCredentials(registry, { env: home.env, home: home.home, timeoutMs });
  const asked = (name: string) => readFile(join(home.home, `asked-${name}`), 'utf8');
  const failureOf = async (registry = 'r.io', timeoutMs?: number): Promise<string> => {
    const { credentials, failures } = await lookup(registry, timeoutMs);
    expect(credentials).to.equal(undefined);
    expect(failures).to.have.length(1);
    expect(JSON.stringify(failures)).not.to.contain('hunter2');
    return failures[0]?.reason ?? '';
  };

  it('is asked `get` with the host on stdin, from a folder with a space in its path', async () => {
    await home.addHelper('desktop', GIVES_PASSWORD);
    await home.writeDockerConfig({ credsStore: 'desktop' });
    expect(await lookup('registry.example.com:5000')).to.deep.equal({
      registry: 'registry.example.com:5000',
      credentials: { kind: 'password', username: 'me', password: PASSWORD },
      source: 'credsStore desktop (~/.docker/config.json)',
      failures: [],
      looked: ['~/.docker/config.json'],
    });
    expect(await asked('desktop')).to.equal('registry.example.com:5000');
    expect(await readFile(join(home.home, 'verb-desktop'), 'utf8')).to.equal('get');
  });

  it("is asked for Docker Hub by the Hub's old address, as docker does", async () => {
    await home.addHelper('desktop', GIVES_PASSWORD);
    await home.writeDockerConfig({ credsStore: 'desktop' });
    await lookup('docker.io');
    expect(await asked('desktop')).to.equal('https://index.docker.io/v1/');
  });

  it('of the registry goes before the one for all, and before auths', async () => {
    await home.addHelper('desktop', GIVES_PASSWORD);
    await home.addHelper('own', `echo '{"Username":"own","Secret":"${PASSWORD}"}'`);
    await home.writeDockerConfig({
      credsStore: 'desktop',
      credHelpers: { 'r.io': 'own' },
      auths: { 'r.io': { auth: base64('file:x') }, 's.io': {} },
    });
    const own = await lookup('r.io');
    expect(own.source).to.equal('credHelpers own (~/.docker/config.json)');
    expect(own.credentials).to.include({ username: 'own' });
    expect((await lookup('s.io')).credentials).to.include({ username: 'me' });
    // A near miss of the name is another registry.
    expect((await lookup('r.io.example.com')).source).to.equal('credsStore desktop (~/.docker/config.json)');
  });

  it('is asked for the registry, whatever repository is pushed, in Podman’s file as well', async () => {
    await home.addHelper('own', GIVES_PASSWORD);
    const file = await home.write('auth.json', {
      credHelpers: { 'r.io:5000': 'own' },
      auths: { 'r.io:5000/team': {} },
    });
    const env = { ...home.env, REGISTRY_AUTH_FILE: file };
    const { source } = await lookupCredentials('r.io:5000/team/app', { env, home: home.home });
    expect(source).to.equal('credHelpers own (~/auth.json)');
    expect(await asked('own')).to.equal('r.io:5000');
  });

  it('may take half a minute and more, as Docker would wait', async () => {
    const pipe = join(home.home, 'pipe');
    await promisify(execFile)('mkfifo', [pipe]);
    await home.addHelper('slow', `read line < '${pipe}'; ${GIVES_PASSWORD}`);
    await home.writeDockerConfig({ credsStore: 'slow' });
    mock.timers.enable({ apis: ['setTimeout'] });
    try {
      const answer = lookupCredentials('r.io', { env: home.env, home: home.home });
      while (!existsSync(join(home.home, 'asked-slow'))) await setImmediate();
      mock.timers.tick(90_000);
      await writeFile(pipe, 'done\n');
      expect((await answer).credentials).to.include({ username: 'me' });
    } finally {
      mock.timers.reset();
    }
  });

  it('that the registry is excepted from with an empty name is not asked', async () => {
    await home.addHelper('desktop', GIVES_PASSWORD);
    await home.writeDockerConfig({
      credsStore: 'desktop',
      credHelpers: { 'r.io': '' },
      auths: { 'r.io': { auth: base64('file:x') } },
    });
    expect((await lookup('r.io')).source).to.equal('auths (~/.docker/config.json)');
    await access(join(home.home, 'asked-desktop')).then(
      () => expect.fail('it was asked'),
      () => undefined,
    );
  });

  it('may keep an identity token', async () => {
    await home.addHelper('acr', `echo '{"Username":"<token>","Secret":"hunter2-refresh"}'`);
    await home.writeDockerConfig({ credHelpers: { 'acme.azurecr.io': 'acr' } });
    expect((await lookup('acme.azurecr.io')).credentials).to.deep.equal({
      kind: 'identity-token',
      token: 'hunter2-refresh',
    });
  });

  for (const [name, script] of [
    ['says so', "echo 'credentials not found in native keychain'; exit 1"],
    ['answers with empty fields', `echo '{"ServerURL":"","Username":"","Secret":""}'`],
  ] as const) {
    it(`has nothing when it ${name}; that is no failure, and auths are asked next`, async () => {
      await home.addHelper('desktop', script);
      await home.writeDockerConfig({ credsStore: 'desktop', auths: { 'r.io': { auth: base64('file:x') } } });
      expect(await lookup('r.io')).to.deep.include({ source: 'auths (~/.docker/config.json)', failures: [] });
      expect(await lookup('s.io')).to.deep.equal({ registry: 's.io', failures: [], looked: ['~/.docker/config.json'] });
    });
  }

  describe('that fails is remembered, never taken for "anonymous"', () => {
    beforeEach(() => home.writeDockerConfig({ credsStore: 'broken' }));

    it('when it is not installed', async () => {
      expect(await failureOf()).to.equal('docker-credential-broken is not on PATH');
    });

    it('when it may not be executed', async () => {
      await home.addHelper('broken', GIVES_PASSWORD);
      await chmod(join(home.home, 'my tools', 'docker-credential-broken'), 0o644);
      expect(await failureOf()).to.equal('docker-credential-broken is not executable');
    });

    it('when it fails, with the last line of its stderr, but never its stdout, which may hold the password', async () => {
      await home.addHelper('broken', `${GIVES_PASSWORD}; echo note >&2; echo 'the keychain is locked' >&2; exit 3`);
      expect(await failureOf()).to.equal('docker-credential-broken failed with exit code 3: the keychain is locked');
    });

    it('when its stderr repeats the secret', async () => {
      await home.addHelper('broken', `echo 'cannot parse {"Username":"me","Secret":"${PASSWORD}"}' >&2; exit 1`);
      expect(await failureOf())
        .to.contain('cannot parse')
        .and.contain('***');
    });

    it('when it answers with something else', async () => {
      await home.addHelper('broken', `echo 'password: ${PASSWORD}'`);
      expect(await failureOf()).to.equal('docker-credential-broken did not reply with valid JSON');
      await home.addHelper('broken', `echo '{"Secret":"${PASSWORD}"}'`);
      expect(await failureOf()).to.equal('docker-credential-broken replied without Username and Secret');
      await home.addHelper('broken', `echo '{"Username":7,"Secret":"${PASSWORD}"}'`);
      expect(await failureOf()).to.contain('that is not a string');
    });

    it('when it hangs, even if a child of it keeps its pipes open', async () => {
      await home.addHelper('broken', 'sleep 5; true');
      const before = Date.now();
      expect(await failureOf('r.io', 300)).to.equal('docker-credential-broken did not answer within 0.3 s');
      expect(Date.now() - before).to.be.lessThan(4_000);
    });

    it('when it is killed', async () => {
      await home.addHelper('broken', 'kill -9 $$');
      expect(await failureOf()).to.equal('docker-credential-broken exited without a reply (SIGKILL)');
    });

    it('when its name is a path', async () => {
      await home.writeDockerConfig({ credsStore: '../../tmp/evil' });
      expect(await failureOf()).to.equal('that is not a valid name for a credential helper');
    });

    it('and a later source may still answer', async () => {
      await home.writeDockerConfig({ credsStore: 'broken', auths: { 'r.io': { auth: base64('file:x') } } });
      const { source, failures } = await lookup('r.io');
      expect(source).to.equal('auths (~/.docker/config.json)');
      expect(failures).to.deep.equal([
        { source: 'credsStore broken (~/.docker/config.json)', reason: 'docker-credential-broken is not on PATH' },
      ]);
    });
  });
});
