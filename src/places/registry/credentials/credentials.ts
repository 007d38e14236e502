/** What a registry can be shown. Never put into a message, a log or an error: name the source instead. */
export type Credentials =
  | { readonly kind: 'password'; readonly username: string; readonly password: string }
  /** An OAuth2 refresh token, to be exchanged at the registry's token server (user name `<token>` in Docker's files). */
  | { readonly kind: 'identity-token'; readonly token: string }
  /** A ready bearer token. */
  | { readonly kind: 'registry-token'; readonly token: string };

/**
 * One place to ask. "Not for me" is `undefined`. "For me but broken" is a failure, which the search remembers and goes
 * on from: were it forgotten, the user would see 401 and never learn that the credential helper did not start.
 */
export interface CredentialSource {
  /** A repository with its registry (`quay.io/team/app`), or a registry alone. */
  ask(name: string): Promise<CredentialAnswer | undefined>;
}

export type CredentialAnswer =
  { readonly source: string; readonly credentials: Credentials } | ({ readonly source: string } & CredentialFailure);

export interface CredentialFailure {
  /** A sentence without secrets: `docker-credential-desktop is not on PATH`. */
  readonly failure: string;
}

/** The outcome of a search: without `credentials` the registry is asked anonymously. */
export interface CredentialLookup {
  /** As in image references: `docker.io`, `localhost:5000`. */
  readonly registry: string;
  readonly credentials?: Credentials;
  /** Who gave them: `credsStore desktop (~/.docker/config.json)`. */
  readonly source?: string;
  /** The sources that were responsible and could not answer, in the order they were asked. */
  readonly failures: readonly { readonly source: string; readonly reason: string }[];
  /** Every place that was looked at, for the message when the registry refuses. */
  readonly looked: readonly string[];
}

/** The secret parts, for `redactText`: also as a server may echo them, in a Basic header. */
export function secretsOf(credentials: Credentials | undefined): string[] {
  if (credentials === undefined) return [];
  return credentials.kind === 'password' ? [credentials.password, basicCredentials(credentials)] : [credentials.token];
}

/** `user:password` in base64 (RFC 7617). */
export function basicCredentials({ username, password }: { username: string; password: string }): string {
  return Buffer.from(`${username}:${password}`, 'utf8').toString('base64');
}
