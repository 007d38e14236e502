import type { EngineConnection } from './connection.js';

/**
 * Whether the engine's administrator has allowed it to speak to a registry without TLS: Docker's `insecure-registries`,
 * Podman's registries.conf. An engine that does not say has not.
 */
export async function isInsecure(
  engine: Pick<EngineConnection, 'docker' | 'podman'>,
  registry: string,
): Promise<boolean> {
  try {
    if (engine.podman === undefined) {
      const { RegistryConfig } = (await engine.docker.info()) as DockerInfo;
      return RegistryConfig?.IndexConfigs?.[registry]?.Secure === false;
    }
    const { registries } = await podmanInfo(engine.docker, engine.podman);
    return registries?.[registry]?.Insecure === true;
  } catch {
    return false;
  }
}

/** Its own API: the one that it shares with Docker leaves the registries out. */
function podmanInfo(docker: EngineConnection['docker'], version: string): Promise<PodmanInfo> {
  const modem = docker.modem as {
    dial(options: object, done: (error: Error | null, answer: PodmanInfo) => void): void;
  };
  return new Promise((resolve, reject) => {
    modem.dial({ method: 'GET', path: `/v${version}/libpod/info`, statusCodes: { 200: true } }, (error, answer) =>
      error === null ? resolve(answer) : reject(error),
    );
  });
}

interface DockerInfo {
  readonly RegistryConfig?: { readonly IndexConfigs?: Readonly<Record<string, { readonly Secure?: boolean }>> };
}

interface PodmanInfo {
  readonly registries?: Readonly<Record<string, { readonly Insecure?: boolean }>>;
}
