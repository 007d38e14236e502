import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { mlflowProbe } from '../../../src/doctor/mlflow-probe.js';
import { memorySource } from '../../support/memory-source.js';
import { rejection } from '../../support/rejection.js';
import type { SettingsChanges } from '../../support/settings.js';
import { inProject, outsideOfProject, type Surroundings } from './contexts.js';

describe('the MLflow server’s probe', () => {
  let server: Server;
  let answer: RequestListener;
  let host: string;

  beforeEach(async () => {
    answer = (_request, response) => response.end('2.22.0');
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

  it('is content with a server that wants authentication: somebody is there', async () => {
    answer = (_request, response) => response.writeHead(401).end();
    expect(await probe(tracked(`http://${host}`))).to.deep.equal({
      status: 'ok',
      detail: `http://${host} responds, and requires authentication (HTTP 401)`,
    });
  });

  describe('of a project that authenticates', () => {
    /** Not IAP, nor an MLflow behind it, but a server that answers the right token as MLflow does. */
    beforeEach(() => {
      answer = ({ headers }, response) => {
        if (headers.authorization === 'Bearer hunter2-token') response.end('2.22.0');
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
        detail: `http://${host} rejects the credentials that the container would send (HTTP 302)`,
        remedy: "check the audience and the account's permissions; for details: `kdeploy check --online`",
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
    answer = (_request, response) => response.end('<html>hello</html>');
    expect(await probe(tracked(`http://${host}/mlflow`))).to.deep.equal({
      status: 'failed',
      detail: `http://${host}/mlflow responded (HTTP 200), but it is not an MLflow server`,
      remedy: 'check the path and port of the tracking URI',
    });
  });

  it('tells a server that is not there, and why', async () => {
    await new Promise((resolve) => server.close(resolve));
    expect(await probe(tracked(`http://${host}`))).to.deep.equal({
      status: 'failed',
      detail: `http://${host} cannot be reached (ECONNREFUSED: connect ECONNREFUSED ${host})`,
      remedy: 'start the server, or connect to its network (VPN), or fix the tracking URI',
    });
  });

  it('tells an https:// address behind which nobody speaks https', async () => {
    const found = await probe(tracked(`https://${host}`));
    expect(found.status).to.equal('failed');
    expect(found.detail).to.contain(`https://${host} cannot be reached (it does not use TLS`);
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
