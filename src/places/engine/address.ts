import { userInfo } from 'node:os';
import path from 'node:path';
import type Dockerode from 'dockerode';
import { KdeployError } from '../../errors.js';
import { readPlainFile } from '../../plain-file.js';

/** What to do where there is no engine. */
export const ENGINE_HINT =
  'start Docker (Docker Desktop, colima, or `sudo systemctl start docker`) or Podman (`systemctl --user start podman.socket`), or set DOCKER_HOST';

/**
 * How to reach an engine, in dockerode's words. An address is read as docker reads it (docker/cli: opts/hosts.go): without
 * a protocol it is a host over TCP, without a host it is this machine. Throws KdeployError `engine-unreachable` for an
 * invalid address, and for certificates that cannot be read.
 */
export async function dockerOptions(
  host: string,
  certificates: string | undefined,
  environment: NodeJS.ProcessEnv,
): Promise<Dockerode.DockerOptions> {
  const [, protocol = 'tcp', rest = ''] = /^(?:([^:/]*):\/\/)?(.*)$/.exec(host.trim()) ?? [];
  if (protocol === 'unix') return { socketPath: rest || '/var/run/docker.sock' };
  if (protocol === 'npipe') return { socketPath: rest || '//./pipe/docker_engine' };
  const { hostname, port, username } = urlOf(protocol, rest);
  if (protocol === 'ssh') {
    const own = { host: hostname, port: port || 22, username: username || ownName() };
    return { protocol, ...own, sshOptions: { agent: environment.SSH_AUTH_SOCK } } as Dockerode.DockerOptions;
  }
  if (certificates === undefined) return { protocol: 'http', host: hostname, port: port || 2375 };
  const [ca, cert, key] = await Promise.all(
    ['ca.pem', 'cert.pem', 'key.pem'].map((name) => readCertificate(path.join(certificates, name))),
  );
  return {
    protocol: 'https',
    host: hostname,
    port: port || 2376,
    ...(ca && { ca }),
    ...(cert && { cert }),
    ...(key && { key }),
  };
}

/** As ssh does it. */
function ownName(): string {
  try {
    return userInfo().username;
  } catch (error) {
    throw new KdeployError('engine-unreachable', "the engine's address names no user, and this one has no account", {
      cause: error,
      hint: 'name the user on the other machine: DOCKER_HOST=ssh://USER@HOST',
    });
  }
}

function urlOf(protocol: string, rest: string): URL {
  try {
    if (!['tcp', 'http', 'https', 'ssh'].includes(protocol))
      throw new Error(`engines are not reached by ${protocol}://`);
    // A path where a host belongs is most likely a socket's.
    if (/^(?:unix:)?\//.test(rest)) throw new Error('it has no host');
    return new URL(`tcp://${/^(?::|$)/.test(rest) ? 'localhost' : ''}${rest}`);
  } catch (error) {
    throw new KdeployError('engine-unreachable', "the engine's address is not a valid URL", {
      cause: error,
      hint: ENGINE_HINT,
    });
  }
}

/** Any of the three may be missing, as for docker: the system's authorities, and no client certificate, stand in. */
async function readCertificate(file: string): Promise<string | undefined> {
  try {
    return (await readPlainFile(file)).toString('utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new KdeployError('engine-unreachable', `the certificate ${file} for the engine cannot be read`, {
      cause: error,
      hint: 'check DOCKER_CERT_PATH, or `docker context inspect`',
    });
  }
}
