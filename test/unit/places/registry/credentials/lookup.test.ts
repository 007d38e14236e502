import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Credentials } from '../../../../../src/places/registry/credentials/credentials.js';
import { lookupCredentials } from '../../../../../src/places/registry/credentials/lookup.js';
import { base64, TemporaryHome } from './temporary-home.js';

const PASSWORD = 'hunter2-file-password';
const ENTRY = { auth: base64(`me:${PASSWORD}`) };
const FOUND: Credentials = { kind: 'password', username: 'me', password: PASSWORD };

describe('the search for credentials', () => {
  let home: TemporaryHome;
  beforeEach(async () => {
    home = await TemporaryHome.create();
  });
  afterEach(() => home.remove());

  const lookup = (registry: string, env: NodeJS.ProcessEnv = {}) =>
    lookupCredentials(registry, { env: { ...home.env, ...env }, home: home.home });

  it('without any configuration finds none, and says where it looked', async () => {
    expect(await lookup('r.io')).to.deep.equal({
      registry: 'r.io',
      failures: [],
      looked: ['~/.docker/config.json (no such file)'],
    });
  });

  describe('matches the host as a whole', () => {
    const table: [key: string, registry: string, isFound: boolean][] = [
      ['registry.example.com', 'registry.example.com', true],
      ['registry.example.com', 'registry.example.co', false],
      ['registry.example.co', 'registry.example.com', false],
      ['example.com', 'registry.example.com', false],
      ['registry.example.com', 'example.com', false],
      ['registry.example.com', 'registry.example.com:5000', false],
      ['registry.example.com:5000', 'registry.example.com', false],
      ['registry.example.com:5000', 'registry.example.com:5000', true],
      ['https://registry.example.com', 'registry.example.com', true],
      ['http://localhost:5000', 'localhost:5000', true],
      ['https://registry.example.com/v1/', 'registry.example.com', true],
      ['registry.example.com/v2/', 'registry.example.com', true],
      ['https://registry.example.com.evil.org/', 'registry.example.com', false],
      ['https://evil.org/registry.example.com', 'registry.example.com', false],
      ['Registry.Example.com', 'registry.example.com', true],
      ['https://index.docker.io/v1/', 'docker.io', true],
      ['index.docker.io', 'docker.io', true],
      ['docker.io', 'docker.io', true],
      ['registry-1.docker.io', 'docker.io', true],
      ['mydocker.io', 'docker.io', false],
      ['https://index.docker.io/v1/', 'index.docker.io.example.com', false],
    ];
    for (const [key, registry, isFound] of table) {
      it(`${key} ${isFound ? 'serves' : 'does not serve'} ${registry}`, async () => {
        await home.writeDockerConfig({ auths: { [key]: ENTRY } });
        expect((await lookup(registry)).credentials).to.deep.equal(isFound ? FOUND : undefined);
      });
    }

    it('the exact key before an older spelling', async () => {
      await home.writeDockerConfig({
        auths: { 'https://r.io/v1/': { auth: base64('old:x') }, 'r.io': ENTRY },
      });
      expect((await lookup('r.io')).credentials).to.deep.equal(FOUND);
    });
  });

  describe('takes the entry of a namespace or repository before the one of its registry', () => {
    const keys = ['r.io', 'r.io/team', 'r.io/team/app', 'r.io:5000/team', 'docker.io/team', 'docker.io/library'];
    const table: [name: string, key: string | undefined][] = [
      ['r.io/team/app', 'r.io/team/app'],
      ['r.io/team/app/more', 'r.io/team/app'],
      ['r.io/team/app2', 'r.io/team'],
      ['r.io/team', 'r.io/team'],
      ['r.io/teams/app', 'r.io'],
      ['r.io/other/team', 'r.io'],
      ['r.io', 'r.io'],
      ['r.io:5000/team/app', 'r.io:5000/team'],
      ['r.io:5000/other/app', undefined],
      ['r.io:5000', undefined],
      ['docker.io/team/app', 'docker.io/team'],
      ['docker.io/library/python', 'docker.io/library'],
      ['docker.io/other/app', undefined],
      ['s.io/team/app', undefined],
    ];
    for (const [name, key] of table) {
      it(`${name}: ${key ?? 'none'}`, async () => {
        // In an order that helps nobody.
        const auths = Object.fromEntries(keys.map((each) => [each, { auth: base64(`${each.replace(':', ' ')}:x`) }]));
        const file = await home.write('auth.json', { auths });
        const { credentials } = await lookup(name, { REGISTRY_AUTH_FILE: file });
        if (key === undefined) expect(credentials).to.equal(undefined);
        else expect(credentials).to.include({ username: key.replace(':', ' ') });
      });
    }

    it('however the key is spelled', async () => {
      for (const key of ['R.io/team', 'r.io/team/', 'index.docker.io/team']) {
        const name = key.startsWith('index') ? 'docker.io/team/app' : 'r.io/team/app';
        const file = await home.write('auth.json', { auths: { [key]: ENTRY } });
        expect((await lookup(name, { REGISTRY_AUTH_FILE: file })).credentials, key).to.deep.equal(FOUND);
      }
    });

    it('and the one of its registry where that is empty', async () => {
      const file = await home.write('auth.json', { auths: { 'r.io/team': {}, 'r.io': ENTRY } });
      expect((await lookup('r.io/team/app', { REGISTRY_AUTH_FILE: file })).credentials).to.deep.equal(FOUND);
    });

    it('in Docker’s file as well, where it is otherwise for the whole registry, as Docker reads it', async () => {
      await home.writeDockerConfig({
        auths: { 'r.io/ops': { auth: base64('ops:x') }, 'r.io/team': ENTRY, 's.io/team': ENTRY },
      });
      expect((await lookup('r.io/team/app')).credentials).to.deep.equal(FOUND);
      expect((await lookup('s.io/other/app')).credentials).to.deep.equal(FOUND);
    });

    it('and never in Podman’s file for the whole registry, which an address and a version of the API are for', async () => {
      const file = await home.write('auth.json', {
        auths: { 'r.io/team': ENTRY, 's.io/v1/': ENTRY, 'https://t.io/v2/x': ENTRY },
      });
      const found = (name: string) => lookup(name, { REGISTRY_AUTH_FILE: file });
      expect(await found('r.io')).not.to.have.property('credentials');
      expect((await found('s.io/team/app')).credentials).to.deep.equal(FOUND);
      expect((await found('t.io/team/app')).credentials).to.deep.equal(FOUND);
    });
  });

  describe('reads an entry', () => {
    const table: [name: string, entry: unknown, result: Credentials | undefined | string][] = [
      [
        'with a password that has colons',
        { auth: base64('me:a:b:') },
        { kind: 'password', username: 'me', password: 'a:b:' },
      ],
      ['without padding', { auth: base64(`me:${PASSWORD}`).replace(/=+$/, '') }, FOUND],
      ['with line breaks, as base64 puts them', { auth: base64(`me:${PASSWORD}`).replace(/.{8}/g, '$&\r\n') }, FOUND],
      ['with a line break at its end', { auth: `${base64(`me:${PASSWORD}`)}\n` }, FOUND],
      ['padded with NUL', { auth: base64(`me:${PASSWORD}\0\0`) }, FOUND],
      ['with plain fields', { username: 'me', password: PASSWORD }, FOUND],
      [
        'with an identity token',
        { auth: base64('0000:'), identitytoken: 'it' },
        { kind: 'identity-token', token: 'it' },
      ],
      ['with a registry token', { registrytoken: 'rt' }, { kind: 'registry-token', token: 'rt' }],
      ['that is empty', {}, undefined],
      ['that is no object', 'x', undefined],
      ['with empty texts', { auth: '', identitytoken: '' }, undefined],
      ['that is not base64', { auth: 'me:hunter2' }, 'its auth is not valid base64'],
      ['that is a cut base64', { auth: 'aGVsb' }, 'its auth is not valid base64'],
      ['without a colon', { auth: base64('hunter2') }, 'its auth is not the base64 of user:password'],
      ['without a user', { auth: base64(':hunter2') }, 'its auth is not the base64 of user:password'],
      ['without a password', { auth: base64('me:') }, 'its auth has no password'],
      ['with a user name only', { username: 'me' }, 'the entry has a user name but no password'],
    ];
    for (const [name, entry, result] of table) {
      it(name, async () => {
        await home.writeDockerConfig({ auths: { 'r.io': entry } });
        const { credentials, failures } = await lookup('r.io');
        if (typeof result === 'string') {
          expect(credentials).to.equal(undefined);
          expect(failures).to.deep.equal([{ source: 'auths (~/.docker/config.json)', reason: result }]);
        } else {
          expect(credentials).to.deep.equal(result);
          expect(failures).to.deep.equal([]);
        }
      });
    }
  });

  describe('survives a broken file, and remembers it', () => {
    const reasonOf = async (): Promise<string> => {
      const { credentials, failures } = await lookup('r.io');
      expect(credentials).to.equal(undefined);
      expect(failures.map(({ source }) => source)).to.deep.equal(['~/.docker/config.json']);
      expect(JSON.stringify(failures)).not.to.contain('hunter2');
      return failures[0]?.reason ?? '';
    };

    it('that is no JSON: with the line, without a word of it', async () => {
      await home.writeDockerConfig(`{"auths": {\n  "r.io": {"password": "hunter2-x" oops}\n}}`);
      expect(await reasonOf()).to.equal('it is not valid JSON (line 2)');
    });

    it('that is JSON of another kind', async () => {
      await home.writeDockerConfig('["hunter2"]');
      expect(await reasonOf()).to.equal('it is not a JSON object');
    });

    it('that is a folder', async () => {
      await mkdir(join(home.home, '.docker', 'config.json'), { recursive: true });
      expect(await reasonOf()).to.equal('it cannot be read (EISDIR)');
    });

    // Root may read everything.
    if (process.getuid?.() !== 0) {
      it('that may not be read', async () => {
        await home.writeDockerConfig({ auths: { 'r.io': ENTRY } });
        await chmod(join(home.home, '.docker', 'config.json'), 0o000);
        expect(await reasonOf()).to.equal('it cannot be read (EACCES)');
      });
    }

    it('but an empty file is a configuration that says nothing', async () => {
      await home.writeDockerConfig('\n');
      expect((await lookup('r.io')).failures).to.deep.equal([]);
    });

    it('and so is one whose parts have other shapes', async () => {
      await home.writeDockerConfig({ auths: [], credHelpers: { 'r.io': 7 }, credsStore: {} });
      expect(await lookup('r.io'))
        .to.deep.include({ failures: [] })
        .and.not.have.property('credentials');
    });
  });

  describe('goes from place to place', () => {
    it('to $DOCKER_CONFIG instead of the home folder', async () => {
      await home.writeDockerConfig({ auths: { 'r.io': { auth: base64('home:x') } } });
      const file = await home.write('ci/config.json', { auths: { 'r.io': ENTRY } });
      const found = await lookup('r.io', { DOCKER_CONFIG: join(file, '..') });
      expect(found.credentials).to.deep.equal(FOUND);
      expect(found.source).to.equal('auths (~/ci/config.json)');
      expect((await lookup('r.io', { DOCKER_CONFIG: '' })).credentials).to.include({ username: 'home' });
    });

    it('to DOCKER_AUTH_CONFIG first, as in GitLab CI, and on when that has nothing', async () => {
      await home.writeDockerConfig({
        auths: { 'r.io': { auth: base64('home:x') }, 's.io': { auth: base64('home:x') } },
      });
      const DOCKER_AUTH_CONFIG = JSON.stringify({ auths: { 'r.io': ENTRY } });
      expect(await lookup('r.io', { DOCKER_AUTH_CONFIG })).to.deep.include({
        credentials: FOUND,
        source: 'auths (DOCKER_AUTH_CONFIG)',
        looked: ['DOCKER_AUTH_CONFIG'],
      });
      const other = await lookup('s.io', { DOCKER_AUTH_CONFIG });
      expect(other.source).to.equal('auths (~/.docker/config.json)');
      expect(other.looked).to.deep.equal(['DOCKER_AUTH_CONFIG', '~/.docker/config.json']);
    });

    it("to Podman's files after Docker's", async () => {
      await home.write('run/containers/auth.json', { auths: { 'r.io': ENTRY } });
      const env = { XDG_RUNTIME_DIR: join(home.home, 'run') };
      expect(await lookup('r.io', env)).to.deep.include({
        source: 'auths (~/run/containers/auth.json)',
        looked: ['~/.docker/config.json (no such file)', '~/run/containers/auth.json'],
      });
      await home.writeDockerConfig({ auths: { 'r.io': { auth: base64('home:x') } } });
      expect((await lookup('r.io', env)).credentials).to.include({ username: 'home' });
    });

    for (const [where, env] of [
      ['.config/containers/auth.json', {}],
      ['my config/containers/auth.json', { XDG_CONFIG_HOME: 'my config' }],
      ['run/containers/auth.json', { XDG_RUNTIME_DIR: 'run' }],
      ['ci/auth.json', { REGISTRY_AUTH_FILE: 'ci/auth.json' }],
    ] as const) {
      it(`to ${where}, where Podman keeps what it was told`, async () => {
        await home.write(where, { auths: { 'r.io': ENTRY } });
        const own = Object.fromEntries(Object.entries(env).map(([name, path]) => [name, join(home.home, path)]));
        expect((await lookup('r.io', own)).source).to.equal(`auths (~/${where})`);
      });
    }

    it('to the file of old, which has nothing around its keys', async () => {
      await home.write('.dockercfg', { 'https://r.io/v1/': { ...ENTRY, email: 'me@example.com' } });
      expect((await lookup('r.io')).source).to.equal('auths (~/.dockercfg)');
    });

    it('names a REGISTRY_AUTH_FILE that does not exist, and looks for none of Podman’s others', async () => {
      await home.write('.config/containers/auth.json', { auths: { 'r.io': ENTRY } });
      const found = await lookup('r.io', { REGISTRY_AUTH_FILE: join(home.home, 'none.json') });
      expect(found).not.to.have.property('credentials');
      expect(found.looked).to.deep.equal(['~/.docker/config.json (no such file)', '~/none.json (no such file)']);
    });

    it('to Podman’s files first where Podman pushes', async () => {
      await home.writeDockerConfig({ auths: { 'r.io': { auth: base64('docker:x') }, 's.io': ENTRY } });
      await home.write('.config/containers/auth.json', { auths: { 'r.io': { auth: base64('podman:x') } } });
      const asPodman = (registry: string) =>
        lookupCredentials(registry, { env: home.env, home: home.home, podman: true });
      expect((await asPodman('r.io')).credentials).to.include({ username: 'podman' });
      expect((await asPodman('s.io')).source).to.equal('auths (~/.docker/config.json)');
      expect((await asPodman('t.io')).looked).to.deep.equal([
        '~/no session/containers/auth.json (no such file)',
        '~/.config/containers/auth.json',
        '~/.docker/config.json',
      ]);
    });

    it('to Google last, for its registries alone, after every file', async () => {
      const asked: string[] = [];
      const google = (registry: string, env: NodeJS.ProcessEnv = {}) =>
        lookupCredentials(registry, {
          env: { ...home.env, ...env },
          home: home.home,
          googleToken: () => {
            asked.push(registry);
            return Promise.resolve('hunter2-google');
          },
        });
      const ofGoogle = { kind: 'password', username: 'oauth2accesstoken', password: 'hunter2-google' };
      await home.writeDockerConfig({ auths: { 'gcr.io': ENTRY } });
      const podman = await home.write('auth.json', { auths: { 'eu.gcr.io': ENTRY } });

      expect((await google('gcr.io')).credentials).to.deep.equal(FOUND);
      expect((await google('eu.gcr.io', { REGISTRY_AUTH_FILE: podman })).credentials).to.deep.equal(FOUND);
      expect(asked).to.deep.equal([]);
      expect(await google('us.gcr.io')).to.deep.include({
        credentials: ofGoogle,
        looked: ['~/.docker/config.json', 'Google Application Default Credentials'],
      });
      expect(await google('gcr.io.example.com')).to.deep.include({ looked: ['~/.docker/config.json'] });
      expect(asked).to.deep.equal(['us.gcr.io']);
    });

    it('from a broken one to the next, and remembers why', async () => {
      const podman = await home.write('auth.json', { auths: { 'r.io': ENTRY } });
      await home.writeDockerConfig('{');
      const found = await lookup('r.io', { DOCKER_AUTH_CONFIG: '[]', REGISTRY_AUTH_FILE: podman });
      expect(found.credentials).to.deep.equal(FOUND);
      expect(found.failures.map(({ source }) => source)).to.deep.equal(['DOCKER_AUTH_CONFIG', '~/.docker/config.json']);
      expect(found.looked).to.deep.equal(['DOCKER_AUTH_CONFIG', '~/.docker/config.json', '~/auth.json']);
    });

    it('not to a DOCKER_AUTH_CONFIG that is empty', async () => {
      expect((await lookup('r.io', { DOCKER_AUTH_CONFIG: '' })).looked).to.deep.equal([
        '~/.docker/config.json (no such file)',
      ]);
    });
  });
});
