import { createServer, type AddressInfo } from 'node:net';
import { expect } from 'chai';
import { describeObstacle, noResponse, obstacleIn, type Attempt, type Obstacle } from '../../../src/mlflow/obstacle.js';
import { selfSigned, startTlsServer } from '../../support/certificates.js';
import { FakeServer } from '../../support/fake-server.js';
import { TemporaryFolder } from '../temporary-folder.js';

const CLIENT = { environment: {}, headers: {} };
const URI = 'https://mlflow.acme.io:8443/team';

const judge = (status: number, text = '', headers: Record<string, string> = {}, uri = URI): Promise<Obstacle> =>
  obstacleIn(new Response(null, { status, headers }), text, uri, CLIENT);

describe('what stands between a client and MLflow', () => {
  const responses: readonly [what: string, obstacle: Obstacle, response: Parameters<typeof judge>][] = [
    ['a refusal (401)', { kind: 'refused', status: 401 }, [401, 'Invalid IAP credentials']],
    ['a refusal (403)', { kind: 'refused', status: 403 }, [403, '<html>You do not have access</html>']],
    [
      'a refusal that only mentions the header',
      { kind: 'refused', status: 403 },
      [403, '{"message": "Permission denied, Host header or not"}'],
    ],
    [
      'MLflow’s protection of its host names',
      { kind: 'host-name', status: 403, host: 'mlflow.acme.io:8443' },
      [403, 'Invalid Host header - possible DNS rebinding attack detected'],
    ],
    [
      'another server’s protection of its host names',
      { kind: 'host-name', status: 400, host: 'mlflow.acme.io:8443' },
      [400, 'Invalid host header'],
    ],
    [
      'a login page of somebody else',
      { kind: 'refused', status: 302, login: 'accounts.google.com' },
      [302, '', { Location: 'https://accounts.google.com/o/oauth2/v2/auth?client_id=x' }],
    ],
    [
      'a login page of the same host',
      { kind: 'refused', status: 302, login: 'mlflow.acme.io:8443' },
      [302, '', { Location: '/oauth2/sign_in?rd=/team' }],
    ],
    [
      'a server that has moved',
      { kind: 'moved', status: 301, location: 'https://mlflow.acme.io:8443/mlflow', isToHttps: false },
      [301, '', { Location: '/mlflow/api/2.0/mlflow/experiments/get-by-name' }],
    ],
    [
      'a server that moves everybody to HTTPS',
      { kind: 'moved', status: 301, location: 'https://mlflow.acme.io', isToHttps: true },
      [301, '', { Location: 'https://mlflow.acme.io/api/2.0/mlflow/x' }, 'http://mlflow.acme.io'],
    ],
    ['a redirect to nowhere', { kind: 'not-mlflow', status: 302 }, [302]],
    ['a web page', { kind: 'web-page', status: 200 }, [200, '<!doctype html><p>hello', {}]],
    ['a web page by its type', { kind: 'web-page', status: 200 }, [200, 'hello', { 'Content-Type': 'text/html' }]],
    ['a path that is not there', { kind: 'not-mlflow', status: 404 }, [404, '<html>not found</html>']],
    ['another API', { kind: 'not-mlflow', status: 200 }, [200, '[1]', { 'Content-Type': 'application/json' }]],
    ['a server that is starting', { kind: 'unavailable', status: 503 }, [503, '<html>']],
    ['a server with too much to do', { kind: 'unavailable', status: 429 }, [429]],
  ];
  for (const [what, obstacle, response] of responses) {
    it(`is ${what}`, async () => {
      expect(await judge(...response)).to.deep.equal(obstacle);
    });
  }

  it('is nginx’s wish for a client certificate', async () => {
    const page = '<html><head><title>400 No required SSL certificate was sent</title></head></html>';
    expect(await judge(400, page)).to.include({ kind: 'no-response', problem: 'client-certificate' });
    expect(await judge(400, '<title>400 Bad Request</title>')).to.deep.equal({ kind: 'not-mlflow', status: 400 });
  });

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
