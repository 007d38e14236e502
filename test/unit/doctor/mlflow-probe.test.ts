import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { mlflowProbe } from '../../../src/doctor/mlflow-probe.js';
import { memorySource } from '../../support/memory-source.js';
import { rejection } from '../../support/rejection.js';
import type { SettingsChanges } from '../../support/settings.js';
import { inProject, outsideOfProject, type Surroundings } from './contexts.js';

/** Not a real MLflow, but a server that answers as one does that has no experiment of the name. */
const asMlflow: RequestListener = ({ url }, response) => {
  if (url === '/version') response.end('2.22.0');
  else response.writeHead(404).end('{"error_code": "RESOURCE_DOES_NOT_EXIST"}');
};

describe('the MLflow server’s probe', () => {
  let server: Server;
  let answer: RequestListener;
  let host: string;

  beforeEach(async () => {
    answer = asMlflow;
    server = createServer((request, response) => answer(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  const probe = (surroundings: Surroundings = {}) =>
    mlflowProbe.run(inProject({ ...surroundings, environment: { PATH: '', ...surroundings.environment } }));
  const tracked = (trackingUri: string): { settings: SettingsChanges } => ({ settings: { mlflow: { trackingUri } } });

  it('tells the version of the server', async () => {
    expect(await probe(tracked(`http://${host}`))).to.deep.equal({
      status: 'ok',
      detail: `MLflow 2.22.0 at http://${host}`,
    });
  });

  const sources: readonly [where: string, surroundings: (uri: string) => Surroundings][] = [
    ['kdeploy’s settings', tracked],
    [
      'mlflow.yml',
      (uri) => ({ source: memorySource({ 'conf/local/mlflow.yml': `server:\n  mlflow_tracking_uri: ${uri}\n` }) }),
    ],
    ['the shell', (uri) => ({ environment: { MLFLOW_TRACKING_URI: uri } })],
  ];
  for (const [where, surroundings] of sources) {
    it(`asks the server that ${where} names, as the image would`, async () => {
      expect(await probe(surroundings(`http://${host}`))).to.have.property('status', 'ok');
    });
  }

  it('is not content with a /version that answers everybody: a task calls the API', async () => {
    answer = (request, response) => {
      if (request.url === '/version') response.end('2.22.0');
      else response.writeHead(401).end();
    };
    expect(await probe(tracked(`http://${host}`))).to.deep.equal({
      status: 'failed',
      detail: `http://${host} requires authentication (HTTP 401), but kdeploy.yml configures none`,
      remedy:
        'configure it in kdeploy.yml: run_config.authentication: {type: GoogleOAuth2}, or {type: Vars, params: [MLFLOW_TRACKING_TOKEN]}',
    });
  });

  it('is content with an API that has no /version', async () => {
    answer = (request, response) => {
      if (request.url === '/version') response.writeHead(403).end();
      else asMlflow(request, response);
    };
    expect(await probe(tracked(`http://${host}`))).to.deep.equal({ status: 'ok', detail: `MLflow at http://${host}` });
  });

  it('tells a server that does not know its own name from one that refuses the credentials', async () => {
    answer = (_request, response) =>
      response.writeHead(403).end('Invalid Host header - possible DNS rebinding attack detected');
    expect(await probe(tracked(`http://${host}`))).to.deep.equal({
      status: 'failed',
      detail: `http://${host} does not accept the host name ${host} (HTTP 403, Invalid Host header)`,
      remedy: `start the MLflow server with --allowed-hosts ${host}`,
    });
  });

  describe('of a project that authenticates', () => {
    /** Not IAP, nor an MLflow behind it, but a server that answers the right token as MLflow does. */
    beforeEach(() => {
      answer = (request, response) => {
        if (request.headers.authorization === 'Bearer hunter2-token') asMlflow(request, response);
        else response.writeHead(302, { Location: 'https://accounts.google.com/o/oauth2/v2/auth' }).end();
      };
    });

    const authenticated = (environment: NodeJS.ProcessEnv): Surroundings => ({
      settings: {
        mlflow: { trackingUri: `http://${host}` },
        runConfig: { authentication: [{ type: 'Vars', params: ['MLFLOW_TRACKING_TOKEN'] }] },
      },
      environment,
    });

    it('sends what the container would, and is let in', async () => {
      expect(await probe(authenticated({ MLFLOW_TRACKING_TOKEN: 'hunter2-token' }))).to.deep.equal({
        status: 'ok',
        detail: `MLflow 2.22.0 at http://${host}`,
      });
    });

    it('is not content with a server that refuses it', async () => {
      const found = await probe(authenticated({ MLFLOW_TRACKING_TOKEN: 'hunter2-wrong' }));
      expect(found).to.deep.equal({
        status: 'failed',
        detail: `http://${host} rejects the credentials that the container would send (HTTP 302 to accounts.google.com)`,
        remedy:
          'check the audience, and that the account has access to the server; `kdeploy auth token` shows what is sent',
      });
    });

    it('tells what this machine lacks to authenticate, and asks nobody', async () => {
      let isAsked = false;
      answer = (_request, response) => {
        isAsked = true;
        response.end('2.22.0');
      };
      const error = await rejection(probe(authenticated({})));
      expect(error).to.include({ code: 'credentials', message: 'not set in this shell: MLFLOW_TRACKING_TOKEN' });
      expect(isAsked).to.equal(false);
    });
  });

  it('tells a server that is something else', async () => {
    answer = (_request, response) => response.writeHead(404).end('<html>hello</html>');
    expect(await probe(tracked(`http://${host}/mlflow`))).to.deep.equal({
      status: 'failed',
      detail: `http://${host}/mlflow responded (HTTP 404), but not as an MLflow server`,
      remedy: 'check the path and port of the tracking URI',
    });
  });

  it('tells a server that is not there, and why', async () => {
    await new Promise((resolve) => server.close(resolve));
    expect(await probe(tracked(`http://${host}`))).to.deep.equal({
      status: 'failed',
      detail: `http://${host} refused the connection`,
      remedy: 'check that the server is running, and its port',
    });
  });

  it('tells an https:// address behind which nobody speaks https', async () => {
    const found = await probe(tracked(`https://${host}`));
    expect(found).to.include({ status: 'failed', detail: `https://${host} does not support HTTPS` });
  });

  it('shows no password of a tracking URI, whatever comes of it', async () => {
    const uri = `http://me:hunter2-secret@${host}`;
    const found = [await probe(tracked(uri))];
    answer = (_request, response) => response.writeHead(500).end(uri);
    found.push(await probe(tracked(uri)));
    await new Promise((resolve) => server.close(resolve));
    found.push(await probe(tracked(uri)), await probe(tracked('postgresql://me:hunter2-secret@db/mlflow')));
    expect(found.map(({ status }) => status)).to.deep.equal(['ok', 'failed', 'failed', 'skipped']);
    expect(found[0]?.detail).to.equal(`MLflow 2.22.0 at http://***@${host}`);
    expect(JSON.stringify(found)).not.to.contain('hunter2');
  });

  it('tells that nothing names a server', async () => {
    expect(await probe()).to.deep.equal({
      status: 'failed',
      detail: 'no tracking URI is configured',
      remedy: 'run `kdeploy check` to see what is missing',
    });
  });

  const skipped: readonly [uri: string, detail: string][] = [
    ['databricks', 'databricks is not an HTTP server (databricks)'],
    ['sqlite:///mlflow.db', 'sqlite:///mlflow.db is not an HTTP server (database-file)'],
    ['mlruns', 'mlruns is not an HTTP server (relative-path)'],
    ['httpd://host', 'httpd://host is not an HTTP server (unknown-scheme)'],
  ];
  for (const [uri, detail] of skipped) {
    it(`asks nobody at ${uri}`, async () => {
      expect(await probe(tracked(uri))).to.deep.equal({ status: 'skipped', detail });
    });
  }

  const untracked: readonly [what: string, enabled: boolean | 'auto'][] = [
    ['is switched off', false],
    ['is left to the project, which has none', 'auto'],
  ];
  for (const [what, enabled] of untracked) {
    it(`asks nobody where tracking ${what}`, async () => {
      expect(await probe({ settings: { mlflow: { enabled } } })).to.deep.equal({
        status: 'skipped',
        detail: 'the project builds without tracking',
      });
    });
  }

  it('is skipped outside of a project', async () => {
    expect(await mlflowProbe.run(outsideOfProject())).to.deep.equal({
      status: 'skipped',
      detail: 'not in a Kedro project',
    });
  });
});
