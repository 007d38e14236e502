import { join } from 'node:path';

/** A file with credentials, and how its keys are read. */
export interface AuthFile {
  readonly file: string;
  readonly flavour: Flavour;
  /** Worth a word when it is not there. */
  readonly isExpected: boolean;
}

/**
 * Docker reads every key by its host. Podman's keys may be for one namespace or repository (`quay.io/team`), and are not
 * for the rest of the host then. A `.dockercfg`, which Podman still reads, is Docker's of old: keys, and nothing around them.
 */
export type Flavour = 'docker' | 'podman' | 'dockercfg';

export interface AuthFilesOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly home: string;
  /** Whether Podman pushes. */
  readonly podman: boolean;
  /** The user's ID on Linux, where Podman without XDG_RUNTIME_DIR has a folder for it; `undefined` elsewhere. */
  readonly uid: number | undefined;
}

/** In the order of `docker push`, or of `podman push` (containers-auth.json(5)); the other one's files come after. */
export function authFiles(options: AuthFilesOptions): AuthFile[] {
  const { env, home, podman } = options;
  const docker = dockerConfigFile(env, home, !podman || isSet(env.DOCKER_CONFIG));
  // A choice goes before what nobody chose.
  const dockerFirst = !podman || (isSet(env.DOCKER_CONFIG) && !isSet(env.REGISTRY_AUTH_FILE));
  const ofPodman = podmanAuthFiles(options);
  const legacy: AuthFile = { file: join(home, '.dockercfg'), flavour: 'dockercfg', isExpected: false };
  return [...(dockerFirst ? [docker, ...ofPodman] : [...ofPodman, docker]), legacy];
}

/** `$DOCKER_CONFIG/config.json`, else `~/.docker/config.json`. */
function dockerConfigFile(env: NodeJS.ProcessEnv, home: string, isExpected: boolean): AuthFile {
  const folder = isSet(env.DOCKER_CONFIG) ? env.DOCKER_CONFIG : join(home, '.docker');
  return { file: join(folder, 'config.json'), flavour: 'docker', isExpected };
}

function podmanAuthFiles({ env, home, podman, uid }: AuthFilesOptions): AuthFile[] {
  if (isSet(env.REGISTRY_AUTH_FILE)) return [{ file: env.REGISTRY_AUTH_FILE, flavour: 'podman', isExpected: true }];
  const configuration = isSet(env.XDG_CONFIG_HOME) ? env.XDG_CONFIG_HOME : join(home, '.config');
  const runtime = isSet(env.XDG_RUNTIME_DIR)
    ? join(env.XDG_RUNTIME_DIR, 'containers')
    : uid === undefined
      ? undefined
      : `/run/containers/${uid}`;
  const folders = [...(runtime === undefined ? [] : [runtime]), join(configuration, 'containers')];
  return folders.map((folder, index) => ({
    file: join(folder, 'auth.json'),
    flavour: 'podman',
    // Where `podman login` writes.
    isExpected: podman && index === 0,
  }));
}

function isSet(value: string | undefined): value is string {
  return value !== undefined && value !== '';
}
