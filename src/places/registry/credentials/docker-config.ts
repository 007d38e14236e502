import { sep } from 'node:path';
import { messageOf, systemCodeOf } from '../../../errors.js';
import { canonicalRegistry, DOCKER_HUB } from '../../../image/reference.js';
import { readPlainFile } from '../../../plain-file.js';
import type { Flavour } from './auth-files.js';

/** What Docker's config.json contains about credentials (docker/cli, cli/config/configfile). */
export interface DockerConfig {
  /** Where it was read, for messages: `~/.docker/config.json`. */
  readonly place: string;
  readonly flavour: Flavour;
  readonly auths: ReadonlyMap<string, unknown>;
  readonly credHelpers: ReadonlyMap<string, string>;
  readonly credsStore: string | undefined;
}

export type DockerConfigReading =
  | { readonly kind: 'config'; readonly config: DockerConfig }
  | { readonly kind: 'absent'; readonly place: string }
  | { readonly kind: 'broken'; readonly place: string; readonly reason: string };

/** Docker Hub's key in config files and towards credential helpers: its login address of old. */
export const DOCKER_HUB_SERVER = 'https://index.docker.io/v1/';

/** The registry of `quay.io/team/app`, and of `quay.io`. */
export function registryOf(name: string): string {
  return name.split('/', 1)[0] ?? '';
}

/** What a registry is called in `auths`, in `credHelpers`, to a helper and to the engine. */
export function serverAddressOf(registry: string): string {
  return registry === DOCKER_HUB ? DOCKER_HUB_SERVER : registry;
}

export async function readDockerConfig(
  file: string,
  home: string,
  flavour: Flavour = 'docker',
): Promise<DockerConfigReading> {
  const place = file.startsWith(home + sep) ? `~${file.slice(home.length)}` : file;
  let text: string;
  try {
    text = (await readPlainFile(file)).toString('utf8');
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
  const { auths, credHelpers, credsStore } = flavour === 'dockercfg' ? { auths: value } : value;
  return {
    kind: 'config',
    config: {
      place,
      flavour,
      auths: new Map(Object.entries(isObject(auths) ? auths : {})),
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
 * The entries for a repository (`quay.io/team/app`) or a registry (`quay.io`), the most specific first, then the exact
 * key before older spellings. Compared in whole parts: `registry.example.co` must not get what is meant for
 * `registry.example.com`, nor `quay.io/team` what is meant for `quay.io/te`.
 */
export function entriesFor<Value>(entries: ReadonlyMap<string, Value>, name: string, flavour: Flavour): Value[] {
  const [registry = '', ...path] = name.split('/');
  const rankOf = (key: string): number | undefined => {
    const scope = scopeOf(key);
    if (scope.registry !== registry) return undefined;
    if (scope.path.length > 0 && scope.path.every((part, index) => path[index] === part)) return 3 + scope.path.length;
    // Docker looks at no path.
    if (scope.path.length > 0) return flavour === 'podman' ? undefined : 0;
    if (key === serverAddressOf(registry)) return 3;
    return key === registry ? 2 : 1;
  };
  return [...entries]
    .flatMap(([key, value]) => {
      const rank = rankOf(key);
      return rank === undefined ? [] : [{ rank, value }];
    })
    .sort((one, other) => other.rank - one.rank)
    .map(({ value }) => value);
}

/** What a key is for. Addresses (`https://host/v1/`), and hosts with an API's version, are for the whole registry. */
function scopeOf(key: string): { registry: string; path: readonly string[] } {
  const rest = key.replace(/^https?:\/\//i, '');
  const [host = '', ...path] = rest.replace(/\/+$/, '').split('/');
  const isWhole = rest !== key || (path.length === 1 && /^v[12]$/.test(path[0] ?? ''));
  return { registry: canonicalRegistry(host), path: isWhole ? [] : path };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
