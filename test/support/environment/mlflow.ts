import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { answers, waitUntil } from './polling.js';
import { freePort } from './ports.js';
import { startProcess } from './processes.js';
import { keepBytecode } from './python.js';

export interface MlflowServer {
  /** The tracking URI, the same one for this machine and for its containers. */
  readonly uri: string;
  stop(): Promise<void>;
}

export interface MlflowOptions {
  /** The virtual environment that has MLflow. */
  readonly virtualEnvironment: string;
  /** The address to listen on; the engine's gateway address is reached from this machine and from containers alike. */
  readonly address: string;
  /** The folder in which the server gets a folder of its own. */
  readonly parent?: string;
}

export async function startMlflow({
  virtualEnvironment,
  address,
  parent = tmpdir(),
}: MlflowOptions): Promise<MlflowServer> {
  const folder = await mkdtemp(path.join(parent, 'kdeploy-mlflow-'));
  const port = await freePort(address);
  const uri = `http://${address}:${port}`;
  const server = startProcess({
    name: 'mlflow server',
    command: [
      ...[
        path.join(virtualEnvironment, 'bin', 'mlflow'),
        'server',
        '--host',
        address,
        '--port',
        String(port),
        '--workers',
        '1',
      ],
      ...[
        '--backend-store-uri',
        `sqlite:///${folder}/mlflow.db`,
        '--artifacts-destination',
        path.join(folder, 'artifacts'),
      ],
      // MLflow answers requests only under host names it knows; a proxy in front of it, as some tests have, passes on its own.
      ...['--allowed-hosts', `${address}:*,localhost:*,127.0.0.1:*`],
    ],
    // The job runner is for evaluations by language models: three more processes that no pipeline talks to.
    env: { MLFLOW_SERVER_ENABLE_JOB_EXECUTION: 'false', DO_NOT_TRACK: '1', ...keepBytecode },
    logFile: path.join(folder, 'mlflow.log'),
  });
  const stop = async (): Promise<void> => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await waitUntil(() => isMlflowAnswering(uri), {
      description: `MLflow does not answer at ${uri}`,
      seconds: 120,
      hopeless: server.exited,
    });
  } catch (error) {
    await stop();
    throw error;
  }
  return { uri, stop };
}

export function isMlflowAnswering(uri: string): Promise<boolean> {
  return answers(`${uri}/health`, 200);
}
