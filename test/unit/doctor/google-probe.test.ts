import { generateKeyPairSync } from 'node:crypto';
import { expect } from 'chai';
import { googleProbe } from '../../../src/doctor/google-probe.js';
import { GoogleIssuer } from '../../support/google-issuer.js';
import { interceptHttp } from '../../support/intercepted-http.js';
import type { SettingsChanges } from '../../support/settings.js';
import { TemporaryFolder } from '../temporary-folder.js';
import { inProject, outsideOfProject } from './contexts.js';

const ON_GOOGLE: SettingsChanges = { image: { name: 'europe-docker.pkg.dev/acme/ml/app' } };

describe('the probe of Google’s credentials', () => {
  const nock = interceptHttp();
  let folder: TemporaryFolder;

  beforeEach(async () => {
    folder = await TemporaryFolder.create();
  });

  afterEach(async () => {
    await folder.remove();
  });

  /** A project whose shell names this key file. */
  const withKeyFile = async (content: string, settings: SettingsChanges = ON_GOOGLE) => {
    await folder.write({ 'key.json': content });
    return inProject({ settings, environment: { GOOGLE_APPLICATION_CREDENTIALS: folder.file('key.json') } });
  };
  const keyFile = (): string => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    return JSON.stringify({
      type: 'service_account',
      client_email: 'ci@acme.iam.gserviceaccount.com',
      private_key_id: 'hunter2-key-id',
      private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    });
  };
  /** The library has this address built in, so the request is caught on its way. */
  const answering = (status: number, body: object) =>
    nock('https://oauth2.googleapis.com').post('/token').reply(status, body);

  const unneeded: readonly [what: string, settings: SettingsChanges][] = [
    ['nothing names an image', {}],
    ['the image goes to Docker Hub', { image: { name: 'acme/app' } }],
    ['the registry only looks like Google’s', { image: { name: 'gcr.io.example.com/acme/app' } }],
    ['MLflow wants other credentials', { runConfig: { authentication: [{ type: 'Vars', params: ['TOKEN'] }] } }],
  ];
  for (const [what, settings] of unneeded) {
    it(`asks for none where ${what}`, async () => {
      expect(await googleProbe.run(inProject({ settings }))).to.deep.equal({
        status: 'skipped',
        detail: 'not needed by the registry or MLflow',
      });
    });
  }

  it('asks for none outside of a project', async () => {
    expect(await googleProbe.run(outsideOfProject())).to.have.property('status', 'skipped');
  });

  it('gets a token where the registry is Google’s, and does not show it', async () => {
    const asked = answering(200, { access_token: 'hunter2-token', expires_in: 3599, token_type: 'Bearer' });
    expect(await googleProbe.run(await withKeyFile(keyFile()))).to.deep.equal({
      status: 'ok',
      detail: 'Google issues a token for them',
    });
    expect(asked.isDone()).to.equal(true);
  });

  describe('where MLflow’s authentication is Google’s', () => {
    const FOR_MLFLOW: SettingsChanges = {
      runConfig: { authentication: [{ type: 'GoogleOAuth2', audience: 'mlflow', header: 'Authorization' }] },
    };
    let google: GoogleIssuer;

    before(async () => {
      google = await GoogleIssuer.start();
    });

    after(() => google.stop());

    const probe = async (info: object) => googleProbe.run(await withKeyFile(JSON.stringify(info), FOR_MLFLOW));

    it('gets an ID token, as the container does', async () => {
      expect(await probe(google.key())).to.have.property('status', 'ok');
    });

    it('is not content with a person’s login, which is good for a registry only', async () => {
      const found = await probe(google.user());
      expect(found).to.have.property('status', 'failed');
      expect(found.detail).to.contain('contains user credentials, which cannot issue ID tokens');
      expect(found).to.have.property('remedy').that.contains('--impersonate-service-account');
      expect(JSON.stringify(found)).not.to.contain('hunter2');
    });
  });

  it('tells why Google refuses, and how to log in', async () => {
    answering(400, { error: 'invalid_grant', error_description: 'Invalid JWT Signature.' });
    const found = await googleProbe.run(await withKeyFile(keyFile()));
    expect(found).to.deep.include({
      status: 'failed',
      remedy:
        'log in with `gcloud auth application-default login`, or set GOOGLE_APPLICATION_CREDENTIALS to a key file',
    });
    expect(found.detail).to.contain('invalid_grant: Invalid JWT Signature.');
    expect(JSON.stringify(found)).not.to.match(/hunter2|PRIVATE KEY|eyJ/);
  });

  it('names a key file that is not there', async () => {
    const environment = { GOOGLE_APPLICATION_CREDENTIALS: folder.file('none.json') };
    const found = await googleProbe.run(inProject({ settings: ON_GOOGLE, environment }));
    expect(found.status).to.equal('failed');
    expect(found.detail).to.contain('none.json');
  });

  // The parser quotes what it cannot read, and that is the key.
  for (const text of ['{"private_key": hunter2-key}', '{"private_key": "hunter2-key" hunter2', 'hunter2', '[]']) {
    it(`does not quote a key file that is none: ${text}`, async () => {
      const found = await googleProbe.run(await withKeyFile(text));
      expect(found.status).to.equal('failed');
      expect(JSON.stringify(found)).not.to.contain('hunter2');
    });
  }
});
