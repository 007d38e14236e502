import { expect } from 'chai';
import { fetchGoogleIdToken } from '../../../src/authentication/google-id-token.js';
import { everythingIn } from '../../support/everything-in.js';
import type { Answer } from '../../support/fake-server.js';
import { ACCOUNT, GoogleIssuer, SUBJECT_TOKEN } from '../../support/google-issuer.js';
import { rejection } from '../../support/rejection.js';
import { TemporaryFolder } from '../../unit/temporary-folder.js';

const AUDIENCE = '123-abc.apps.googleusercontent.com';

describe('an ID token of Google’s', () => {
  let google: GoogleIssuer;
  let folder: TemporaryFolder;

  before(async () => {
    google = await GoogleIssuer.start();
  });

  after(() => google.stop());

  beforeEach(async () => {
    folder = await TemporaryFolder.create();
    google.server.asked.splice(0);
    google.answer = undefined;
    google.lifetimeSeconds = 3600;
  });

  afterEach(() => folder.remove());

  const fetchWith = async (info: object) => {
    await folder.write({ 'credentials.json': JSON.stringify(info) });
    const environment = { GOOGLE_APPLICATION_CREDENTIALS: folder.file('credentials.json') };
    return fetchGoogleIdToken(AUDIENCE, { environment, fetch });
  };
  const metadata = (environment: NodeJS.ProcessEnv) =>
    fetchGoogleIdToken(AUDIENCE, { environment: { CLOUDSDK_CONFIG: folder.file('nowhere'), ...environment }, fetch });

  describe('is had', () => {
    const executable = async (): Promise<object> => {
      const answer = {
        version: 1,
        success: true,
        token_type: 'urn:ietf:params:oauth:token-type:jwt',
        id_token: SUBJECT_TOKEN,
      };
      await folder.write({ 'answer.json': JSON.stringify(answer) });
      return google.federation({ executable: { command: `cat ${folder.file('answer.json')}` } });
    };
    const fromFile = async (): Promise<object> => {
      await folder.write({ subject: SUBJECT_TOKEN });
      return google.federation({ file: folder.file('subject') });
    };
    const identities: readonly [what: string, info: () => object | Promise<object>, asked: readonly string[]][] = [
      ['by a service account’s key, where its file says', () => google.key(), ['token']],
      [
        'by impersonation with a service account as its source',
        () => google.impersonation(google.key()),
        ['token', 'generateIdToken'],
      ],
      [
        'by impersonation with a person as its source',
        () => google.impersonation(google.user()),
        ['token', 'generateIdToken'],
      ],
      [
        'by impersonation with a federated identity as its source',
        async () => google.impersonation(await fromFile()),
        ['sts', 'generateIdToken'],
      ],
      ['by a federated identity from a file', fromFile, ['sts', 'generateIdToken']],
      [
        'by a federated identity from a URL',
        () => google.federation({ url: `${google.server.url}/subject` }),
        ['subject', 'sts', 'generateIdToken'],
      ],
      ['by a federated identity from an executable', executable, ['sts', 'generateIdToken']],
    ];
    const allowed = process.env.GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES;

    before(() => {
      process.env.GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES = '1';
    });

    after(() => {
      if (allowed === undefined) delete process.env.GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES;
      else process.env.GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES = allowed;
    });

    for (const [what, info, asked] of identities) {
      it(what, async () => {
        expect(GoogleIssuer.claimsOf(await fetchWith(await info()))).to.include({ aud: AUDIENCE, email: ACCOUNT });
        expect(google.paths).to.deep.equal(asked);
      });
    }

    for (const variable of ['GCE_METADATA_HOST', 'GCE_METADATA_ROOT', 'GCE_METADATA_IP']) {
      it(`by the metadata server that ${variable} names`, async () => {
        for (const value of [google.server.host, `${google.server.url}/`]) {
          const token = await metadata({ GCE_METADATA_IP: '127.0.0.1:9', [variable]: value });
          expect(GoogleIssuer.claimsOf(token)).to.include({ aud: AUDIENCE });
        }
      });
    }
  });

  describe('is not had', () => {
    const answers: readonly [what: string, answer: Answer, reason: string][] = [
      [
        'when Google refuses the key',
        { status: 400, body: { error: 'invalid_grant', error_description: 'Invalid JWT Signature.' } },
        'rejected the token request (HTTP 400, invalid_grant: Invalid JWT Signature.)',
      ],
      [
        'when one of Google’s APIs refuses',
        { status: 403, body: { error: { status: 'PERMISSION_DENIED', message: 'denied' } } },
        'rejected the token request (HTTP 403, PERMISSION_DENIED: denied)',
      ],
      [
        'when a proxy answers in its own words',
        { status: 403, body: '<h1>ya29.hunter2 JSON</h1>' },
        'rejected the token request (HTTP 403)',
      ],
      [
        'when a proxy leads elsewhere',
        { status: 302, headers: { Location: '/' } },
        'rejected the token request (HTTP 302)',
      ],
      ['when Google sends no token', {}, 'responded with something that is not an ID token'],
      [
        'when Google sends something else',
        { body: { id_token: 'hunter2' } },
        'responded with something that is not an ID token',
      ],
      ['when nobody answers', 'hang-up', 'closed the connection without a response'],
    ];
    for (const [what, answer, reason] of answers) {
      it(`${what}, and says why without a secret`, async () => {
        google.answer = answer;
        const error = await rejection(fetchWith(google.key()));
        expect(error).to.include({
          code: 'credentials',
          message: `Google (${ACCOUNT}, key in ${folder.file('credentials.json')}) ${reason}`,
        });
        expect(everythingIn(error)).not.to.match(/hunter2|PRIVATE KEY|eyJ/);
      });
    }

    it('when the clocks differ by more than its lifetime', async () => {
      google.lifetimeSeconds = -1;
      expect((await rejection(fetchWith(google.key()))).message).to.match(
        /has already expired by this machine's clock$/,
      );
    });

    it('by a key that is none', async () => {
      const error = await rejection(fetchWith(google.key({ private_key: '-----BEGIN PRIVATE KEY-----\nhunter2\n' })));
      expect(error.message).to.match(/ has a private key that cannot be used$/);
      expect(everythingIn(error)).not.to.contain('hunter2');
    });

    it('by a person whose login has ended', async () => {
      const ended = { ...google.user(), refresh_token: 'hunter2-old' };
      const error = await rejection(fetchWith(google.impersonation(ended)));
      expect(error.message).to.match(/rejected the token request \(HTTP 400, invalid_grant: /);
    });

    const sources: readonly [what: string, source: () => object][] = [
      ['a file that is not there', () => ({ file: folder.file('nowhere') })],
      ['a URL that has none', () => ({ url: `${google.server.url}/nowhere` })],
    ];
    for (const [what, source] of sources) {
      it(`by a federated identity from ${what}`, async () => {
        const error = await rejection(fetchWith(google.federation(source())));
        expect(error.code).to.equal('credentials');
        expect(error.message).to.contain(
          `impersonated through ${folder.file('credentials.json')}) got no access token: `,
        );
        expect(everythingIn(error)).not.to.contain('hunter2');
      });
    }

    it('by a machine that is not Google’s', async () => {
      const error = await rejection(metadata({ GCE_METADATA_HOST: '127.0.0.1:9' }));
      expect(error.message).to.match(/^Google's metadata server \(127\.0\.0\.1:9\) /);
      expect(error.hint).to.match(/^this machine has no Google credentials: set GOOGLE_APPLICATION_CREDENTIALS/);
    });
  });
});
