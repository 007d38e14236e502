import { readFile } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { messageOf, systemCodeOf } from '../../errors.js';
import { canonicalRegistry, DOCKER_HUB } from '../../image/reference.js';

/** What Docker's config.json contains about credentials (docker/cli, cli/config/configfile). */
export interface DockerConfig {
  /** Where it was read, for messages: `~/.docker/config.json`. */
  readonly place: string;
  readonly auths: ReadonlyMap<string, unknown>;
  readonly credHelpers: ReadonlyMap<string, string>;
  readonly credsStore: string | undefined;
}

export type DockerConfigReading =
  | { readonly kind: 'config'; readonly config: DockerConfig }
  | { readonly kind: 'absent'; readonly place: string }
  | { readonly kind: 'broken'; readonly place: string; readonly reason: string };

/**
 * Docker reads every key by its host. Podman also has keys for one repository (`quay.io/team`), which are not for the
 * rest of the host; those are left out.
 */
export type Flavour = 'docker' | 'podman';

/** Docker Hub's key in config files and towards credential helpers: its login address of old. */
export const DOCKER_HUB_SERVER = 'https://index.docker.io/v1/';

/** What a registry is called in `auths`, in `credHelpers`, to a helper and to the engine. */
export function serverAddressOf(registry: string): string {
  return registry === DOCKER_HUB ? DOCKER_HUB_SERVER : registry;
}

/** `$DOCKER_CONFIG/config.json`, else `~/.docker/config.json`. */
export function dockerConfigFile(env: NodeJS.ProcessEnv, home: string): string {
  const folder = env.DOCKER_CONFIG;
  return join(folder === undefined || folder === '' ? join(home, '.docker') : folder, 'config.json');
}

/**
 * Podman's, Buildah's and Skopeo's file, in the same format (containers-auth.json(5)); `undefined` where the session
 * has none.
 */
export function podmanAuthFile(env: NodeJS.ProcessEnv): string | undefined {
  const explicit = env.REGISTRY_AUTH_FILE;
  if (explicit !== undefined && explicit !== '') return explicit;
  const runtime = env.XDG_RUNTIME_DIR;
  return runtime === undefined || runtime === '' ? undefined : join(runtime, 'containers', 'auth.json');
}

export async function readDockerConfig(
  file: string,
  home: string,
  flavour: Flavour = 'docker',
): Promise<DockerConfigReading> {
  const place = file.startsWith(home + sep) ? `~${file.slice(home.length)}` : file;
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    const code = systemCodeOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return { kind: 'absent', place };
    return { kind: 'broken', place, reason: `it cannot be read (${code ?? messageOf(error)})` };
  }
  return parseDockerConfig(text, place, flavour);
}

export function parseDockerConfig(text: string, place: string, flavour: Flavour = 'docker'): DockerConfigReading {
  let value: unknown;
  try {
    // An empty file is a configuration that says nothing, to Docker as well.
    value = text.trim() === '' ? {} : JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    // Never the parser's words: they quote the file, and so the password next to the mistake.
    const position = /at position (\d+)/.exec(messageOf(error))?.[1];
    const line = position === undefined ? undefined : text.slice(0, Number(position)).split('\n').length;
    return { kind: 'broken', place, reason: `it is not valid JSON${line === undefined ? '' : ` (line ${line})`}` };
  }
  if (!isObject(value)) return { kind: 'broken', place, reason: 'it is not a JSON object' };
  const { auths, credHelpers, credsStore } = value;
  return {
    kind: 'config',
    config: {
      place,
      auths: new Map(
        Object.entries(isObject(auths) ? auths : {}).filter(([key]) => flavour === 'docker' || isHostKey(key)),
      ),
      credHelpers: new Map(
        isObject(credHelpers)
          ? Object.entries(credHelpers).filter((entry): entry is [string, string] => typeof entry[1] === 'string')
          : [],
      ),
      credsStore: typeof credsStore === 'string' && credsStore !== '' ? credsStore : undefined,
    },
  };
}

/**
 * A registry's entry. The exact key goes first, then older spellings, `https://host` and `host/v1/`, compared by their
 * host as Docker does (docker/cli, ConvertToHostname). Always whole, never as a part: `registry.example.co` must not
 * get what is meant for `registry.example.com`.
 */
export function entryFor<Value>(entries: ReadonlyMap<string, Value>, registry: string): Value | undefined {
  const exact = entries.get(serverAddressOf(registry)) ?? entries.get(registry);
  if (exact !== undefined) return exact;
  for (const [key, value] of entries) if (hostOfKey(key) === registry) return value;
  return undefined;
}

function hostOfKey(key: string): string {
  const rest = key.replace(/^https?:\/\//i, '');
  const slash = rest.indexOf('/');
  return canonicalRegistry(slash === -1 ? rest : rest.slice(0, slash));
}

function isHostKey(key: string): boolean {
  return /^(?:https?:\/\/)?[^/]+(?:\/v[12])?\/?$/.test(key);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
