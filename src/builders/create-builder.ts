import { randomUUID } from 'node:crypto';
import { access } from 'node:fs/promises';
import path from 'node:path';
import type { Settings } from '../config/settings/settings.js';
import type { EngineConnection } from '../places/engine/connection.js';
import { EngineBuilds, type ContextSecret } from '../places/engine/builds.js';
import { openBuildkitSession } from '../places/engine/buildkit-session.js';
import { KdeployError } from '../errors.js';
import { findKedro } from '../project/kedro/kedro-command.js';
import { valueOf, type ProjectModel } from '../project/model.js';
import type { Builder, BuildRequest, BuildSecret } from './builder.js';
import { EngineBuilder, type BuildSession } from './engine/engine-builder.js';
import { buildkitCredentials, registryConfiguration, type PullCredentialsOptions } from './engine/pull-credentials.js';
import { KedroBuilder } from './kedro/kedro-builder.js';
import { readSecret } from './build-request.js';

export interface CreateBuilderOptions {
  readonly model: ProjectModel;
  readonly settings: Settings;
  readonly kedro: string | undefined;
  readonly engine: EngineConnection;
  readonly environment: NodeJS.ProcessEnv;
  readonly request: BuildRequest;
}

/** The builder that the settings name, with all it needs. */
export async function createBuilder(options: CreateBuilderOptions): Promise<Builder> {
  const { model, settings, engine, environment } = options;
  const { project } = model;
  const kedroBuilder = async (): Promise<KedroBuilder> => {
    const { kedro } = await findKedro({ projectRoot: project.root, given: options.kedro, environment });
    return new KedroBuilder(kedro, engine);
  };
  if (settings.image.builder !== 'engine') return kedroBuilder();
  return new EngineBuilder({
    builds: new EngineBuilds(engine.docker),
    hasDockerfile: await exists(path.join(project.root, settings.image.dockerfile)),
    writeDockerfile: async (request, step, signal) => (await kedroBuilder()).writeDockerfile(request, step, signal),
    defaultBaseImage: () => model.defaultBaseImage(),
    openSession: (request) => openSession(options, request),
    contextSecrets: (request) => contextSecrets(options, request),
    registries: async () => registryConfiguration(await pullOptions(options)),
  });
}

async function openSession(options: CreateBuilderOptions, request: BuildRequest): Promise<BuildSession | undefined> {
  const { model, engine, environment } = options;
  // Podman builds what others need BuildKit for, and offers no sessions.
  if (engine.podman !== undefined) return undefined;
  const dockerfile = valueOf(await model.dockerfile());
  if (!dockerfile.needsBuildKit && request.secrets.length === 0) return undefined;
  const secrets = new Map<string, BuildSecret>(request.secrets.map((secret) => [secret.id, secret]));
  return openBuildkitSession(engine.docker, {
    secret: async (id) => {
      const secret = secrets.get(id);
      return secret && readSecret(secret, environment);
    },
    credentials: async (host) => buildkitCredentials(host, await pullOptions(options)),
  });
}

/** Under names that no file of a project has. */
async function contextSecrets(
  { engine, environment }: CreateBuilderOptions,
  { secrets }: BuildRequest,
): Promise<ContextSecret[]> {
  if (engine.podman === undefined || secrets.length === 0) return [];
  if (Number.parseInt(engine.podman) < 4) {
    throw new KdeployError('configuration', `Podman ${engine.podman} cannot take build secrets`, {
      hint: 'update Podman to 4 or later',
    });
  }
  return Promise.all(
    secrets.map(async (secret) => ({
      id: secret.id,
      file: `kdeploy-build-secret-${randomUUID()}`,
      content: await readSecret(secret, environment),
    })),
  );
}

async function pullOptions({ model, engine, environment }: CreateBuilderOptions): Promise<PullCredentialsOptions> {
  const { images } = valueOf(await model.dockerfile());
  return { images, environment, podman: engine.podman !== undefined };
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
