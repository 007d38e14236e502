import { messageOf } from '../../../errors.js';
import { redactText } from '../../../secrets/redaction.js';
import { findGoogleFile } from './google-file.js';
import type { CredentialAnswer, CredentialSource } from './credentials.js';

/** Gives a Google OAuth2 access token, or throws with the reason why there is none. */
export type GoogleTokenSource = () => Promise<string>;

/** The scope that docker-credential-gcr asks for; Artifact Registry takes no narrower one for pushes. */
const SCOPE = 'https://www.googleapis.com/auth/cloud-platform';

const SOURCE = 'Google Application Default Credentials';

/**
 * Artifact Registry (`europe-docker.pkg.dev`) and the Container Registry hosts it took over (`gcr.io`, `eu.gcr.io`).
 * Anchored at both ends: a Google token must never go to `gcr.io.example.com` or `notgcr.io`.
 */
export function isGoogleRegistry(registry: string): boolean {
  return /^(?:[a-z0-9-]+-docker\.pkg\.dev|(?:[a-z0-9-]+\.)?gcr\.io)$/.test(registry);
}

/** The user name with which Google's registries take an access token as a password. */
const USERNAME = 'oauth2accesstoken';

/** For Google's registries only. */
export function googleSource(token: GoogleTokenSource, timeoutMs: number): CredentialSource {
  return {
    async ask(): Promise<CredentialAnswer> {
      try {
        const password = await within(timeoutMs, token());
        return { source: SOURCE, credentials: { kind: 'password', username: USERNAME, password } };
      } catch (error) {
        return { source: SOURCE, failure: googleReason(error) };
      }
    },
  };
}

/**
 * google-auth-library: the service-account (or workload-identity) file that GOOGLE_APPLICATION_CREDENTIALS names, else
 * what `gcloud auth application-default login` wrote, else the machine's own service account.
 */
export function googleAccessToken(env: NodeJS.ProcessEnv): GoogleTokenSource {
  return async () => {
    // Loaded here: 40 ms that only Google's registries are worth.
    const { GoogleAuth } = await import('google-auth-library');
    const file = await findGoogleFile(env);
    const auth = new GoogleAuth({ scopes: SCOPE, ...(file === undefined ? {} : { credentials: file.info }) });
    const token = await auth.getAccessToken();
    if (typeof token !== 'string' || token === '') throw new Error('Google gave no access token');
    return token;
  };
}

/** Why Google gave no token. */
export function googleReason(error: unknown): string {
  return redactText(messageOf(error));
}

async function within<Value>(timeoutMs: number, promise: Promise<Value>): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${timeoutMs / 1000} s`)), timeoutMs);
  });
  return Promise.race([promise, timeout]).finally(() => clearTimeout(timer));
}
