import { KdeployError } from '../errors.js';
import { RUNTIME_ENTRYPOINT } from '../image/bake-plan.js';
import { readBakedLabels } from '../image/labels.js';
import { environmentValue } from '../image/run-configuration.js';
import { classifyTrackingUri, hostOf } from '../project/tracking/tracking-uri.js';
import { redactAddresses } from '../secrets/address.js';
import { isLoopbackHost } from '../loopback-host.js';
import type { RunRequest } from './run-image.js';

/** What this machine and its engine know about the names in a tracking URI. */
export interface Surroundings {
  /** The engine's operating system, as `docker info` shows it: `Debian GNU/Linux 12`, `Docker Desktop`. */
  readonly engine: () => Promise<string>;
  readonly platform: NodeJS.Platform;
  /** The text of /etc/hosts; empty where there is none. */
  readonly hosts: () => Promise<string>;
  /** The same `kdeploy run` with other flags, ready for pasting; `undefined` where its words may contain a secret. */
  readonly again: (...flags: readonly string[]) => string;
}

/**
 * A container cannot reach a server that listens on this machine's loopback address, and MLflow's client tries for five
 * minutes before it says so. Throws KdeployError `usage` where that is certain before the container starts. Returns a
 * sentence where it is only likely: a command that may start a server itself, a name from /etc/hosts.
 */
export async function refuseUnreachableServer(
  request: RunRequest,
  surroundings: Surroundings,
): Promise<string | undefined> {
  const uri = trackingUriOf(request);
  if (uri === undefined || sharesNetwork(request.network)) return undefined;
  const { kind, redacted } = classifyTrackingUri(uri);
  switch (kind) {
    case 'loopback': {
      const message = `the tracking URI ${redacted} points at the container itself`;
      const hint = await reachingThisMachine(uri, surroundings);
      if (runsOnlyThePipeline(request))
        throw new KdeployError('usage', `${message}, and no MLflow server runs there`, { hint });
      return logsNothing(request) ? undefined : `${message}; ${hint}`;
    }
    case 'host-gateway': {
      if (surroundings.platform !== 'linux' || !isPipeline(request)) return undefined;
      if (hasHostGateway(await surroundings.engine())) return undefined;
      throw new KdeployError('usage', `the tracking URI ${redacted} is unknown in containers of this Docker Engine`, {
        hint: `to reach a server on this machine: ${surroundings.again('--network', 'host', '-e', `MLFLOW_TRACKING_URI=${withHost(uri, '127.0.0.1')}`)}`,
      });
    }
    case 'remote':
    case 'database': {
      const host = hostOf(uri);
      if (host === undefined || !isPipeline(request) || !isLocalName(host, await surroundings.hosts()))
        return undefined;
      return `${host} is this machine only in its own /etc/hosts, which containers do not read; ${await reachingThisMachine(uri, surroundings)}`;
    }
    case 'file':
    case 'relative-path':
    case 'database-file':
      return isPipeline(request)
        ? `the tracking URI ${redacted} is in the container: the run is lost when the container is removed, unless it is in a mounted folder`
        : undefined;
    case 'databricks':
    case 'invalid':
    case 'unknown-scheme':
    case 'unset':
      return undefined;
  }
}

/** What the container's MLflow client will use: kdeploy bakes it as a variable, and leaves mlflow.yml's own empty. */
function trackingUriOf({ image, variables }: RunRequest): string | undefined {
  if (readBakedLabels(image.configuration.labels)?.trackingUri === undefined) return undefined;
  const set = environmentValue(variables, 'MLFLOW_TRACKING_URI');
  return set ?? environmentValue(image.configuration.env, 'MLFLOW_TRACKING_URI');
}

/** `host`, or the network of another container, which may be the server's. */
function sharesNetwork(network: string | undefined): boolean {
  return network !== undefined && /^(?:host$|container:|ns:|pod)/.test(network);
}

function commandOf({ image, command }: RunRequest): readonly string[] {
  return command.length > 0 ? command : image.configuration.cmd;
}

function isPipeline(request: RunRequest): boolean {
  const [program, ...words] = commandOf(request);
  return program === 'kedro' && words.find((word) => !word.startsWith('-')) === 'run';
}

/** What else kedro can do: `kedro registry list`. */
function logsNothing(request: RunRequest): boolean {
  return commandOf(request)[0] === 'kedro' && !isPipeline(request);
}

/** Whether nothing but kedro is started: an entrypoint of the base image's own may well start a server. */
function runsOnlyThePipeline(request: RunRequest): boolean {
  const { entrypoint } = request.image.configuration;
  return (
    isPipeline(request) &&
    entrypoint.length === RUNTIME_ENTRYPOINT.length &&
    RUNTIME_ENTRYPOINT.every((word, index) => entrypoint[index] === word)
  );
}

async function reachingThisMachine(uri: string, { engine, platform, again }: Surroundings): Promise<string> {
  // Such an engine runs in a virtual machine: its `host` network is not this machine's.
  const isVirtual = platform !== 'linux' || isDesktop(await engine());
  const flags = isVirtual
    ? ['-e', `MLFLOW_TRACKING_URI=${withHost(uri, 'host.docker.internal')}`]
    : ['--network', 'host'];
  return `to reach a server on this machine: ${again(...flags)}`;
}

function isDesktop(engine: string): boolean {
  return /docker desktop|orbstack/i.test(engine);
}

/** Podman and the desktop programs give this machine a name in containers; Docker Engine alone does not. */
function hasHostGateway(engine: string): boolean {
  return isDesktop(engine) || /podman/i.test(engine);
}

function withHost(uri: string, host: string): string {
  return redactAddresses(uri).replace(/(?<=:\/\/(?:[^/@]*@)?)(?:\[[^\]]*\]|[^/:?#]*)/, host);
}

/** Whether /etc/hosts gives the name a loopback address. */
function isLocalName(host: string, hosts: string): boolean {
  return hosts.split('\n').some((line) => {
    const [address = '', ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
    return isLoopbackHost(address) && names.some((name) => name.toLowerCase() === host.toLowerCase());
  });
}
