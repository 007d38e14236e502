import { readAuthorities } from './pem.js';

/** How a client of TLS checks the server and shows itself; what is absent is Node's default. */
export interface TlsSettings {
  /** The only authorities to trust, in PEM format. */
  readonly ca?: string;
  /** A certificate with its key, in PEM format. */
  readonly clientCertificate?: string;
  /** False: any certificate is accepted. */
  readonly verify?: false;
}

/**
 * As Python's requests does, which MLflow's client and Google's library call with in the container: the first of the two
 * variables that is set replaces all authorities. It does not read SSL_CERT_FILE. Throws KdeployError `configuration` for
 * a path that is of no use.
 */
export async function tlsOfRequests(environment: NodeJS.ProcessEnv): Promise<TlsSettings> {
  for (const variable of ['REQUESTS_CA_BUNDLE', 'CURL_CA_BUNDLE']) {
    const file = environment[variable] ?? '';
    if (file !== '') return { ca: await readAuthorities(variable, file) };
  }
  return {};
}
