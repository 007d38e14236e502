import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { digestOf, type Digest } from '../../../../src/image/digest.js';
import { MEDIA_TYPES } from '../../../../src/image/manifest.js';
import type { Clock } from '../../../../src/places/registry/clock.js';
import { bakedRun } from '../../image/baked-run.js';

export interface SeenRequest {
  readonly method: string;
  /** Path and query, as sent. */
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  readonly bytes: Buffer;
}

/** Takes over one answer. */
export type Fault = (request: SeenRequest, response: ServerResponse) => void;

export type Login =
  | { readonly kind: 'basic'; readonly username: string; readonly password: string }
  | {
      readonly kind: 'bearer';
      readonly username?: string;
      readonly password?: string;
      readonly identityToken?: string;
      /** Gives anyone a token. */
      readonly anonymous?: boolean;
      readonly lifetimeS?: number;
      /** Another address for the token server than this one's own. */
      readonly realm?: string;
    };

/**
 * A registry in this process which speaks the parts of the distribution spec that are used here: challenges, a token
 * server with scopes and expiry, manifests by tag and digest, blobs, uploads, referrers. Everything it was asked stands in `requests`;
 * `faults` are played before it answers, one a request.
 */
export class FakeRegistry {
  readonly requests: SeenRequest[] = [];
  readonly faults: Fault[] = [];
  readonly manifests = new Map<string, { bytes: Buffer; mediaType: string }>();
  readonly blobs = new Map<string, Buffer>();
  login: Login | undefined;
  /** What was pushed, as `repository@digest`: with it, a registry keeps each repository's blobs apart. */
  readonly stored = new Set<string>();
  /** `repository:…:pull` scopes that the token server gives to nobody. */
  readonly refusedScopes = new Set<string>();
  readonly uploads = new Map<string, Buffer>();
  /** Lists referrers itself, as of version 1.1 of the spec. */
  listsReferrers = false;
  /** Sends a blob from the byte on that is asked for; the spec only recommends it. */
  takesRanges = true;
  /** Leaves Docker-Content-Digest out, which the spec allows. */
  isDigestHeaderSent = true;
  host = '';
  readonly #server: Server;
  readonly #tokens = new Map<string, { scopes: string[]; expiresAt: number }>();
  readonly #clock: Clock;

  private constructor(clock: Clock) {
    this.#clock = clock;
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const { method = '', url = '', headers } = request;
        const bytes = Buffer.concat(chunks);
        this.#answer({ method, url, headers, body: bytes.toString(), bytes }, response);
      });
    });
  }

  static async start(clock: Clock): Promise<FakeRegistry> {
    const registry = new FakeRegistry(clock);
    await new Promise<void>((resolve) => registry.#server.listen(0, '127.0.0.1', resolve));
    registry.host = `127.0.0.1:${(registry.#server.address() as AddressInfo).port}`;
    return registry;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** What was asked apart from tokens. */
  get asked(): SeenRequest[] {
    return this.requests.filter(({ url }) => !url.startsWith('/token'));
  }

  get tokenRequests(): SeenRequest[] {
    return this.requests.filter(({ url }) => url.startsWith('/token'));
  }

  addBlob(content: string | Buffer): Digest {
    const digest = digestOf(content);
    this.blobs.set(digest, Buffer.from(content));
    return digest;
  }

  addManifest(repository: string, document: object, mediaType: string, tag?: string): { digest: Digest; size: number } {
    const bytes = Buffer.from(JSON.stringify(document));
    const digest = digestOf(bytes);
    this.manifests.set(`${repository}@${digest}`, { bytes, mediaType });
    if (tag !== undefined) this.manifests.set(`${repository}@${tag}`, { bytes, mediaType });
    return { digest, size: bytes.length };
  }

  /** One image with one layer. */
  addImage(
    repository: string,
    {
      tag,
      os = 'linux',
      architecture = 'amd64',
      labels = { 'io.kdeploy.version': '1' },
      env = ['A=b', ...bakedRun(labels).env],
    }: {
      tag?: string;
      os?: string;
      architecture?: string;
      env?: readonly string[];
      labels?: Readonly<Record<string, string>>;
    } = {},
  ) {
    const config = JSON.stringify({
      os,
      architecture,
      config: { Env: env, Entrypoint: ['python', ...bakedRun(labels).entrypoint.slice(1)], Labels: labels },
      rootfs: { type: 'layers', diff_ids: [digestOf(`diff of ${architecture}`)] },
    });
    const layer = `layer of ${architecture}`;
    const descriptor = {
      mediaType: MEDIA_TYPES.ociManifest,
      ...this.addManifest(
        repository,
        {
          schemaVersion: 2,
          mediaType: MEDIA_TYPES.ociManifest,
          config: { mediaType: MEDIA_TYPES.ociConfig, digest: this.addBlob(config), size: config.length },
          layers: [{ mediaType: MEDIA_TYPES.ociLayerGzip, digest: this.addBlob(layer), size: layer.length }],
        },
        MEDIA_TYPES.ociManifest,
        tag,
      ),
    };
    return { ...descriptor, platform: { os, architecture } };
  }

  /** Answers a request as ever: for a fault that changes the answer only. */
  play(request: SeenRequest, response: ServerResponse): void {
    this.#answer(request, response, false);
  }

  #answer(request: SeenRequest, response: ServerResponse, playsFaults = true): void {
    this.requests.push(request);
    const fault = playsFaults ? this.faults.shift() : undefined;
    if (fault !== undefined) {
      fault(request, response);
      return;
    }
    const url = new URL(request.url, `http://${this.host}`);
    if (url.pathname === '/token') {
      this.#giveToken(request, url, response);
      return;
    }
    if (!this.#isAllowed(request, url)) {
      this.#challenge(request.method, url, response);
      return;
    }
    if (url.pathname === '/v2/') {
      send(response, 200, '{}', { 'Content-Type': 'application/json' });
      return;
    }
    if (this.listsReferrers && url.pathname.includes('/referrers/')) {
      this.#listReferrers(url, response);
      return;
    }
    if (request.method === 'POST' || url.pathname.includes('/uploads/')) {
      this.#upload(request, url, response);
      return;
    }
    const [, repository = '', kind = '', name = ''] = /^\/v2\/(.+)\/(manifests|blobs)\/(.+)$/.exec(url.pathname) ?? [];
    if (kind === 'blobs') {
      const isKept = request.method === 'GET' || this.stored.has(`${repository}@${name}`);
      const blob = isKept ? this.blobs.get(name) : undefined;
      if (blob === undefined) sendError(response, 404, 'BLOB_UNKNOWN');
      else sendFrom(response, blob, this.takesRanges ? request.headers.range : undefined);
      return;
    }
    if (request.method === 'PUT') {
      const [bytes, mediaType] = [request.bytes, request.headers['content-type'] ?? ''];
      for (const each of [name, digestOf(bytes)]) this.manifests.set(`${repository}@${each}`, { bytes, mediaType });
      const subject = this.listsReferrers ? subjectIn(bytes) : undefined;
      send(response, 201, '', {
        'Docker-Content-Digest': digestOf(bytes),
        ...(subject !== undefined && { 'OCI-Subject': subject }),
      });
      return;
    }
    const manifest = this.manifests.get(`${repository}@${name}`);
    if (manifest === undefined) {
      sendError(response, 404, 'MANIFEST_UNKNOWN');
      return;
    }
    send(response, 200, request.method === 'HEAD' ? '' : manifest.bytes, {
      'Content-Type': manifest.mediaType,
      'Content-Length': String(manifest.bytes.length),
      ...(this.isDigestHeaderSent ? { 'Docker-Content-Digest': digestOf(manifest.bytes) } : {}),
    });
  }

  #listReferrers({ pathname }: URL, response: ServerResponse): void {
    const [, repository = '', subject = ''] = /^\/v2\/(.+)\/referrers\/(.+)$/.exec(pathname) ?? [];
    const manifests = [...this.manifests]
      .filter(([name, { bytes }]) => name.startsWith(`${repository}@sha256:`) && subjectIn(bytes) === subject)
      .map(([, { bytes, mediaType }]) => {
        const { artifactType } = JSON.parse(bytes.toString()) as { artifactType?: string };
        return { mediaType, digest: digestOf(bytes), size: bytes.length, artifactType };
      });
    const mediaType = MEDIA_TYPES.ociIndex;
    send(response, 200, JSON.stringify({ schemaVersion: 2, mediaType, manifests }), { 'Content-Type': mediaType });
  }

  /** Uploads as the distribution spec has them: whole, mounted, or in parts. */
  #upload(request: SeenRequest, url: URL, response: ServerResponse): void {
    const [, repository = '', id = ''] = /^\/v2\/(.+)\/blobs\/uploads\/(.*)$/.exec(url.pathname) ?? [];
    const [mount, from] = [url.searchParams.get('mount'), url.searchParams.get('from')];
    if (request.method === 'POST') {
      if (mount !== null && this.stored.has(`${from ?? ''}@${mount}`)) {
        this.stored.add(`${repository}@${mount}`);
        send(response, 201, '', { Location: `/v2/${repository}/blobs/${mount}` });
        return;
      }
      const opened = String(this.requests.length);
      this.uploads.set(opened, Buffer.alloc(0));
      // With a query of its own, as registries keep their state in one.
      send(response, 202, '', { Location: `/v2/${repository}/blobs/uploads/${opened}?_state=a%2Bb` });
      return;
    }
    const received = this.uploads.get(id);
    if (received === undefined) {
      sendError(response, 404, 'BLOB_UPLOAD_UNKNOWN');
      return;
    }
    const bytes = Buffer.concat([received, request.bytes]);
    const state = { Location: url.href, Range: `0-${Math.max(0, bytes.length - 1)}` };
    if (request.method === 'PATCH') this.uploads.set(id, bytes);
    if (request.method !== 'PUT') {
      send(response, request.method === 'GET' ? 204 : 202, '', state);
      return;
    }
    const digest = digestOf(bytes);
    if (url.searchParams.get('digest') !== digest) {
      sendError(response, 400, 'DIGEST_INVALID');
      return;
    }
    this.uploads.delete(id);
    this.blobs.set(digest, bytes);
    this.stored.add(`${repository}@${digest}`);
    send(response, 201, '', { 'Docker-Content-Digest': digest });
  }

  #isAllowed({ method, headers }: SeenRequest, url: URL): boolean {
    const { login } = this;
    if (login === undefined) return true;
    const { authorization = '' } = headers;
    if (login.kind === 'basic') return authorization === basic(login.username, login.password);
    const token = this.#tokens.get(authorization.replace(/^Bearer /, ''));
    if (token === undefined || token.expiresAt <= this.#clock.now()) return false;
    const wanted = scopeOf(url, method);
    return wanted === undefined || token.scopes.some((scope) => scope.startsWith(wanted));
  }

  #challenge(method: string, url: URL, response: ServerResponse): void {
    const scope = scopeOf(url, method);
    const header =
      this.login?.kind === 'bearer'
        ? `Bearer realm="${this.login.realm ?? `http://${this.host}/token`}",service="fake"${scope === undefined ? '' : `,scope="${scope}"`}`
        : 'Basic realm="fake registry, with a comma"';
    sendError(response, 401, 'UNAUTHORIZED', { 'WWW-Authenticate': header });
  }

  #giveToken(request: SeenRequest, url: URL, response: ServerResponse): void {
    const { login } = this;
    if (login?.kind !== 'bearer') {
      sendError(response, 404, 'UNKNOWN');
      return;
    }
    const form = new URLSearchParams(request.body);
    const isRefresh = request.method === 'POST' && form.get('grant_type') === 'refresh_token';
    const isKnown = isRefresh
      ? form.get('refresh_token') === login.identityToken
      : request.headers.authorization === undefined
        ? login.anonymous === true
        : request.headers.authorization === basic(login.username ?? '', login.password ?? '');
    if (!isKnown) {
      send(response, 401, '{"details":"incorrect username or password"}', {
        'Content-Type': 'application/json',
      });
      return;
    }
    const asked = isRefresh ? (form.get('scope') ?? '').split(' ') : url.searchParams.getAll('scope');
    const scopes = asked.filter((scope) => !this.refusedScopes.has(scope));
    const token = `fake-token-${this.#tokens.size + 1}`;
    const lifetime = login.lifetimeS ?? 300;
    this.#tokens.set(token, { scopes, expiresAt: this.#clock.now() + lifetime * 1000 });
    const name = isRefresh ? 'access_token' : 'token';
    send(response, 200, JSON.stringify({ [name]: token, expires_in: lifetime }), {
      'Content-Type': 'application/json',
    });
  }
}

function sendFrom(response: ServerResponse, blob: Buffer, range = ''): void {
  const begin = /^bytes=(\d+)-\d+$/.exec(range)?.[1];
  if (begin === undefined) {
    send(response, 200, blob);
    return;
  }
  const headers = { 'Content-Range': `bytes ${begin}-${blob.length - 1}/${blob.length}` };
  send(response, 206, blob.subarray(Number(begin)), headers);
}

export function send(
  response: ServerResponse,
  status: number,
  body: string | Buffer = '',
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, headers).end(body);
}

export function sendError(
  response: ServerResponse,
  status: number,
  code: string,
  headers: Record<string, string> = {},
) {
  const body = JSON.stringify({ errors: [{ code, message: code.toLowerCase().replace('_', ' ') }] });
  send(response, status, body, { 'Content-Type': 'application/json', ...headers });
}

export function basic(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

function scopeOf(url: URL, method: string): string | undefined {
  const repository = /^\/v2\/(.+)\/(?:manifests|blobs|referrers)\//.exec(url.pathname)?.[1];
  const actions = method === 'GET' || method === 'HEAD' ? 'pull' : 'pull,push';
  return repository === undefined ? undefined : `repository:${repository}:${actions}`;
}

function subjectIn(bytes: Buffer): string | undefined {
  return (JSON.parse(bytes.toString()) as { subject?: { digest: string } }).subject?.digest;
}
