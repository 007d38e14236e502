import { existsSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { createHash } from 'node:crypto';
import { homedir } from 'node:os';
import path from 'node:path';
import type Dockerode from 'dockerode';
import { KdeployError, messageOf } from '../../errors.js';
import { readPlainFile } from '../../plain-file.js';
import { dockerOptions, ENGINE_HINT } from './address.js';
import { faultHint, isFault, silence } from './fault.js';

/** A Docker Engine that answered. */
export interface EngineConnection {
  readonly docker: Dockerode;
  /** As DOCKER_HOST wants it, for child processes that must talk to the same engine: `unix:///var/run/docker.sock`. */
  readonly host: string;
  /** Which strategy named the host: `DOCKER_HOST`, `docker context "colima"`, … */
  readonly origin: string;
  /** The version of Podman, where it answers in Docker's place: `4.3.1`; `undefined` for Docker. */
  readonly podman?: string | undefined;
  /** Does what another program does with the engine, and aborts it where the engine no longer answers. */
  readonly whileAlive?: <T>(signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>) => Promise<T>;
}

/** What determines where the engine is; a parameter, so that tests need not patch the process. */
export interface EngineSurroundings {
  readonly environment: NodeJS.ProcessEnv;
  readonly home: string;
  readonly platform: NodeJS.Platform;
  readonly exists: (file: string) => boolean;
  /** How long the engine may take to answer that it is there, in milliseconds. */
  readonly patience?: number;
}

interface EngineHost {
  readonly host: string;
  readonly origin: string;
  /** Folder with ca.pem, cert.pem and key.pem for a TLS host. */
  readonly certificates?: string;
}

const PATIENCE_MILLISECONDS = 10_000;

/**
 * Connects to the engine that the `docker` command would use, and makes sure that it answers.
 * Throws KdeployError `engine-unreachable`, naming where it looked and what the connection said.
 */
export async function connectEngine(
  surroundings: EngineSurroundings = ownSurroundings(),
  /** Ends every call that only waits. */
  signal?: AbortSignal,
): Promise<EngineConnection> {
  const { host, origin, certificates } = await locateEngine(surroundings);
  const [{ default: Docker }, { superviseCalls }] = await Promise.all([import('dockerode'), import('./calls.js')]);
  const docker = clientOf(Docker, await dockerOptions(host, certificates, surroundings.environment));
  const calls = superviseCalls(docker, signal);
  let podman: string | undefined;
  try {
    podman = await ping(docker, surroundings.patience ?? PATIENCE_MILLISECONDS);
  } catch (error) {
    signal?.throwIfAborted();
    throw new KdeployError('engine-unreachable', unreachableText(error, `${host} (from ${origin})`), {
      cause: error,
      hint: faultHint(error) ?? ENGINE_HINT,
    });
  }
  return { docker, host, origin, podman, whileAlive: (until, work) => calls.whileAlive(until, work) };
}

function unreachableText(error: unknown, where: string): string {
  if (isFault(error, 'silent')) return `the Docker engine at ${where} does not answer`;
  return isFault(error, 'foreign')
    ? `${where} is not a Docker engine`
    : `cannot connect to the Docker Engine at ${where}`;
}

/** Makes sure that an engine answers. Its headers tell Podman, and which one; dockerode's own ping keeps them to itself. */
function ping(docker: Dockerode, patience: number): Promise<string | undefined> {
  const modem = docker.modem as {
    dial(options: object, done: (error: Error | null, response: IncomingMessage) => void): void;
  };
  const abortSignal = AbortSignal.timeout(patience);
  return new Promise((resolve, reject) => {
    modem.dial(
      { method: 'GET', path: '/_ping', isStream: true, abortSignal, statusCodes: { 200: true } },
      (error, response) => {
        if (error !== null) {
          reject(abortSignal.aborted ? silence(patience) : error);
          return;
        }
        const version = response.headers['libpod-api-version'];
        resolve(typeof version === 'string' ? version : undefined);
      },
    );
  });
}

/** Docker's own precedence (cli/command/cli.go): DOCKER_HOST, DOCKER_CONTEXT, the current context, the default socket. */
export async function locateEngine(surroundings: EngineSurroundings): Promise<EngineHost> {
  for (const strategy of [fromVariable, fromContext, fromSockets]) {
    const found = await strategy(surroundings);
    if (found !== undefined) return found;
  }
  throw new KdeployError('engine-unreachable', 'no Docker Engine was found on this machine', { hint: ENGINE_HINT });
}

function fromVariable({ environment, home }: EngineSurroundings): EngineHost | undefined {
  const host = environment.DOCKER_HOST;
  if (host === undefined || host === '') return undefined;
  if (isSet(environment.DOCKER_TLS_VERIFY)) {
    const folder = environment.DOCKER_CERT_PATH;
    return { host, origin: 'DOCKER_HOST', certificates: isSet(folder) ? folder : path.join(home, '.docker') };
  }
  return { host, origin: 'DOCKER_HOST' };
}

/** Docker Desktop, colima, Rancher and OrbStack register themselves as a context and make it the current one. */
async function fromContext({ environment, home }: EngineSurroundings): Promise<EngineHost | undefined> {
  const folder = isSet(environment.DOCKER_CONFIG) ? environment.DOCKER_CONFIG : path.join(home, '.docker');
  const chosen = environment.DOCKER_CONTEXT;
  const name = isSet(chosen) ? chosen : await currentContext(folder);
  if (!isSet(name) || name === 'default') return undefined;
  // The folder of a context is named by the sha256 of its name (docker/cli: cli/context/store).
  const id = createHash('sha256').update(name).digest('hex');
  const file = path.join(folder, 'contexts', 'meta', id, 'meta.json');
  try {
    const meta = JSON.parse((await readPlainFile(file)).toString('utf8')) as {
      Endpoints?: { docker?: { Host?: unknown } };
    };
    const host = meta.Endpoints?.docker?.Host;
    if (typeof host !== 'string' || host === '') throw new Error('it has no docker host');
    const certificates = path.join(folder, 'contexts', 'tls', id, 'docker');
    const origin = `docker context "${name}"`;
    return existsSync(certificates) ? { host, origin, certificates } : { host, origin };
  } catch (error) {
    throw new KdeployError('engine-unreachable', `the docker context "${name}" cannot be used: ${messageOf(error)}`, {
      cause: error,
      hint: 'list the contexts with `docker context ls`; go back to the local engine with `docker context use default`',
    });
  }
}

async function currentContext(folder: string): Promise<string | undefined> {
  try {
    const config = JSON.parse((await readPlainFile(path.join(folder, 'config.json'))).toString('utf8')) as {
      currentContext?: unknown;
    };
    return typeof config.currentContext === 'string' ? config.currentContext : undefined;
  } catch {
    // No config, or one that the credentials reader will complain about with its name: no context either way.
    return undefined;
  }
}

function fromSockets({ environment, home, platform, exists }: EngineSurroundings): EngineHost | undefined {
  if (platform === 'win32') return { host: 'npipe:////./pipe/docker_engine', origin: 'the default pipe' };
  const runtime = environment.XDG_RUNTIME_DIR;
  const sockets = [
    { socket: '/var/run/docker.sock', origin: 'the default socket' },
    ...(isSet(runtime) ? [{ socket: `${runtime}/docker.sock`, origin: 'the rootless socket' }] : []),
    { socket: path.posix.join(home, '.docker/run/docker.sock'), origin: "Docker Desktop's socket" },
    ...(isSet(runtime) ? [{ socket: `${runtime}/podman/podman.sock`, origin: "Podman's rootless socket" }] : []),
    { socket: '/run/podman/podman.sock', origin: "Podman's socket" },
  ];
  const found = sockets.find(({ socket }) => exists(socket));
  return found && { host: `unix://${found.socket}`, origin: found.origin };
}

/** Of these options alone: dockerode reads DOCKER_HOST and what belongs to it once more, in a way of its own. */
function clientOf(Docker: typeof Dockerode, options: Dockerode.DockerOptions): Dockerode {
  const { DOCKER_HOST: host } = process.env;
  delete process.env.DOCKER_HOST;
  try {
    return new Docker(options);
  } finally {
    if (host !== undefined) process.env.DOCKER_HOST = host;
  }
}

function isSet(value: string | undefined): value is string {
  return value !== undefined && value !== '';
}

/** This machine's, with another environment where one is given. */
export function ownSurroundings(environment: NodeJS.ProcessEnv = process.env): EngineSurroundings {
  return { environment, home: homedir(), platform: process.platform, exists: existsSync };
}
