import { generateKeyPairSync } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { isGoogleRegistry } from '../../../../../src/places/registry/credentials/google.js';
import { lookupCredentials } from '../../../../../src/places/registry/credentials/lookup.js';
import { interceptHttp } from '../../../../support/intercepted-http.js';
import { base64, TemporaryHome } from '../../../../unit/places/registry/credentials/temporary-home.js';

const REGISTRY = 'europe-docker.pkg.dev';

describe("Google's registries", () => {
  const table: [string, boolean][] = [
    [REGISTRY, true],
    ['us-central1-docker.pkg.dev', true],
    ['gcr.io', true],
    ['eu.gcr.io', true],
    ['europe-docker.pkg.dev.example.com', false],
    ['gcr.io.example.com', false],
    ['notgcr.io', false],
    ['a.b.gcr.io', false],
    ['europe-npm.pkg.dev', false],
    ['-docker.pkg.dev', false],
    ['x.europe-docker.pkg.dev', false],
    ['pkg.dev', false],
    ['europe-docker.pkg.dev:8443', false],
    ['docker.io', false],
  ];
  for (const [registry, isGoogle] of table) {
    it(`${isGoogle ? 'include' : 'do not include'} ${registry}`, () => {
      expect(isGoogleRegistry(registry)).to.equal(isGoogle);
    });
  }
});

describe("Google's credentials", () => {
  let home: TemporaryHome;
  beforeEach(async () => {
    home = await TemporaryHome.create();
  });
  afterEach(() => home.remove());

  const lookup = (registry: string, googleToken: () => Promise<string>, timeoutMs = 5_000) =>
    lookupCredentials(registry, { env: home.env, home: home.home, googleToken, timeoutMs });

  it('are an access token with a user name that Google prescribes', async () => {
    expect(await lookup(REGISTRY, () => Promise.resolve('hunter2-access'))).to.deep.equal({
      registry: REGISTRY,
      credentials: { kind: 'password', username: 'oauth2accesstoken', password: 'hunter2-access' },
      source: 'Google Application Default Credentials',
      failures: [],
      looked: ['~/.docker/config.json (no such file)', 'Google Application Default Credentials'],
    });
  });

  it("are asked only when Docker's configuration has none", async () => {
    await home.writeDockerConfig({ auths: { [REGISTRY]: { auth: base64('_json_key:x') } } });
    const found = await lookup(REGISTRY, () => Promise.reject(new Error('asked')));
    expect(found.credentials).to.include({ username: '_json_key' });
    expect(found.failures).to.deep.equal([]);
  });

  it('are asked when the helper that gcloud configured does not start', async () => {
    await home.writeDockerConfig({ credHelpers: { [REGISTRY]: 'gcloud' } });
    const found = await lookup(REGISTRY, () => Promise.resolve('hunter2-access'));
    expect(found.source).to.equal('Google Application Default Credentials');
    expect(found.failures).to.deep.equal([
      {
        source: 'credHelpers gcloud (~/.docker/config.json)',
        reason: 'docker-credential-gcloud is not on PATH',
      },
    ]);
  });

  it('never go to anyone else', async () => {
    expect(await lookup('gcr.io.example.com', () => Promise.reject(new Error('asked')))).to.deep.include({
      failures: [],
    });
  });

  it('that cannot be had are remembered, without the secret in the reason', async () => {
    const { credentials, failures } = await lookup('gcr.io', () => Promise.reject(new Error('bad ya29.hunter2 token')));
    expect(credentials).to.equal(undefined);
    expect(failures).to.deep.equal([{ source: 'Google Application Default Credentials', reason: 'bad *** token' }]);
  });

  it('that do not come are not waited for', async () => {
    const { failures } = await lookup('gcr.io', () => new Promise(() => undefined), 50);
    expect(failures[0]?.reason).to.equal('no answer within 0.05 s');
  });

  describe('from a service-account file, with the real library', () => {
    let env: NodeJS.ProcessEnv;
    let keyFile: object;

    beforeEach(async () => {
      const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
      keyFile = {
        type: 'service_account',
        client_email: 'ci@acme.iam.gserviceaccount.com',
        private_key_id: 'hunter2-key-id',
        private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
      };
      env = { ...home.env, GOOGLE_APPLICATION_CREDENTIALS: await home.write('my key.json', keyFile) };
    });
    const nock = interceptHttp();

    /** The library has this address built in and ignores the file's token_uri, so the request is caught on its way. */
    const answering = (status: number, body: object, claims: Record<string, unknown>[] = []) =>
      nock('https://oauth2.googleapis.com')
        .post('/token', (form: { assertion: string }) => {
          const payload = form.assertion.split('.')[1] ?? '';
          claims.push(JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>);
          return true;
        })
        .reply(status, body);

    it('are exchanged for an access token', async () => {
      const claims: Record<string, unknown>[] = [];
      answering(200, { access_token: 'hunter2-from-google', expires_in: 3599, token_type: 'Bearer' }, claims);
      const { credentials } = await lookupCredentials(REGISTRY, { env, home: home.home });
      expect(credentials).to.deep.equal({
        kind: 'password',
        username: 'oauth2accesstoken',
        password: 'hunter2-from-google',
      });
      expect(claims[0]).to.include({
        iss: 'ci@acme.iam.gserviceaccount.com',
        scope: 'https://www.googleapis.com/auth/cloud-platform',
      });
    });

    it('that Google refuses are a reason, not a silence', async () => {
      answering(400, { error: 'invalid_grant', error_description: 'Invalid JWT Signature.' });
      const { credentials, failures } = await lookupCredentials(REGISTRY, { env, home: home.home });
      expect(credentials).to.equal(undefined);
      expect(failures[0]?.reason).to.contain('invalid_grant: Invalid JWT Signature.');
      expect(JSON.stringify(failures)).not.to.match(/hunter2|PRIVATE KEY|eyJ/);
    });

    it('that are not there are a reason, too', async () => {
      const missing = { ...env, GOOGLE_APPLICATION_CREDENTIALS: '/nowhere/key.json' };
      const { failures } = await lookupCredentials(REGISTRY, { env: missing, home: home.home });
      expect(failures[0]?.reason).to.contain('/nowhere/key.json');
    });

    it('that are no key file give a reason without quoting it', async () => {
      for (const text of ['{"private_key": hunter2-key}', '{"private_key": "hunter2-key" hunter2', 'hunter2', '[]']) {
        const broken = { ...env, GOOGLE_APPLICATION_CREDENTIALS: await home.write('broken.json', text) };
        const { failures } = await lookupCredentials(REGISTRY, { env: broken, home: home.home });
        expect(failures, text).to.have.length(1);
        expect(failures[0]?.reason, text).not.to.contain('hunter2');
      }
    });

    it('give no token when Google sends none', async () => {
      answering(200, {});
      const { failures } = await lookupCredentials(REGISTRY, { env, home: home.home });
      expect(failures[0]?.reason).to.equal('Could not refresh access token.');
    });
  });

  describe('from workload identity federation, with the real library', () => {
    let server: Server;
    let env: NodeJS.ProcessEnv;
    let forms: Record<string, string>[];
    let answer: { status: number; body: object };

    /** Not Google's token exchange, but a server that answers as it does. */
    beforeEach(async () => {
      forms = [];
      answer = {
        status: 200,
        body: {
          access_token: 'hunter2-federated',
          issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
          token_type: 'Bearer',
          expires_in: 3599,
        },
      };
      server = createServer((request, response) => {
        const chunks: Buffer[] = [];
        request.on('data', (chunk: Buffer) => chunks.push(chunk));
        request.on('end', () => {
          forms.push(Object.fromEntries(new URLSearchParams(Buffer.concat(chunks).toString())));
          response.writeHead(answer.status, { 'Content-Type': 'application/json' }).end(JSON.stringify(answer.body));
        });
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const file = await home.write('federation.json', {
        type: 'external_account',
        audience: '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/ci/providers/github',
        subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
        token_url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/token`,
        credential_source: { file: await home.write('subject', 'hunter2-subject-token') },
      });
      env = { ...home.env, GOOGLE_APPLICATION_CREDENTIALS: file };
    });
    afterEach(() => {
      server.closeAllConnections();
      server.close();
    });

    it("are exchanged for an access token, as in GitHub's and GitLab's CI", async () => {
      const { credentials } = await lookupCredentials(REGISTRY, { env, home: home.home });
      expect(credentials).to.include({ username: 'oauth2accesstoken', password: 'hunter2-federated' });
      expect(forms[0]).to.include({
        subject_token: 'hunter2-subject-token',
        scope: 'https://www.googleapis.com/auth/cloud-platform',
      });
    });

    it('that are refused are a reason without the subject token', async () => {
      answer = { status: 400, body: { error: 'invalid_target', error_description: 'no such pool' } };
      const { failures } = await lookupCredentials(REGISTRY, { env, home: home.home });
      expect(failures[0]?.reason).to.contain('invalid_target').and.contain('no such pool');
      expect(JSON.stringify(failures)).not.to.contain('hunter2');
    });
  });
});
