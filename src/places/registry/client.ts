import { KdeployError } from '../../errors.js';
import { digestOf, isDigest, isDigestOf, type Digest } from '../../image/digest.js';
import type { Document } from '../../image/document.js';
import { MANIFEST_MEDIA_TYPES, type Descriptor, type ImageConfig } from '../../image/manifest.js';
import { parseImageConfig } from '../../image/manifest-json.js';
import type { ImageReference } from '../../image/reference.js';
import { Authorizer, pullScope } from './authorizer.js';
import { tooLarge } from './body.js';
import { secretsOf, type CredentialLookup } from './credentials/credentials.js';
import { lookupCredentials } from './credentials/lookup.js';
import { registryBaseUrl } from './endpoint.js';
import { ConnectionError } from './connection-error.js';
import { explain } from './explain.js';
import { readBlob } from './read-blob.js';
import { RegistryError, readProblems } from './registry-error.js';
import { Transport, type Reply, type TransportOptions } from './transport.js';

export interface RegistryClientOptions extends TransportOptions {
  /** Of the repository that will be asked for (`quay.io/team/app`): credentials may be for it alone. */
  readonly name?: string;
  /** For a registry that the engine's administrator allows to have no TLS. */
  readonly plainHttp?: boolean;
  /** Called at the registry's first challenge; by default `lookupCredentials`. */
  readonly credentials?: () => Promise<CredentialLookup>;
}

export interface ManifestHead {
  readonly digest: Digest;
  readonly mediaType: string;
  readonly size: number;
}

export interface FetchedManifest extends ManifestHead {
  /** As the registry sent them: the digest is theirs. */
  readonly bytes: Buffer;
}

export interface Authentication {
  /** `none`: the registry wants to see no credentials, so those that were found are untested. */
  readonly scheme: 'none' | 'basic' | 'bearer';
  readonly lookup: CredentialLookup;
}

/** Manifests above 4 MiB are refused by registries (distribution spec, "Pushing Manifests"). */
const MAXIMUM_MANIFEST_BYTES = 4 * 1024 * 1024;
const MAXIMUM_CONFIG_BYTES = 8 * 1024 * 1024;
const MAXIMUM_PING_BYTES = 64 * 1024;

interface Call {
  readonly method: 'GET' | 'HEAD';
  readonly path: string;
  readonly accept?: string;
  readonly scope: string;
  readonly expect: readonly number[];
  readonly maximumBytes: number;
  readonly streams?: boolean;
  readonly range?: string;
  /** For messages. */
  readonly what?: string;
}

/**
 * One registry, by the OCI distribution spec. Every method throws KdeployError `registry-unreachable`, `credentials` or
 * `interrupted`, and nothing else that is not a bug.
 */
export class RegistryClient {
  readonly registry: string;
  readonly #base: URL;
  readonly #transport: Transport;
  readonly #authorizer: Authorizer;

  constructor(
    registry: string,
    { name = registry, plainHttp = false, credentials, ...options }: RegistryClientOptions = {},
  ) {
    this.registry = registry;
    this.#base = registryBaseUrl(registry, plainHttp);
    this.#transport = new Transport(options);
    const { signal } = options;
    const find = credentials ?? (() => lookupCredentials(name, { signal }));
    this.#authorizer = new Authorizer(registry, this.#transport, find);
  }

  /** Whether there is a registry at all; no credentials are looked up. */
  async ping(): Promise<void> {
    const request = { method: 'GET', expect: [200, 401], maximumBytes: MAXIMUM_PING_BYTES } as const;
    try {
      this.#expectRegistry('GET', await this.#transport.send({ ...request, url: new URL('v2/', this.#base) }));
    } catch (error) {
      throw explain(error, { registry: this.registry });
    }
  }

  /** Shows the credentials to the registry, without asking for any image; throws `credentials` when it refuses them. */
  async authenticate(): Promise<Authentication> {
    const request = { method: 'GET', path: 'v2/', scope: '', expect: [200], maximumBytes: MAXIMUM_PING_BYTES } as const;
    this.#expectRegistry('GET', await this.#call(request));
    return { scheme: this.#authorizer.scheme ?? 'none', lookup: await this.#authorizer.lookup() };
  }

  /** What a tag or digest refers to, without reading it; `undefined` when there is nothing. */
  async headManifest(reference: ImageReference): Promise<ManifestHead | undefined> {
    const reply = await this.#manifest('HEAD', reference, [200, 404, 405, 501]);
    if (reply.status === 404) return undefined;
    const digest = reply.headers.get('docker-content-digest');
    const size = Number(reply.headers.get('content-length') ?? Number.NaN);
    const isAsked = reference.digest === undefined || reference.digest === digest;
    if (reply.status === 200 && digest !== null && isDigest(digest) && isAsked && Number.isSafeInteger(size)) {
      return { digest, mediaType: mediaTypeOf(reply), size };
    }
    // The digest header is optional, some proxies refuse HEAD, and one for another digest is wrong: reading the manifest
    // tells.
    const read = await this.#manifest('GET', reference, [200, 404]);
    if (read.status === 404) return undefined;
    const { digest: computed, mediaType, size: length } = this.#checked(reference, read);
    return { digest: computed, mediaType, size: length };
  }

  /** The manifest or index, its digest verified. Throws `image-not-found` when there is none. */
  async getManifest(reference: ImageReference): Promise<FetchedManifest> {
    const reply = await this.#manifest('GET', reference, [200, 404]);
    if (reply.status === 404) {
      throw new KdeployError('image-not-found', `${this.registry} has no image ${reference.toFamiliarString()}`, {
        hint: 'check the name and the tag, and whether it was pushed',
      });
    }
    return this.#checked(reference, reply);
  }

  /** An image's configuration, its digest verified. */
  async getConfig(reference: ImageReference, descriptor: Descriptor): Promise<Document<ImageConfig>> {
    const what = reference.toFamiliarString();
    const { digest, size, mediaType } = descriptor;
    if (size > MAXIMUM_CONFIG_BYTES) throw tooLarge(`the configuration of ${what}`, MAXIMUM_CONFIG_BYTES);
    const { body } = await this.#call({
      method: 'GET',
      path: `v2/${reference.repository}/blobs/${digest}`,
      scope: pullScope(reference.repository),
      expect: [200],
      maximumBytes: MAXIMUM_CONFIG_BYTES,
      what,
    });
    if (!isDigestOf(digest, body)) throw this.#corrupt(`the configuration of ${what}`, digest, body);
    return { bytes: body, mediaType, digest, value: parseImageConfig(body, what) };
  }

  /** A layer's bytes as they come, size and digest verified at the end; memory does not grow with its size. */
  async *readBlob(reference: ImageReference, descriptor: Descriptor): AsyncGenerator<Uint8Array> {
    const what = reference.toFamiliarString();
    try {
      yield* readBlob(descriptor, {
        registry: this.registry,
        open: (offset) =>
          this.#call({
            method: 'GET',
            path: `v2/${reference.repository}/blobs/${descriptor.digest}`,
            scope: pullScope(reference.repository),
            expect: [200, 206],
            // Of a refusal: a token may expire between two layers.
            maximumBytes: MAXIMUM_PING_BYTES,
            what,
            streams: true,
            ...(offset > 0 && { range: `bytes=${offset}-` }),
          }),
        again: (error, attempt) => this.#transport.again(error, attempt),
      });
    } catch (error) {
      throw error instanceof ConnectionError
        ? explain(error, { registry: this.registry, what, lookup: await this.#authorizer.lookedUp() })
        : error;
    }
  }

  async #manifest(method: 'GET' | 'HEAD', reference: ImageReference, expect: readonly number[]): Promise<Reply> {
    if (reference.registry !== this.registry) throw new Error(`${reference.toString()} is not in ${this.registry}`);
    const reply = await this.#call({
      method,
      path: `v2/${reference.repository}/manifests/${reference.digest ?? reference.tag ?? 'latest'}`,
      accept: MANIFEST_MEDIA_TYPES.join(', '),
      scope: pullScope(reference.repository),
      expect,
      maximumBytes: MAXIMUM_MANIFEST_BYTES,
      what: reference.toFamiliarString(),
    });
    this.#expectRegistry(method, reply);
    return reply;
  }

  /**
   * A web page is the answer of another server, of a proxy or of a login page, whatever its status: "not found" there does
   * not say that the image is missing.
   */
  #expectRegistry(method: string, reply: Reply): void {
    const isPage =
      /^(?:text\/html|application\/xhtml\+xml)$/.test(mediaTypeOf(reply)) || /^\s*</.test(beginningOf(reply));
    // Who may not ask is told how to (RFC 9110, 11.6.1); a captive portal does not know the header.
    const isMute = reply.status === 401 && !reply.headers.has('www-authenticate');
    if (!isPage && !isMute) return;
    throw new KdeployError(
      'registry-unreachable',
      `${this.registry} did not respond like a container registry (status ${reply.status})`,
      {
        cause: this.#refusal(method, reply, []),
        hint: `check that ${this.registry} is the address of the registry, and which proxy is in front of it`,
      },
    );
  }

  #checked(reference: ImageReference, reply: Reply): FetchedManifest {
    const { body: bytes } = reply;
    const promised = reply.headers.get('docker-content-digest');
    for (const digest of [reference.digest, promised]) {
      if (typeof digest === 'string' && isDigest(digest) && !isDigestOf(digest, bytes)) {
        throw this.#corrupt(`the manifest of ${reference.toFamiliarString()}`, digest, bytes);
      }
    }
    if (!isManifest(bytes)) {
      throw new KdeployError(
        'registry-unreachable',
        `${this.registry} sent something other than a manifest for ${reference.toFamiliarString()}`,
        { hint: `check that ${this.registry} is the address of the registry, and which proxy is in front of it` },
      );
    }
    const digest = reference.digest ?? digestOf(bytes);
    return { digest, mediaType: mediaTypeOf(reply), size: bytes.length, bytes };
  }

  #corrupt(what: string, wanted: Digest, bytes: Uint8Array): KdeployError {
    const got = digestOf(bytes);
    return new KdeployError(
      'registry-unreachable',
      `${this.registry} sent ${what} with the digest ${got}, not ${wanted}`,
      {
        hint: 'the registry, or a proxy in front of it, stores corrupted data',
      },
    );
  }

  /** One request: first with what is known, after a challenge with what it asks for. */
  async #call({ path, accept, range, scope, what, expect, ...request }: Call): Promise<Reply> {
    const url = new URL(path, this.#base);
    const secrets = async (authorization: string | undefined): Promise<string[]> => [
      ...secretsOf((await this.#authorizer.lookedUp())?.credentials),
      ...(authorization === undefined ? [] : [authorization.slice(authorization.indexOf(' ') + 1)]),
    ];
    const send = async (authorization: string | undefined, accepted: readonly number[]): Promise<Reply> =>
      this.#transport.send({
        ...request,
        url,
        expect: accepted,
        headers: {
          ...(accept === undefined ? {} : { Accept: accept }),
          ...(range === undefined ? {} : { Range: range }),
          ...(authorization === undefined ? {} : { Authorization: authorization }),
        },
        secrets: await secrets(authorization),
      });
    try {
      const known = await this.#authorizer.header(scope);
      const first = await send(known, [...expect, 401]);
      if (first.status !== 401) return first;
      // Only the registry itself may ask for the credentials, not whoever it redirects to.
      const isOwn = first.url.origin === url.origin;
      const answer = isOwn
        ? await this.#authorizer.answer(first.headers.get('www-authenticate'), scope, known)
        : undefined;
      if (answer === undefined) throw this.#refusal(request.method, first, await secrets(known));
      return await send(answer, expect);
    } catch (error) {
      throw explain(error, { registry: this.registry, what, lookup: await this.#authorizer.lookedUp() });
    }
  }

  /** The error for an answer that the transport had let pass. */
  #refusal(method: string, reply: Reply, secrets: readonly string[]): RegistryError {
    const problems = readProblems(reply.body, reply.headers.get('content-type'), secrets);
    return new RegistryError({ status: reply.status, method, url: reply.url.href, problems });
  }
}

function beginningOf({ body }: Reply): string {
  return body.subarray(0, 200).toString('utf8');
}

/** What every manifest and index has, whatever its type (OCI image spec, manifest.md; distribution, manifest-v2-2). */
function isManifest(bytes: Buffer): boolean {
  try {
    // Anything but an object throws as well.
    return 'schemaVersion' in (JSON.parse(bytes.toString('utf8')) as object);
  } catch {
    return false;
  }
}

/** Without the parameters: `application/json; charset=utf-8`. */
function mediaTypeOf({ headers }: Reply): string {
  return (headers.get('content-type') ?? '').replace(/;.*/, '').trim().toLowerCase();
}
