import { expect } from 'chai';
import { EngineRefusal } from '../../../src/places/engine/answer.js';
import { EngineFault } from '../../../src/places/engine/fault.js';
import { EngineStreamError } from '../../../src/places/engine/message-stream.js';
import { ImageReference } from '../../../src/image/reference.js';
import { classifyPushFailure, isTemporary, pushFailure } from '../../../src/publish/push-failure.js';

describe('what a refused push is', () => {
  // What engines pass on from registries: Docker Hub, distribution, Artifact Registry, ECR, GHCR, Harbor, Nexus.
  const cases: readonly [reason: string, kind: ReturnType<typeof classifyPushFailure>][] = [
    ['denied: requested access to the resource is denied', 'denied'],
    ['unauthorized: authentication required', 'denied'],
    ['no basic auth credentials', 'denied'],
    [
      "unauthorized: You don't have the needed permissions to perform this operation, and you may have invalid credentials.",
      'denied',
    ],
    ['denied: Permission "artifactregistry.repositories.uploadArtifacts" denied on resource', 'denied'],
    ['unexpected status from HEAD request to https://ghcr.io/v2/a/b/blobs/sha256:ab: 403 Forbidden', 'denied'],
    ['received unexpected HTTP status: 401 Unauthorized', 'denied'],
    ['error parsing HTTP 403 response body: invalid character', 'denied'],
    ['toomanyrequests: You have reached your pull rate limit.', 'temporary'],
    ['received unexpected HTTP status: 429 Too Many Requests', 'temporary'],
    ['received unexpected HTTP status: 500 Internal Server Error', 'temporary'],
    ['received unexpected HTTP status: 502 Bad Gateway', 'temporary'],
    ['received unexpected HTTP status: 503 Service Unavailable', 'temporary'],
    ['error parsing HTTP 504 response body: invalid character', 'temporary'],
    ['unexpected status from PUT request to https://r.io/v2/a/blobs/uploads/x: 500 Internal Server Error', 'temporary'],
    ['unknown: unknown error', 'temporary'],
    ['write tcp 10.0.0.2:4432->10.0.0.3:443: write: connection reset by peer', 'temporary'],
    ['write tcp 10.0.0.2:4432->10.0.0.3:443: write: broken pipe', 'temporary'],
    ['Put "https://r.io/v2/a": EOF', 'temporary'],
    ['unexpected EOF', 'temporary'],
    ['net/http: TLS handshake timeout', 'temporary'],
    ['dial tcp 10.0.0.3:443: i/o timeout', 'temporary'],
    [
      'net/http: request canceled while waiting for connection (Client.Timeout exceeded while awaiting headers)',
      'temporary',
    ],
    ['dial tcp: lookup registry.exmple.com on 127.0.0.11:53: no such host', 'unreachable'],
    ['dial tcp 127.0.0.1:5000: connect: connection refused', 'unreachable'],
    ['dial tcp 10.0.0.3:443: connect: no route to host', 'unreachable'],
    ['Get "https://r.io/v2/": http: server gave HTTP response to HTTPS client', 'unreachable'],
    ['tls: failed to verify certificate: x509: certificate signed by unknown authority', 'unreachable'],
    ['dial tcp: lookup r.io: Temporary failure in name resolution', 'unreachable'],
    ["name unknown: The repository with name 'app' does not exist in the registry with id '123'", 'other'],
    ['error parsing HTTP 413 response body: invalid character', 'other'],
    ["tag invalid: The image tag 'v1' already exists in the repository and cannot be overwritten", 'other'],
    // Build numbers and ports are no statuses.
    ['An image does not exist locally with the tag: registry.example.com/app:403', 'other'],
    ['tag does not exist: registry.example.com:500/app:429', 'other'],
    ['tag does not exist: registry.example.com/v1.503-401', 'other'],
    ['blob sha256:4010401 unknown', 'other'],
  ];
  for (const [reason, kind] of cases) {
    it(`is ${kind}: ${reason.slice(0, 90)}`, () => {
      expect(classifyPushFailure(new EngineStreamError(reason))).to.equal(kind);
      expect(isTemporary(new EngineStreamError(reason))).to.equal(kind === 'temporary');
    });
  }

  for (const reason of [
    'socket hang up',
    'read ECONNRESET',
    'connect ECONNREFUSED /var/run/docker.sock',
    'connect ENOENT /x.sock',
  ]) {
    it(`is an engine that went away, and no registry’s matter: ${reason}`, () => {
      expect(classifyPushFailure(new Error(reason))).to.equal('engine-gone');
    });
  }

  it('is in the engine’s own words, where it answered with a status', () => {
    expect(classifyPushFailure(new EngineRefusal('unauthorized', 404))).to.equal('denied');
    expect(classifyPushFailure(Object.assign(new Error('x'), { statusCode: 404 }))).to.equal('other');
  });
});

describe('the error of a refused push', () => {
  const error = (reason: unknown, reference = 'registry.example.com/app:v1') =>
    pushFailure(typeof reason === 'string' ? new EngineStreamError(reason) : reason, {
      reference: ImageReference.parse(reference),
      lookedFor: ['credsStore desktop: it did not start', 'from auths (~/.docker/config.json)'],
      attempts: 4,
    });

  const cases: readonly [what: string, reason: unknown, message: string | RegExp, hint: string][] = [
    [
      'tells which credentials were shown',
      'denied: no',
      'registry.example.com denied the push of registry.example.com/app:v1; credentials: credsStore desktop: it did not start; from auths (~/.docker/config.json)',
      'docker login registry.example.com',
    ],
    [
      'says that there is no such registry',
      'dial tcp: no such host',
      'the registry registry.example.com cannot be reached',
      'insecure-registries',
    ],
    [
      'tells how often it was tried',
      'unexpected EOF',
      'registry.example.com did not accept registry.example.com/app:v1 (tried 4 times)',
      'push again',
    ],
    [
      'says that the engine went away',
      new Error('socket hang up'),
      'the connection to the Docker Engine was lost while pushing registry.example.com/app:v1',
      'docker info',
    ],
    [
      'says that the engine does not answer',
      new EngineFault('silent', 'the Docker engine does not answer (waited 30 s)'),
      'the Docker engine stopped answering while pushing registry.example.com/app:v1',
      'restart Docker',
    ],
    [
      'says that something else answers',
      new EngineFault('foreign', 'the answer to POST /images/app/push is a web page'),
      "the answer to the push of registry.example.com/app:v1 is not a Docker engine's",
      'something else answers in its place',
    ],
    ...(
      [
        ['Put "https://r.io/v2/app/x": stopped after 10 redirects', 'redirects in a circle', 'address'],
        ['invalid checksum digest format', 'does not answer as a registry does', 'login page'],
        ['invalid checksum digest length', 'does not answer as a registry does', 'login page'],
        ["error parsing HTTP 404 response body: invalid character '<' looking for", 'does not answer as', 'login page'],
        ['error parsing HTTP 413 response body: x', 'because it is too large', 'client_max_body_size'],
        ["name unknown: The repository with name 'app' does not exist", 'has no repository for', 'create it'],
        ["tag invalid: The image tag 'v1' already exists and cannot be overwritten", 'exists already', '--tag'],
        ['project quota: storage limit reached', 'has no room left', 'quota'],
        ['An image does not exist locally with the tag: app', 'is no longer on the Docker Engine', 'kdeploy build'],
        ['other', 'registry.example.com refused registry.example.com/app:v1', 'its own log'],
        ['manifest sha256:4130413 unknown', 'registry.example.com refused registry.example.com/app:v1', 'its own log'],
      ] as const
    ).map(([reason, message, hint]): (typeof cases)[number] => [
      `has words for “${reason}”`,
      reason,
      new RegExp(message),
      hint,
    ]),
  ];
  for (const [what, reason, message, hint] of cases) {
    it(what, () => {
      const found = error(reason);
      expect([found.code, found.exitCode]).to.deep.equal(['push-failed', 5]);
      if (typeof message === 'string') expect(found.message).to.equal(message);
      else expect(found.message).to.match(message);
      expect(found.hint).to.contain(hint);
      expect((found.cause as Error).message).to.equal(reason instanceof Error ? reason.message : reason);
    });
  }

  it('names the login of Google’s registries', () => {
    expect(error('denied', 'europe-docker.pkg.dev/acme/ml/app:v1').hint).to.contain('gcloud auth');
  });
});
