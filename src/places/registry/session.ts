import { KdeployError } from '../../errors.js';
import { Authorizer } from './authorizer.js';
import { secretsOf, type CredentialLookup } from './credentials/credentials.js';
import { lookupCredentials } from './credentials/lookup.js';
import { registryBaseUrl } from './endpoint.js';
import { explain } from './explain.js';
import { isPlainHttp } from './plain-http.js';
import { redactUrl } from './redact.js';
import { RegistryError, readProblems } from './registry-error.js';
import { Transport, type Reply, type TransportOptions, type TransportRequest } from './transport.js';

export interface RegistryOptions extends TransportOptions {
  /** Of the repository that will be asked for (`quay.io/team/app`): credentials may be for it alone. */
  readonly name?: string;
  /** For a registry that the user, or the engine's administrator, allows to have no TLS. */
  readonly plainHttp?: boolean;
  /** Names others of that kind. */
  readonly environment?: NodeJS.ProcessEnv;
  /** Called at the registry's first challenge; by default `lookupCredentials`. */
  readonly credentials?: () => Promise<CredentialLookup>;
}

export interface RegistryCall extends Pick<TransportRequest, 'method' | 'expect' | 'maximumBytes' | 'streams'> {
  /** `v2/team/app/manifests/v1`, or an address that the registry gave. */
  readonly path: string | URL;
  /** Scopes, with a space between them. */
  readonly scope: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Made anew for each try: a challenge may come when all has been sent. */
  readonly body?: () => TransportRequest['body'];
  /** For messages. */
  readonly what?: string | undefined;
}

/**
 * Requests to one registry with the credentials that it asks for. Nothing is sent to another origin with them, and nothing
 * in clear text where the registry itself has TLS.
 */
export class RegistrySession {
  readonly registry: string;
  readonly authorizer: Authorizer;
  readonly transport: Transport;
  readonly #base: URL;

  /** Throws KdeployError `configuration` for a KDEPLOY_PLAIN_HTTP that names no registries. */
  constructor(registry: string, given: RegistryOptions = {}) {
    const { name = registry, environment = process.env, credentials, ...options } = given;
    const plainHttp = given.plainHttp === true || isPlainHttp(registry, environment);
    this.registry = registry;
    this.#base = registryBaseUrl(registry, plainHttp);
    this.transport = new Transport(options);
    const { signal } = options;
    const find = credentials ?? (() => lookupCredentials(name, { signal }));
    this.authorizer = new Authorizer(registry, this.transport, find, plainHttp ? this.#base.hostname : undefined);
  }

  /** An address of this registry's; one that it gave may be relative. Throws KdeployError `registry-unreachable`. */
  address(path: string | URL, base: URL = this.#base): URL {
    const text = String(path);
    if (!URL.canParse(text, base.href)) throw this.#misled('an invalid address');
    const url = new URL(text, base);
    const isClear = url.protocol === 'http:' && this.#base.protocol === 'https:';
    const hasPassword = url.username !== '' || url.password !== '';
    if (isClear || hasPassword || !/^https?:$/.test(url.protocol)) throw this.#misled(redactUrl(url));
    return url;
  }

  /** `send` with its errors in the user's words: KdeployError `registry-unreachable`, `credentials` or `interrupted`. */
  async call(call: RegistryCall): Promise<Reply> {
    try {
      return await this.send(call);
    } catch (error) {
      throw await this.explained(error, call.what);
    }
  }

  async explained(error: unknown, what: string | undefined): Promise<unknown> {
    return explain(error, { registry: this.registry, what, lookup: await this.authorizer.lookedUp() });
  }

  /** One request: first with what is known, after a challenge with what it asks for. Throws the transport's errors. */
  async send({ path, scope, expect, headers, body, ...request }: RegistryCall): Promise<Reply> {
    const url = this.address(path);
    const isOwn = url.origin === this.#base.origin;
    const sendWith = async (authorization: string | undefined, accepted: readonly number[]): Promise<Reply> => {
      const content = body?.();
      return this.transport.send({
        ...request,
        url,
        expect: accepted,
        ...(content !== undefined && { body: content }),
        headers: { ...headers, ...(authorization !== undefined && { Authorization: authorization }) },
        secrets: await this.#secrets(authorization),
      });
    };
    const known = isOwn ? await this.authorizer.header(scope) : undefined;
    const first = await sendWith(known, [...expect, 401]);
    if (first.status !== 401 || expect.includes(401)) return first;
    // Only the registry itself may ask for the credentials, not whoever it redirects to.
    const isOwnAnswer = isOwn && first.url.origin === url.origin;
    const answer = isOwnAnswer
      ? await this.authorizer.answer(first.headers.get('www-authenticate'), scope, known)
      : undefined;
    if (answer === undefined) throw refusalOf(request.method, first, await this.#secrets(known));
    return sendWith(answer, expect);
  }

  async #secrets(authorization: string | undefined): Promise<string[]> {
    return [
      ...secretsOf((await this.authorizer.lookedUp())?.credentials),
      ...(authorization === undefined ? [] : [authorization.slice(authorization.indexOf(' ') + 1)]),
    ];
  }

  #misled(where: string): KdeployError {
    return new KdeployError(
      'registry-unreachable',
      `${this.registry} names an address that kdeploy does not send an image to: ${where}`,
      { hint: 'check the configuration of the registry, and of the proxy in front of it' },
    );
  }
}

/** The error for an answer that the transport had let pass. */
export function refusalOf(method: string, reply: Reply, secrets: readonly string[]): RegistryError {
  const problems = readProblems(reply.body, reply.headers.get('content-type'), secrets);
  return new RegistryError({ status: reply.status, method, url: reply.url.href, problems });
}
