import { KdeployError } from '../../errors.js';
import { digestOf, isDigest, isDigestOf, type Digest } from '../../image/digest.js';
import { MANIFEST_MEDIA_TYPES, type Descriptor } from '../../image/manifest.js';
import type { ImageReference } from '../../image/reference.js';
import { pullScope } from './authorizer.js';
import { ConnectionError } from './connection-error.js';
import type { CredentialLookup } from './credentials/credentials.js';
import { readBlob } from './read-blob.js';
import { refusalOf, RegistrySession, type RegistryOptions } from './session.js';
import type { Reply } from './transport.js';

export type RegistryClientOptions = RegistryOptions;

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
const MAXIMUM_PING_BYTES = 64 * 1024;

/**
 * One registry, by the OCI distribution spec. Every method throws KdeployError `registry-unreachable`, `credentials` or
 * `interrupted`, and nothing else that is not a bug.
 */
export class RegistryClient {
  readonly registry: string;
  readonly session: RegistrySession;

  constructor(registry: string, options: RegistryOptions = {}) {
    this.registry = registry;
    this.session = new RegistrySession(registry, options);
  }

  /** Whether there is a registry at all; no credentials are looked up. */
  async ping(): Promise<void> {
    const request = { method: 'GET', expect: [200, 401], maximumBytes: MAXIMUM_PING_BYTES } as const;
    try {
      const url = this.session.address('v2/');
      this.#expectRegistry('GET', await this.session.transport.send({ ...request, url }));
    } catch (error) {
      throw await this.session.explained(error, undefined);
    }
  }

  /** Shows the credentials to the registry, without asking for any image; throws `credentials` when it refuses them. */
  async authenticate(): Promise<Authentication> {
    const request = { method: 'GET', path: 'v2/', scope: '', expect: [200], maximumBytes: MAXIMUM_PING_BYTES } as const;
    this.#expectRegistry('GET', await this.session.call(request));
    const { authorizer } = this.session;
    return { scheme: authorizer.scheme ?? 'none', lookup: await authorizer.lookup() };
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

  /** A layer's or a configuration's bytes as they come, size and digest verified at the end; memory does not grow with its size. */
  async *readBlob(reference: ImageReference, descriptor: Descriptor): AsyncGenerator<Uint8Array> {
    const what = reference.toFamiliarString();
    try {
      yield* readBlob(descriptor, {
        registry: this.registry,
        open: (offset) =>
          this.session.call({
            method: 'GET',
            path: `v2/${reference.repository}/blobs/${descriptor.digest}`,
            scope: pullScope(reference.repository),
            expect: [200, 206],
            // Of a refusal: a token may expire between two layers.
            maximumBytes: MAXIMUM_PING_BYTES,
            what,
            streams: true,
            // With an end: the registry of crane answers 416 where there is none (go-containerregistry, pkg/registry/blobs.go).
            ...(offset > 0 && { headers: { Range: `bytes=${offset}-${descriptor.size - 1}` } }),
          }),
        again: (error, attempt) => this.session.transport.again(error, attempt),
      });
    } catch (error) {
      throw error instanceof ConnectionError ? await this.session.explained(error, what) : error;
    }
  }

  async #manifest(method: 'GET' | 'HEAD', reference: ImageReference, expect: readonly number[]): Promise<Reply> {
    if (reference.registry !== this.registry) throw new Error(`${reference.toString()} is not in ${this.registry}`);
    const reply = await this.session.call({
      method,
      path: `v2/${reference.repository}/manifests/${reference.digest ?? reference.tag ?? 'latest'}`,
      headers: { Accept: MANIFEST_MEDIA_TYPES.join(', ') },
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
        cause: refusalOf(method, reply, []),
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
