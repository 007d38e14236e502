import { KdeployError } from '../errors.js';
import { findGoogleFile, type GoogleFile } from '../places/registry/credentials/google-file.js';

export type GoogleInfo = Readonly<Record<string, unknown>>;

/** Credentials that can issue ID tokens: of a service account itself, or of somebody who may act as one. */
export interface GoogleCredentials {
  readonly kind: 'service_account' | 'impersonated_service_account' | 'external_account';
  readonly file: GoogleFile;
}

const NEEDED_KEYS: Readonly<Record<GoogleCredentials['kind'], readonly string[]>> = {
  service_account: ['client_email', 'private_key', 'token_uri'],
  impersonated_service_account: ['service_account_impersonation_url', 'source_credentials'],
  external_account: ['service_account_impersonation_url', 'token_url', 'subject_token_type'],
};

/** Who may act as a service account; a chain of impersonations is written as `delegates`. */
const SOURCES = ['service_account', 'authorized_user', 'external_account'];

/** How the addresses in a file end (IAM Credentials API). */
const IMPERSONATION = /\/serviceAccounts\/([^/:]+):generateAccessToken$/;

/**
 * The credentials that a container with this environment would use, checked as far as it is possible without a call;
 * `undefined`: it would ask the metadata server. The runtime judges the same (authentication/google_credentials.py); both
 * test suites read test/fixtures/google-credentials.json. Throws KdeployError `credentials`, which shows no value.
 */
export async function findGoogleCredentials(environment: NodeJS.ProcessEnv): Promise<GoogleCredentials | undefined> {
  const file = await findGoogleFile(environment);
  if (file === undefined) return undefined;
  const { info, which } = file;
  const { type } = info;
  if (type === 'authorized_user') {
    throw unfit(
      `${which} contains user credentials, which cannot issue ID tokens for an audience`,
      'log in with `gcloud auth application-default login --impersonate-service-account=ACCOUNT`, or use a service account',
    );
  }
  if (!isKind(type)) {
    throw unfit(
      `${which} contains no credentials that can issue ID tokens`,
      "its 'type' must be service_account, impersonated_service_account or external_account",
    );
  }
  const missing = NEEDED_KEYS[type].filter((name) => isEmpty(info[name]));
  if (type === 'external_account' && missing.includes('service_account_impersonation_url')) {
    throw unfit(
      `${which} names no service account to impersonate, and a federated identity alone cannot issue ID tokens`,
      'recreate it with `gcloud iam workload-identity-pools create-cred-config --service-account=ACCOUNT …`',
    );
  }
  if (missing.length > 0) throw unfit(`${which} lacks ${missing.join(', ')}`, AS_ISSUED);
  if (type !== 'service_account') expectImpersonation(file, type);
  return { kind: type, file };
}

const AS_ISSUED = 'use the file exactly as Google issued it';

function expectImpersonation({ info, which }: GoogleFile, type: string): void {
  if (!IMPERSONATION.test(String(info.service_account_impersonation_url)))
    throw unfit(`${which} has a service_account_impersonation_url that names no service account`, AS_ISSUED);
  const source = info.source_credentials as GoogleInfo | undefined;
  if (type === 'impersonated_service_account' && !SOURCES.includes(String(source?.type)))
    throw unfit(`${which} has source_credentials of an unknown type`, AS_ISSUED);
}

/** The service account that is acted as, and where its ID tokens are issued. */
export function impersonationOf(info: GoogleInfo): { readonly account: string; readonly url: string } {
  const url = String(info.service_account_impersonation_url);
  return { account: IMPERSONATION.exec(url)?.[1] ?? '', url: url.replace(/:generateAccessToken$/, ':generateIdToken') };
}

function isKind(type: unknown): type is GoogleCredentials['kind'] {
  return typeof type === 'string' && Object.hasOwn(NEEDED_KEYS, type);
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === '';
}

function unfit(message: string, hint: string): KdeployError {
  return new KdeployError('credentials', message, { hint });
}
