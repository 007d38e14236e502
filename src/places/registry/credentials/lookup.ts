import { homedir } from 'node:os';
import { authsSource } from './auths.js';
import type { CredentialLookup, CredentialSource } from './credentials.js';
import { authFiles } from './auth-files.js';
import { parseDockerConfig, readDockerConfig, registryOf, type DockerConfigReading } from './docker-config.js';
import { googleAccessToken, googleSource, isGoogleRegistry, type GoogleTokenSource } from './google.js';
import { credHelpersSource, credsStoreSource } from './helpers.js';
import type { HelperOptions } from './helper-process.js';

export interface LookupOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly home?: string;
  /** Whether Podman pushes: its own files then go before Docker's. */
  readonly podman?: boolean;
  /** Gives an access token for Google's registries; by default google-auth-library's. */
  readonly googleToken?: GoogleTokenSource;
  /** For a credential helper or Google to answer; a keychain may be asking its user, a helper may be logging in. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
}

/** Docker itself waits for ever; some helpers take half a minute. */
const TIMEOUT_MS = 120_000;

/**
 * Who am I to this registry, or to this repository (`quay.io/team/app`)? The first answer wins:
 *
 * 1. `DOCKER_AUTH_CONFIG`, a configuration in a variable (Docker 28, GitLab CI)
 * 2. Docker's and Podman's files, those of the engine that pushes first: `credHelpers`, then `credsStore`, then `auths`
 * 3. Google's Application Default Credentials, for Google's registries
 *
 * Unlike Docker, which stops at a helper that has nothing, this goes on: credentials that `docker push` would not find
 * are better than none. Never throws; why a responsible source could not answer is in `failures`.
 */
export async function lookupCredentials(name: string, options: LookupOptions = {}): Promise<CredentialLookup> {
  const { env = process.env, home = homedir(), podman = false, timeoutMs = TIMEOUT_MS, signal } = options;
  const helperOptions: HelperOptions = { env, timeoutMs, signal };
  const registry = registryOf(name);
  const failures: { source: string; reason: string }[] = [];
  const looked: string[] = [];

  for await (const { place, sources } of places()) {
    looked.push(place);
    for (const source of sources) {
      const answer = await source.ask(name);
      if (answer === undefined) continue;
      if ('credentials' in answer) return { registry, ...answer, failures, looked };
      failures.push({ source: answer.source, reason: answer.failure });
    }
  }
  return { registry, failures, looked };

  /** Lazily, so that no file is read and no helper started after the first answer. */
  async function* places(): AsyncGenerator<{ place: string; sources: CredentialSource[] }> {
    const inline = env.DOCKER_AUTH_CONFIG;
    if (inline !== undefined && inline !== '') yield fromConfig(parseDockerConfig(inline, 'DOCKER_AUTH_CONFIG'));
    const uid = process.platform === 'linux' ? process.getuid?.() : undefined;
    for (const { file, flavour, isExpected } of authFiles({ env, home, podman, uid })) {
      const reading = await readDockerConfig(file, home, flavour);
      if (reading.kind !== 'absent' || isExpected) yield fromConfig(reading);
    }
    if (isGoogleRegistry(registry)) {
      const token = options.googleToken ?? googleAccessToken(env);
      yield { place: 'Google Application Default Credentials', sources: [googleSource(token, timeoutMs)] };
    }
  }

  function fromConfig(reading: DockerConfigReading): { place: string; sources: CredentialSource[] } {
    if (reading.kind === 'absent') return { place: `${reading.place} (no such file)`, sources: [] };
    if (reading.kind === 'broken') {
      failures.push({ source: reading.place, reason: reading.reason });
      return { place: reading.place, sources: [] };
    }
    const { config } = reading;
    return {
      place: config.place,
      sources: [credHelpersSource(config, helperOptions), credsStoreSource(config, helperOptions), authsSource(config)],
    };
  }
}
