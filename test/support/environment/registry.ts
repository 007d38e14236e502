import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { requireCommand, run } from './commands.js';
import { answers, waitUntil } from './polling.js';
import { freePort } from './ports.js';
import { startProcess } from './processes.js';

export interface Registry {
  /** As it stands at the front of an image's name: `127.0.0.1:41234`. */
  readonly address: string;
  stop(): Promise<void>;
}

export interface RegistryOptions {
  /** The one user whom the registry lets in; without, it lets in everybody. */
  readonly credentials?: { readonly username: string; readonly password: string };
  /** Whose tokens it wants to see instead. */
  readonly tokens?: TokenIssuer;
  /** The folder in which the registry gets a folder of its own. */
  readonly parent?: string;
  /** A newer one than Debian's, which is of 2.8; both read the same configuration. */
  readonly program?: string;
}

/** A registry's side of token authentication (distribution, docs/spec/auth/token). */
export interface TokenIssuer {
  /** Where clients get tokens. */
  readonly realm: string;
  /** For whom the tokens are. */
  readonly service: string;
  readonly issuer: string;
  /** The file with the certificate whose key signs the tokens. */
  readonly certificate: string;
}

/** Distribution, the reference registry, on this machine only: engines accept plain HTTP there. */
export async function startRegistry({
  credentials,
  tokens,
  parent = tmpdir(),
  program = requireCommand('docker-registry'),
}: RegistryOptions = {}): Promise<Registry> {
  const folder = await mkdtemp(path.join(parent, 'kdeploy-registry-'));
  const address = `127.0.0.1:${await freePort('127.0.0.1')}`;
  const passwords = path.join(folder, 'htpasswd');
  if (credentials !== undefined) await writeFile(passwords, await passwordLine(credentials));
  const configuration = {
    version: 0.1,
    log: { level: 'warn' },
    storage: { filesystem: { rootdirectory: path.join(folder, 'storage') }, delete: { enabled: true } },
    http: { addr: address },
    ...(credentials === undefined ? {} : { auth: { htpasswd: { realm: 'kdeploy-test', path: passwords } } }),
    ...(tokens === undefined ? {} : { auth: { token: tokenConfiguration(tokens) } }),
  };
  const configurationFile = path.join(folder, 'configuration.yml');
  // JSON is YAML, which is what the registry reads.
  await writeFile(configurationFile, JSON.stringify(configuration));
  const server = startProcess({
    name: path.basename(program),
    command: [program, 'serve', configurationFile],
    logFile: path.join(folder, 'registry.log'),
    env: { OTEL_TRACES_EXPORTER: 'none' },
  });
  const stop = async (): Promise<void> => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await waitUntil(() => isRegistryAnswering(address), {
      description: 'the registry does not answer',
      seconds: 30,
      hopeless: server.exited,
    });
  } catch (error) {
    await stop();
    throw error;
  }
  return { address, stop };
}

function tokenConfiguration({ realm, service, issuer, certificate }: TokenIssuer): object {
  return { realm, service, issuer, rootcertbundle: certificate };
}

/** 401 is an answer too: it asks for credentials. */
export function isRegistryAnswering(address: string): Promise<boolean> {
  return answers(`http://${address}/v2/`, 200, 401);
}

/**
 * A line of an htpasswd file. The registry accepts bcrypt only, which Node lacks; perl, a part of every Debian, has it from the
 * system's crypt(3). The password goes in through stdin, since command lines can be read by every user.
 */
async function passwordLine({ username, password }: { username: string; password: string }): Promise<string> {
  const salt = `$2b$05$${randomBytes(11).toString('hex')}`;
  const hash = await run(['perl', '-e', 'print crypt(do { local $/; <STDIN> }, $ARGV[0])', salt], {
    stdin: 'pipe',
    input: password,
  });
  return `${username}:${hash}\n`;
}
