import { KdeployError } from '../errors.js';
import type { GoogleFile } from '../places/registry/credentials/google-file.js';
import type { GoogleInfo } from './google-credentials.js';
import { askIssuerForJson, type Issuer } from './token-issuer.js';

/** Where tokens are asked for, unless the file says otherwise; and whom an assertion is for, wherever it is sent. */
const TOKEN_ENDPOINT = 'https://oauth2.googleapis.com/token';
const LIFETIME_SECONDS = 3600;

/**
 * What a service account gets for an assertion that its key signed (RFC 7523), where the file says. Google's library for
 * Node.js ignores that address. Throws KdeployError `credentials`.
 */
export async function serviceAccountGrant(
  file: GoogleFile,
  info: GoogleInfo,
  wanted: Readonly<Record<string, string>>,
  issuer: Issuer,
): Promise<Record<string, unknown>> {
  const assertion = await sign(file, info, wanted);
  return askIssuerForJson(
    issuer,
    tokenEndpoint(info),
    {
      method: 'POST',
      body: new URLSearchParams({ grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion }),
    },
    [assertion],
  );
}

export function tokenEndpoint({ token_uri: given }: GoogleInfo): string {
  return typeof given === 'string' && given !== '' ? given : TOKEN_ENDPOINT;
}

async function sign(file: GoogleFile, info: GoogleInfo, wanted: Readonly<Record<string, string>>): Promise<string> {
  const { createPrivateKey, sign: signed } = await import('node:crypto');
  const now = Math.floor(Date.now() / 1000);
  const header = {
    alg: 'RS256',
    typ: 'JWT',
    ...(info.private_key_id === undefined ? {} : { kid: info.private_key_id }),
  };
  const claims = { iss: info.client_email, aud: TOKEN_ENDPOINT, iat: now, exp: now + LIFETIME_SECONDS, ...wanted };
  const text = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  try {
    const key = createPrivateKey(String(info.private_key));
    return `${text}.${signed('RSA-SHA256', Buffer.from(text), key).toString('base64url')}`;
  } catch {
    throw new KdeployError('credentials', `${file.which} has a private key that cannot be used`, {
      hint: 'use the file exactly as Google issued it',
    });
  }
}
