import { expect } from 'chai';
import type { AuthenticationSettings } from '../../../src/authentication/types.js';
import { checkOnline, type OnlineCheckOptions } from '../../../src/checks/online.js';
import type { Tracking } from '../../../src/project/tracking/tracking.js';
import { everythingIn } from '../../support/everything-in.js';
import { FakeServer, type Answer, type Asked } from '../../support/fake-server.js';

const TOKEN: AuthenticationSettings = { type: 'Vars', params: ['MLFLOW_TRACKING_TOKEN'] };

const REMEDIES = {
  refused: 'check the audience, and that the account has access to the server; `kdeploy auth token` shows what is sent',
  unauthenticated:
    'configure it in kdeploy.yml: run_config.authentication: {type: GoogleOAuth2}, or {type: Vars, params: [MLFLOW_TRACKING_TOKEN]}',
  elsewhere: 'check the path and port of the tracking URI',
  refusedConnection:
    'check that the server is running, and its port; if only the cluster can reach it, check without --online',
};

describe('asking the MLflow server', () => {
  /** Not a real MLflow, but a server that answers as one does; test/integration asks the real one. */
  let server: FakeServer;
  let experiment: Answer;

  beforeEach(async () => {
    experiment = { body: { experiment: { name: 'flights', lifecycle_stage: 'active' } } };
    server = await FakeServer.start(() => experiment);
  });

  afterEach(() => server.stop());

  const tracking = (uri: string | undefined): Tracking => ({
    uri,
    registryUri: undefined,
    experiment: 'flights',
    source: undefined,
    registrySource: undefined,
  });
  const check = async ({ uri = server.url, ...options }: Partial<OnlineCheckOptions> & { uri?: string } = {}) => {
    const findings = await checkOnline({ tracking: tracking(uri), authentication: [], environment: {}, ...options });
    for (const { rule } of findings) expect(rule).to.equal('mlflow-online');
    return findings.map(({ severity, message, remedy }) => ({ severity, message, remedy }));
  };

  it('finds nothing where it answers and has the experiment', async () => {
    expect(await check()).to.deep.equal([]);
    expect(server.asked.map(({ url }) => url)).to.deep.equal([
      '/api/2.0/mlflow/experiments/get-by-name?experiment_name=flights',
    ]);
  });

  it('asks as the container would, with all its headers', async () => {
    const environment = { MLFLOW_TRACKING_TOKEN: 'hunter2-token' };
    expect(await check({ authentication: [TOKEN], environment })).to.deep.equal([]);
    expect(server.asked.map(({ headers }) => headers.authorization)).to.deep.equal(['Bearer hunter2-token']);
  });

  it('asks with the password of the URI, which no finding has', async () => {
    experiment = { status: 500 };
    const found = await check({ uri: `http://me:hunter2-password@${server.host}` });
    const basic = `Basic ${Buffer.from('me:hunter2-password').toString('base64')}`;
    expect(server.asked.map(({ headers }) => headers.authorization)).to.deep.equal([basic]);
    expect(found[0]?.message).to.contain(`http://***@${server.host} responded with HTTP 500`);
    expect(everythingIn(found)).not.to.contain('hunter2');
  });

  const unasked: readonly [what: string, tracking: Tracking | undefined][] = [
    ['tracking is off', undefined],
    ['nothing names a server', tracking(undefined)],
    ...['databricks', 'sqlite:///mlflow.db', 'mlruns', 'httpd://host', 'file:///http://x'].map(
      (uri): [string, Tracking] => [`the URI is ${uri}`, tracking(uri)],
    ),
  ];
  for (const [what, given] of unasked) {
    it(`is left out where ${what}`, async () => {
      const fetch = () => Promise.reject(new Error('a server was asked'));
      // Not even a token is made: its absence would be a finding.
      const options = { authentication: [TOKEN], environment: {}, fetch };
      expect(await checkOnline({ tracking: given, ...options })).to.deep.equal([]);
    });
  }

  describe('in a workspace', () => {
    const inWorkspace = (name: string): Answer => ({ body: { experiment: { name: 'flights', workspace: name } } });
    const asked = () => server.asked.map(({ headers }) => headers['x-mlflow-workspace']);

    it('remarks that a container does not have the one of this shell', async () => {
      experiment = inWorkspace('team-a');
      expect(await check({ environment: { MLFLOW_WORKSPACE: 'team-a' } })).to.deep.equal([
        {
          severity: 'info',
          message: `asked ${server.url} in the workspace team-a of this shell, which containers get only if MLFLOW_WORKSPACE is passed to them`,
          remedy:
            'to stop a container without it, require it in kdeploy.yml: run_config.authentication: {type: Vars, params: [MLFLOW_WORKSPACE]}',
        },
      ]);
    });

    it('finds nothing where the container must get it', async () => {
      experiment = inWorkspace('team-a');
      const authentication: AuthenticationSettings[] = [{ type: 'Vars', params: ['MLFLOW_WORKSPACE'] }];
      expect(await check({ authentication, environment: { MLFLOW_WORKSPACE: 'team-a' } })).to.deep.equal([]);
      expect(asked()).to.deep.equal(['team-a']);
    });

    const dockerfiles: readonly [what: string, shell: NodeJS.ProcessEnv, asked: string | undefined][] = [
      ['the Dockerfile sets', {}, 'team-b'],
      ['the shell passes over that of the Dockerfile', { MLFLOW_WORKSPACE: 'team-a' }, 'team-a'],
      ['the Dockerfile sets where the shell has blanks', { MLFLOW_WORKSPACE: ' ' }, 'team-b'],
    ];
    for (const [what, environment, expected] of dockerfiles) {
      it(`asks in the one that ${what}`, async () => {
        experiment = inWorkspace(expected ?? '');
        const imageVariables = [{ name: 'MLFLOW_WORKSPACE', value: 'team-b' }, { name: 'OTHER' }];
        expect(await check({ environment, imageVariables })).to.deep.equal([]);
        expect(asked()).to.deep.equal([expected]);
      });
    }
  });

  describe('about the experiment', () => {
    const answers: readonly [what: string, answer: Answer, severity: string, message: string, remedy: string][] = [
      [
        'that is missing: no mistake, unless it is one',
        { status: 404, body: { error_code: 'RESOURCE_DOES_NOT_EXIST' } },
        'info',
        'experiment flights does not exist on URI yet; the first run creates it',
        'nothing to do, unless the name is misspelled',
      ],
      [
        'that is deleted',
        { body: { experiment: { lifecycle_stage: 'deleted' } } },
        'warning',
        'the experiment flights is deleted on URI; kedro-mlflow restores it unless restore_if_deleted is false',
        'restore it in MLflow, or choose another name',
      ],
      ...(
        [
          [
            'in a folder of the server',
            '/mlflow/1',
            'is a local folder: artifacts that a container writes there are deleted with the container, unless a volume is mounted',
            'an experiment keeps its location: choose another name, and let the MLflow server store artifacts (mlflow-artifacts:/), or name a bucket: s3://…, gs://…, abfss://…',
          ],
          [
            'in a bucket whose package is missing',
            's3://hunter2:hunter2@bucket/1',
            'needs boto3, which is missing from the requirements: the run would fail at its first artifact',
            'add boto3 to the requirements',
          ],
          [
            'under a scheme that MLflow does not know',
            'gcs://bucket/1',
            'has the scheme gcs, which MLflow supports only with a plugin: the run would fail at its first artifact',
            'add the plugin to the requirements, or write the scheme as MLflow does: s3, gs, abfss, wasbs',
          ],
        ] as const
      ).map(([where, artifact_location, predicate, remedy]): [string, Answer, string, string, string] => [
        `whose artifacts are stored ${where}`,
        { body: { experiment: { lifecycle_stage: 'active', artifact_location } } },
        'warning',
        `the artifact location ${artifact_location.replace('hunter2:hunter2', '***')} of the experiment flights on URI ${predicate}`,
        remedy,
      ]),
      ...[403, 401].map((status): [string, Answer, string, string, string] => [
        `that the account may not read (${status})`,
        { status, body: { error_code: 'PERMISSION_DENIED' } },
        'error',
        'URI accepts the credentials, but denies access to experiments',
        'grant the account read and write access to experiments',
      ]),
      [
        'of which MLflow says something unexpected',
        { status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE' } },
        'warning',
        'URI returned an unexpected response for experiment flights (INVALID_PARAMETER_VALUE)',
        "check the server's log",
      ],
    ];
    for (const [what, answer, severity, message, remedy] of answers) {
      it(`tells one ${what}`, async () => {
        experiment = answer;
        const lacks = (name: string) => name === 'boto3';
        expect(await check({ lacks })).to.deep.equal([
          { severity, message: message.replace('URI', server.url), remedy },
        ]);
      });
    }

    const stored = (artifact_location: string, lifecycle_stage = 'active'): void => {
      experiment = { body: { experiment: { lifecycle_stage, artifact_location } } };
    };
    const messages = async (options: Partial<OnlineCheckOptions>) =>
      (await check(options)).map(({ severity, message }) => `${severity}: ${message.replace(server.url, 'URI')}`);
    const options = (given: object) => ({
      options: { artifactLocation: undefined, restoreIfDeleted: undefined, ...given },
    });

    for (const location of ['mlflow-artifacts:/1', 'gs://bucket/1']) {
      it(`finds nothing where artifacts are stored in ${location} and the container has what it needs`, async () => {
        stored(location);
        expect(await messages({ lacks: (name) => name === 'boto3' })).to.deep.equal([]);
      });
    }

    it('tells one that is deleted and that mlflow.yml does not restore as an error', async () => {
      stored('mlflow-artifacts:/1', 'deleted');
      expect(await messages(options({ restoreIfDeleted: false }))).to.deep.equal([
        'error: the experiment flights is deleted on URI, and mlflow.yml sets restore_if_deleted: false: every run would fail',
      ]);
      expect((await messages(options({ restoreIfDeleted: true })))[0]).to.match(
        /^warning: .* kedro-mlflow restores it/,
      );
      stored('mlflow-artifacts:/1');
      expect(await messages(options({ restoreIfDeleted: false }))).to.deep.equal([]);
    });

    it('tells that artifacts do not go where mlflow.yml says, since the experiment exists', async () => {
      stored('mlflow-artifacts:/1');
      expect(await messages(options({ artifactLocation: 's3://bucket/x' }))).to.deep.equal([
        'warning: the artifact location mlflow-artifacts:/1 of the experiment flights on URI is not s3://bucket/x, which mlflow.yml names for a new experiment: artifacts do not go there',
      ]);
      stored('s3://bucket/x');
      expect(await messages(options({ artifactLocation: 's3://bucket/x/' }))).to.deep.equal([]);
    });
  });

  describe('behind a guard', () => {
    /** Not Google's IAP, but a server that answers as it does: a login page, a word for the wrong token, one for the wrong person. */
    const iap = ({ headers: { authorization } }: Asked): Answer => {
      if (authorization === undefined) {
        return { status: 302, headers: { Location: 'https://accounts.google.com/o/oauth2/v2/auth?client_id=x' } };
      }
      if (authorization === 'Bearer hunter2-stranger') {
        return { status: 403, headers: { 'Content-Type': 'text/html' }, body: "<html>You don't have access</html>" };
      }
      if (authorization === 'Bearer hunter2-right') return experiment;
      return { status: 401, body: 'Invalid IAP credentials: JWT audience doesn’t match this application' };
    };

    beforeEach(() => {
      server.answer = iap;
    });

    it('finds nothing with the right token', async () => {
      const environment = { MLFLOW_TRACKING_TOKEN: 'hunter2-right' };
      expect(await check({ authentication: [TOKEN], environment })).to.deep.equal([]);
    });

    for (const [token, status] of [
      ['hunter2-wrong-audience', 401],
      ['hunter2-stranger', 403],
    ] as const) {
      it(`tells a token that it refuses with ${status}, and not the token`, async () => {
        const found = await check({ authentication: [TOKEN], environment: { MLFLOW_TRACKING_TOKEN: token } });
        expect(found).to.deep.equal([
          {
            severity: 'error',
            message: `${server.url} rejects the credentials that the container would send (HTTP ${status})`,
            remedy: REMEDIES.refused,
          },
        ]);
        expect(everythingIn(found)).not.to.contain('hunter2');
      });
    }

    it('tells that it wants authentication where none is configured, rather than follow it to its login page', async () => {
      expect(await check()).to.deep.equal([
        {
          severity: 'error',
          message: `${server.url} requires authentication (HTTP 302 to accounts.google.com), but kdeploy.yml configures none`,
          remedy: REMEDIES.unauthenticated,
        },
      ]);
      expect(server.asked).to.have.length(1);
    });

    it('asks nothing without credentials to show, and tells which are missing', async () => {
      expect(await check({ authentication: [TOKEN] })).to.deep.equal([
        {
          severity: 'error',
          message:
            'this machine cannot authenticate as the container would: not set in this shell: MLFLOW_TRACKING_TOKEN',
          remedy: 'set it as in the container: `export MLFLOW_TRACKING_TOKEN=…`',
        },
      ]);
      expect(server.asked).to.deep.equal([]);
    });

    it('asks nothing when the OpenID provider gives no token, and says why without the secret', async () => {
      // Not an OpenID provider, but a server that refuses as one does.
      const provider = await FakeServer.start(({ method }) =>
        method === 'GET'
          ? { body: { issuer: provider.url, token_endpoint: `${provider.url}/token` } }
          : { status: 401, body: { error: 'invalid_client', error_description: 'wrong: hunter2-secret' } },
      );
      const found = await check({
        authentication: [
          {
            type: 'OIDC',
            issuer: provider.url,
            client_id: 'training',
            client_secret_variable: 'MLFLOW_CLIENT_SECRET',
            client_secret_file: null,
            scope: null,
            audience: null,
            header: 'Authorization',
          },
        ],
        environment: { MLFLOW_CLIENT_SECRET: 'hunter2-secret' },
      });
      await provider.stop();
      expect(found.map(({ message }) => message)).to.deep.equal([
        `this machine cannot authenticate as the container would: ${provider.url} did not issue an access token to the client training: HTTP 401 invalid_client: wrong: ***`,
      ]);
      expect(everythingIn(found)).not.to.contain('hunter2');
      expect(server.asked).to.deep.equal([]);
    });
  });

  describe('that is not there', () => {
    const elsewhere: readonly [what: string, answer: Answer, predicate: string, remedy: string][] = [
      [
        'another server',
        { body: '<html>hello</html>' },
        "responds with a web page (HTTP 200), not with MLflow's API; it may be a login page",
        'check which authentication a proxy in front of the server expects, and the path of the tracking URI',
      ],
      [
        'a server without the path',
        { status: 404 },
        'responded (HTTP 404), but not as an MLflow server',
        REMEDIES.elsewhere,
      ],
      [
        'a gateway that has lost it',
        { status: 502, body: '2.22.0' },
        'responded with HTTP 502',
        "try again later, or check the server's log",
      ],
      [
        'an MLflow that has another name',
        { status: 403, body: 'Invalid Host header - possible DNS rebinding attack detected' },
        'does not accept the host name HOST (HTTP 403, Invalid Host header)',
        'start the MLflow server with --allowed-hosts HOST',
      ],
    ];
    for (const [what, answer, predicate, remedy] of elsewhere) {
      it(`tells ${what}`, async () => {
        experiment = answer;
        expect(await check({ uri: `${server.url}/mlflow` })).to.deep.equal([
          {
            severity: 'error',
            message: `${server.url}/mlflow ${predicate.replace('HOST', server.host)}`,
            remedy: remedy.replace('HOST', server.host),
          },
        ]);
      });
    }

    it('tells a port where nobody listens', async () => {
      await server.stop();
      expect(await check()).to.deep.equal([
        { severity: 'error', message: `${server.url} refused the connection`, remedy: REMEDIES.refusedConnection },
      ]);
      server = await FakeServer.start();
    });

    it('tells a certificate that nobody trusts, and where the container looks for its authority', async () => {
      const cause = Object.assign(new Error('self-signed certificate'), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
      const fetch = () => Promise.reject(new TypeError('fetch failed', { cause }));
      expect(await check({ uri: 'https://mlflow.acme.io', fetch })).to.deep.equal([
        {
          severity: 'error',
          message: 'https://mlflow.acme.io has a certificate from an authority that is not trusted',
          remedy:
            'set REQUESTS_CA_BUNDLE or MLFLOW_TRACKING_SERVER_CERT_PATH to the CA certificate of the server; if only the cluster can reach it, check without --online',
        },
      ]);
    });

    it('tells a variable of the client that names no file, and asks nobody', async () => {
      const environment = { MLFLOW_TRACKING_CLIENT_CERT_PATH: '/nowhere/client.pem' };
      expect(await check({ environment })).to.deep.equal([
        {
          severity: 'error',
          message: 'MLFLOW_TRACKING_CLIENT_CERT_PATH names /nowhere/client.pem, which does not exist',
          remedy: 'correct the path in MLFLOW_TRACKING_CLIENT_CERT_PATH, or unset the variable',
        },
      ]);
      expect(server.asked).to.deep.equal([]);
    });

    for (const [what, options, message] of [
      [
        'the password of the URI',
        { uri: 'http://me:hunter2-password@127.0.0.1:1' },
        'http://***@127.0.0.1:1 cannot be reached (bad port)',
      ],
      [
        'a password that no address can hold',
        { uri: 'http://me:hunter2-%zz@127.0.0.1:1' },
        'http://***@127.0.0.1:1 cannot be reached (URI malformed)',
      ],
      [
        'a token that no header can carry',
        { authentication: [TOKEN], environment: { MLFLOW_TRACKING_TOKEN: 'hunter2-one\nhunter2-two' } },
        'this machine cannot authenticate as the container would: MLFLOW_TRACKING_TOKEN contains a line break',
      ],
    ] as const) {
      it(`tells it without ${what}`, async () => {
        const found = await check(options);
        expect(found.map((finding) => finding.message)).to.deep.equal([message]);
        expect(everythingIn(found)).not.to.contain('hunter2');
      });
    }
  });
});
