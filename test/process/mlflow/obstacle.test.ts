import { readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { expect } from 'chai';
import { describeObstacle, noResponse, obstacleIn, type Attempt, type Obstacle } from '../../../src/mlflow/obstacle.js';
import { selfSigned, startTlsServer } from '../../support/certificates.js';
import { FakeServer } from '../../support/fake-server.js';
import { TemporaryFolder } from '../../unit/temporary-folder.js';

const CLIENT = { environment: {}, headers: {} };
const URI = 'https://mlflow.acme.io:8443/team';

/** The runtime's tests read the same file (test/runtime/test_responses.py). */
const RESPONSES = JSON.parse(
  readFileSync(new URL('../../fixtures/responses.json', import.meta.url), 'utf8'),
) as readonly {
  readonly what: string;
  readonly uri?: string;
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body?: string;
  readonly obstacle: string;
  readonly where?: string;
  readonly predicate?: string;
}[];

const judge = (status: number, text = '', headers: Record<string, string> = {}, uri = URI): Promise<Obstacle> =>
  obstacleIn(new Response(null, { status, headers }), text, uri, CLIENT);

/** As the runtime names it. */
function nameOf(obstacle: Obstacle): string {
  if (obstacle.kind === 'no-response') return obstacle.problem;
  return obstacle.kind === 'moved' && obstacle.isToHttps ? 'moved-to-https' : obstacle.kind;
}

function whereOf(obstacle: Obstacle): string {
  if (obstacle.kind === 'host-name') return obstacle.host;
  if (obstacle.kind === 'moved') return obstacle.location;
  return obstacle.kind === 'refused' ? (obstacle.login ?? '') : '';
}

describe('what stands between a client and MLflow', () => {
  for (const { what, uri = URI, status, headers = {}, body = '', ...expected } of RESPONSES) {
    it(`is ${what}`, async () => {
      const obstacle = await judge(status, body, headers, uri);
      expect(nameOf(obstacle)).to.equal(expected.obstacle);
      expect(whereOf(obstacle)).to.equal(expected.where ?? '');
      const { message } = describeObstacle(obstacle, { uri: 'MLflow', authentication: [], environment: {} });
      if (expected.predicate !== undefined) expect(message).to.equal(`MLflow ${expected.predicate}`);
      expect(JSON.stringify([obstacle, message])).not.to.contain('hunter2');
    });
  }

  describe('at an address with http://', () => {
    it('is that the server expects HTTPS, which is found by asking it', async () => {
      const folder = await TemporaryFolder.create();
      const { certificate, key } = await selfSigned(folder, 'server');
      const [server, host] = await startTlsServer({ cert: certificate, key }, (_request, response) => response.end());
      const uri = `http://${host}`;
      // nginx and Go answer plain HTTP with 400; others hang up.
      expect(await judge(400, 'Client sent an HTTP request to an HTTPS server.', {}, uri)).to.include({
        kind: 'no-response',
        problem: 'expects-https',
      });
      const error = await fetch(uri).catch((reason: unknown) => reason);
      expect(await noResponse(error, uri, CLIENT)).to.include({ kind: 'no-response', problem: 'expects-https' });
      server.closeAllConnections();
      server.close();
      await folder.remove();
    });

    it('is not HTTPS where the server does not speak it', async () => {
      const server = await FakeServer.start(() => 'hang-up');
      expect(await judge(400, 'Client sent an HTTP request to an HTTPS server.', {}, server.url)).to.deep.equal({
        kind: 'not-mlflow',
        status: 400,
      });
      const error = await fetch(server.url).catch((reason: unknown) => reason);
      expect(await noResponse(error, server.url, CLIENT)).to.include({ kind: 'no-response', problem: 'reset' });
      await server.stop();
    });

    it('is something else than HTTP', async () => {
      const server = createServer((socket) => socket.end('220 mail.acme.io ESMTP\r\n'));
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const uri = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      const error = await fetch(uri).catch((reason: unknown) => reason);
      expect(await noResponse(error, uri, CLIENT)).to.include({ kind: 'no-response', problem: 'not-http' });
      server.close();
    });
  });

  it('is never told with a header that was sent', async () => {
    const headers = { Authorization: 'Bearer hunter2\ntoken' };
    const error = await fetch('http://127.0.0.1:1', { headers }).catch((reason: unknown) => reason);
    const obstacle = await noResponse(error, 'http://127.0.0.1:1', { ...CLIENT, headers });
    expect(obstacle).to.include({ kind: 'no-response', problem: 'other' });
    expect(JSON.stringify(obstacle)).not.to.contain('hunter2');
  });

  describe('in words', () => {
    const attempt = (changes: Partial<Attempt> = {}): Attempt => ({
      uri: 'https://mlflow.acme.io',
      authentication: [],
      environment: {},
      ...changes,
    });
    const basic: Partial<Attempt> = {
      authentication: [{ type: 'Vars', params: ['MLFLOW_TRACKING_USERNAME', 'MLFLOW_TRACKING_PASSWORD'] }],
    };
    const refused: Obstacle = { kind: 'refused', status: 401 };
    const sentences: readonly [obstacle: Obstacle, changes: Partial<Attempt>, predicate: string, remedy: RegExp][] = [
      [refused, {}, 'requires authentication (HTTP 401), but kdeploy.yml configures none', /^configure it/],
      [
        { kind: 'refused', status: 302, login: 'login.acme.io' },
        basic,
        'rejects the credentials that the container would send (HTTP 302 to login.acme.io)',
        /^check the audience/,
      ],
      [
        refused,
        { ...basic, environment: { MLFLOW_TRACKING_USERNAME: 'ada', MLFLOW_TRACKING_PASSWORD: 'hunter2 ' } },
        'rejects the credentials that the container would send (HTTP 401): MLFLOW_TRACKING_PASSWORD ends with a space',
        /^correct the value/,
      ],
      [
        { kind: 'host-name', status: 403, host: 'mlflow.acme.io' },
        basic,
        'does not accept the host name mlflow.acme.io (HTTP 403, Invalid Host header)',
        /--allowed-hosts mlflow\.acme\.io$/,
      ],
      [
        { kind: 'moved', status: 301, location: 'https://mlflow.acme.io', isToHttps: true },
        {},
        'redirects to HTTPS (HTTP 301), and a redirected POST becomes a GET',
        /^write https:/,
      ],
      [
        { kind: 'moved', status: 301, location: 'https://mlflow.acme.io/mlflow', isToHttps: false },
        {},
        'redirects to https://mlflow.acme.io/mlflow (HTTP 301), and a redirected POST becomes a GET',
        /^set the tracking URI to https:\/\/mlflow\.acme\.io\/mlflow/,
      ],
      [
        { kind: 'web-page', status: 200 },
        {},
        "responds with a web page (HTTP 200), not with MLflow's API; it may be a login page",
        /proxy/,
      ],
      [{ kind: 'unavailable', status: 503 }, {}, 'responded with HTTP 503', /^try again later/],
      [{ kind: 'not-mlflow', status: 404 }, {}, 'responded (HTTP 404), but not as an MLflow server', /path and port/],
      [
        { kind: 'no-response', problem: 'refused', predicate: 'refused the connection', remedy: 'check' },
        {},
        'refused the connection',
        /^check$/,
      ],
    ];
    for (const [obstacle, changes, predicate, remedy] of sentences) {
      it(`says that it ${predicate}`, () => {
        const text = describeObstacle(obstacle, attempt(changes));
        expect(text.message).to.equal(`https://mlflow.acme.io ${predicate}`);
        expect(text.remedy).to.match(remedy);
        expect(JSON.stringify(text)).not.to.contain('hunter2');
      });
    }
  });
});
