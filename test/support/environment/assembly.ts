import { mkdir } from 'node:fs/promises';
import path from 'node:path';

import { baseImage, doesDockerHubAnswer, ensureBaseImage } from './base-image.js';
import { recipeKey } from './cache.js';
import { checkContainers } from './container-check.js';
import type { EnvironmentDescription } from './description.js';
import { answeringEngine, defaultGateway, linkWorkingClient, startPrivateEngine, type EngineHost } from './engine.js';
import type { Lifetime } from './lifetime.js';
import { startMlflow } from './mlflow.js';
import { withoutProxyFor, packageIndexVariables } from './package-index.js';
import {
  ensurePackages,
  needAppArmorWhereEnforced,
  needCommand,
  needFile,
  needVirtualEnvironments,
  type Need,
} from './packages.js';
import { report, timed } from './progress.js';
import { ensureVirtualEnvironment, keepBytecode, pythonKey, pythonOf } from './python.js';
import { startRegistry } from './registry.js';
import { isRootFilesystemCached, rootFilesystemKey } from './root-filesystem.js';

/** Changes when a kept environment would differ from one started now. */
export async function environmentRecipe(): Promise<string> {
  return recipeKey(await pythonKey(), rootFilesystemKey);
}

/** Starts every part in `folder`, parts that do not need each other side by side, and registers their ends in `lifetime`. */
export async function assemble(folder: string, lifetime: Lifetime): Promise<EnvironmentDescription> {
  await ensurePackages(await needs());
  const engine = engineAndBaseImage(folder, lifetime);
  const [{ host, gateway, bin }, virtualEnvironment, registry] = await Promise.all([
    engine.started,
    ensureVirtualEnvironment(),
    startRegistry({ parent: folder }),
  ]);
  await lifetime.add('registry', () => registry.stop());
  const [mlflow] = await Promise.all([
    timed('MLflow', 'started', async () => {
      const server = await startMlflow({ virtualEnvironment, address: gateway, parent: folder });
      await lifetime.add('MLflow', () => server.stop());
      return server;
    }),
    engine.baseImage,
  ]);
  await checkContainers(host, baseImage, mlflow.uri);
  return {
    dockerHost: host,
    docker: path.join(bin, 'docker'),
    baseImage,
    registry: registry.address,
    mlflowUri: mlflow.uri,
    gateway,
    virtualEnvironment,
    python: pythonOf(virtualEnvironment),
    kedro: path.join(virtualEnvironment, 'bin', 'kedro'),
    commandFolders: [bin, path.join(virtualEnvironment, 'bin')],
    variables: await childVariables(host, folder, gateway),
    recipe: await environmentRecipe(),
  };
}

async function needs(): Promise<Need[]> {
  const engineAnswers = (await answeringEngine()) !== undefined;
  const rootFilesystemNeeded = !isRootFilesystemCached() && !(await doesDockerHubAnswer());
  return [
    needCommand('git', 'git'),
    needCommand('python3', 'python3'),
    needVirtualEnvironments,
    needCommand('docker', 'docker-cli', 'docker.io'),
    needCommand('docker-registry', 'docker-registry'),
    needCommand('skopeo', 'skopeo'),
    ...(engineAnswers
      ? []
      : [
          needCommand('dockerd', 'docker.io'),
          needCommand('iptables', 'iptables'),
          needCommand('ip', 'iproute2'),
          needAppArmorWhereEnforced,
        ]),
    ...(rootFilesystemNeeded
      ? [
          needCommand('mmdebstrap', 'mmdebstrap'),
          needFile('/usr/share/keyrings/debian-archive-keyring.gpg', 'debian-archive-keyring'),
        ]
      : []),
  ];
}

/** MLflow needs the engine's gateway, but not the base image: two promises, so that it does not wait for both. */
function engineAndBaseImage(
  folder: string,
  lifetime: Lifetime,
): { started: Promise<{ host: EngineHost; gateway: string; bin: string }>; baseImage: Promise<string> } {
  const started = (async () => {
    const answering = await answeringEngine();
    if (answering !== undefined) report(`Docker Engine: the one at ${answering}`);
    const host = answering ?? (await startPrivateEngine(folder, lifetime));
    return { host, gateway: await defaultGateway(host), bin: await linkWorkingClient(host, folder) };
  })();
  const made = started.then(({ host, gateway }) => ensureBaseImage(host, gateway));
  // Awaited later: until then, a failure must not count as unhandled.
  made.catch(() => undefined);
  return { started, baseImage: made };
}

async function childVariables(host: EngineHost, folder: string, gateway: string): Promise<Record<string, string>> {
  // An empty configuration of the docker client, so that no test reads or changes the user's logins.
  const dockerConfiguration = path.join(folder, 'docker-client');
  await mkdir(dockerConfiguration);
  const { no_proxy, NO_PROXY } = withoutProxyFor(gateway, packageIndexVariables());
  return {
    DOCKER_HOST: host,
    DOCKER_CONFIG: dockerConfiguration,
    // kedro-telemetry and MLflow ask the network at every start otherwise.
    DO_NOT_TRACK: '1',
    ...keepBytecode,
    ...(no_proxy === undefined || NO_PROXY === undefined ? {} : { no_proxy, NO_PROXY }),
  };
}
