import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import type { Environment } from './environment/environment.js';

/** What came to one of the guards: `GET /api/2.0/mlflow/…`. */
export interface Seen {
  readonly calls: readonly string[];
  /** Those without the right credential. */
  readonly refused: readonly string[];
  /** How many different ones were right. */
  readonly credentials: number;
}

/** The environment's MLflow behind two guards, which host and containers reach alike, and an issuer of Google's ID tokens. */
export interface GuardedMlflow {
  /** Wants an ID token for the audience, signed, and not a second too old. */
  readonly byToken: string;
  /** Wants the user name and the password. */
  readonly byPassword: string;
  /** Where a container can read `seen`, too, as JSON. */
  readonly watch: string;
  seen(guard: 'token' | 'password'): Promise<Seen>;
  stop(): Promise<void>;
}

export interface GuardOptions {
  readonly audience: string;
  /** Seconds that each token lives. */
  readonly lifetime: number;
  readonly username: string;
  readonly password: string;
  /** Where a service account's key is written. */
  readonly keyFile: string;
}

const script = fileURLToPath(new URL('../runtime/guarded_mlflow.py', import.meta.url));

export async function guardMlflow(
  { python, gateway, mlflowUri, env }: Environment,
  { keyFile, ...options }: GuardOptions,
): Promise<GuardedMlflow> {
  const given = JSON.stringify({ ...options, key_file: keyFile, address: gateway, mlflow: mlflowUri });
  const child = spawn(python, [script, given], { env, stdio: ['pipe', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const ended = exited.then(([code]) => {
    throw new Error(`the guards of MLflow ended with exit code ${String(code)}`);
  });
  const firstLine = once(createInterface(child.stdout), 'line') as Promise<[string]>;
  const [line] = await Promise.race([firstLine, ended]);
  ended.catch(() => undefined);
  const addresses = JSON.parse(line) as Pick<GuardedMlflow, 'byToken' | 'byPassword' | 'watch'>;
  return {
    ...addresses,
    seen: async (guard) => ((await (await fetch(addresses.watch)).json()) as Record<typeof guard, Seen>)[guard],
    stop: async () => {
      child.stdin.end();
      await exited;
    },
  };
}
