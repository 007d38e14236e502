import { KdeployError } from '../errors.js';
import { readAuthorities, readClientCertificate } from '../network/pem.js';
import { tlsOfRequests, type TlsSettings } from '../network/tls.js';

const INSECURE = 'MLFLOW_TRACKING_INSECURE_TLS';
const SERVER_CERTIFICATE = 'MLFLOW_TRACKING_SERVER_CERT_PATH';
const CLIENT_CERTIFICATE = 'MLFLOW_TRACKING_CLIENT_CERT_PATH';

/** Where MLflow's client takes authorities from, for a remedy. */
export const BUNDLES_OF_MLFLOW = `REQUESTS_CA_BUNDLE or ${SERVER_CERTIFICATE}`;

/**
 * How MLflow's client does TLS (mlflow/utils/rest_utils.py, MlflowHostCreds.verify): by its own variables, else by those
 * of requests. The runtime reads the same (templates/runtime/kdeploy_runtime/network/tls.py). Throws KdeployError
 * `configuration` for what MLflow refuses, and for a path that is of no use.
 */
export async function tlsOfMlflow(url: URL, environment: NodeJS.ProcessEnv): Promise<TlsSettings> {
  refuseWhatMlflowRefuses(environment);
  const server = url.protocol === 'https:' ? await serverTls(environment) : {};
  const client = environment[CLIENT_CERTIFICATE] ?? '';
  return client === ''
    ? server
    : { ...server, clientCertificate: await readClientCertificate(CLIENT_CERTIFICATE, client) };
}

async function serverTls(environment: NodeJS.ProcessEnv): Promise<TlsSettings> {
  const file = environment[SERVER_CERTIFICATE] ?? '';
  if (file !== '') return { ca: await readAuthorities(SERVER_CERTIFICATE, file) };
  return isTrue(environment[INSECURE]) ? { verify: false } : tlsOfRequests(environment);
}

function refuseWhatMlflowRefuses(environment: NodeJS.ProcessEnv): void {
  for (const name of [INSECURE, 'MLFLOW_TRACKING_AWS_SIGV4']) {
    const value = environment[name] ?? '';
    if (value === '' || /^(?:true|false|1|0)$/i.test(value)) continue;
    throw new KdeployError('configuration', `${name} must be true or false, which MLflow insists on`, {
      hint: `set ${name}=true, or unset it`,
    });
  }
  if (!isTrue(environment[INSECURE]) || (environment[SERVER_CERTIFICATE] ?? '') === '') return;
  throw new KdeployError(
    'configuration',
    `${INSECURE} and ${SERVER_CERTIFICATE} are both set, and MLflow accepts only one of them`,
    { hint: `unset ${INSECURE}` },
  );
}

function isTrue(value: string | undefined): boolean {
  return /^(?:true|1)$/i.test(value ?? '');
}
