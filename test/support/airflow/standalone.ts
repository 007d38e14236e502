import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { answers, waitUntil } from '../environment/polling.js';
import { freePort } from '../environment/ports.js';
import { startProcess } from '../environment/processes.js';
import { ensureVirtualEnvironment, keepBytecode } from '../environment/python.js';

export interface StandaloneAirflow {
  /** The web page, where everyone is an administrator. */
  readonly address: string;
  /** Resolves when the DAG run is over. */
  runDag(dagId: string): Promise<DagRun>;
  stop(): Promise<void>;
}

export interface DagRun {
  readonly id: string;
  readonly address: string;
  readonly state: string;
  /** State by task ID. */
  readonly tasks: Readonly<Record<string, string>>;
}

/** The newest Airflow as a person starts it to try a DAG: web page, scheduler, DAG processor and a database of its own. */
export async function startStandaloneAirflow(
  dagsFolder: string,
  env: Readonly<Record<string, string>>,
): Promise<StandaloneAirflow> {
  const virtualEnvironment = await ensureVirtualEnvironment('airflow3');
  const folder = await mkdtemp(path.join(tmpdir(), 'kdeploy-airflow-'));
  const address = `http://127.0.0.1:${await freePort('127.0.0.1')}`;
  const bin = path.join(virtualEnvironment, 'bin');
  const server = startProcess({
    name: 'airflow standalone',
    command: [path.join(bin, 'airflow'), 'standalone'],
    env: {
      ...env,
      ...keepBytecode,
      // It starts its parts by the name `airflow`.
      PATH: [bin, env.PATH ?? ''].join(path.delimiter),
      AIRFLOW_HOME: folder,
      AIRFLOW__API__BASE_URL: address,
      AIRFLOW__API__HOST: '127.0.0.1',
      AIRFLOW__API__PORT: new URL(address).port,
      AIRFLOW__API__WORKERS: '1',
      AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION: 'False',
      AIRFLOW__CORE__DAGS_FOLDER: dagsFolder,
      AIRFLOW__CORE__EXECUTION_API_SERVER_URL: `${address}/execution/`,
      AIRFLOW__CORE__LOAD_EXAMPLES: 'False',
      AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS: 'True',
    },
    logFile: path.join(folder, 'airflow.log'),
  });
  const stop = async (): Promise<void> => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  };
  const wait = (description: string, seconds: number, probe: () => Promise<boolean>): Promise<void> =>
    waitUntil(probe, { description, seconds, hopeless: server.exited });
  try {
    await wait(`Airflow does not answer at ${address}`, 120, () => answers(`${address}/api/v2/monitor/health`, 200));
  } catch (error) {
    await stop();
    throw error;
  }
  return { address, stop, runDag: (dagId) => runDag(address, dagId, wait) };
}

async function runDag(
  address: string,
  dagId: string,
  wait: (description: string, seconds: number, probe: () => Promise<boolean>) => Promise<void>,
): Promise<DagRun> {
  const { access_token: token } = (await (await fetch(`${address}/auth/token`)).json()) as { access_token: string };
  const ask = async (where: string, body?: object): Promise<Response> =>
    fetch(`${address}/api/v2/dags/${dagId}${where}`, {
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
    });
  await wait(`Airflow does not know the DAG ${dagId}`, 120, async () => (await ask('')).ok);
  const started = await ask('/dagRuns', { logical_date: null });
  if (!started.ok) throw new Error(`Airflow answered ${started.status}: ${await started.text()}`);
  const { dag_run_id: id } = (await started.json()) as { dag_run_id: string };
  const run = `/dagRuns/${encodeURIComponent(id)}`;
  let state = '';
  await wait(`the DAG run ${id} is not over`, 600, async () => {
    ({ state } = (await (await ask(run)).json()) as { state: string });
    return state === 'success' || state === 'failed';
  });
  const { task_instances: instances } = (await (await ask(`${run}/taskInstances?order_by=start_date`)).json()) as {
    task_instances: readonly { task_id: string; state: string }[];
  };
  return {
    id,
    address: `${address}/dags/${dagId}/runs/${encodeURIComponent(id)}`,
    state,
    tasks: Object.fromEntries(instances.map((instance) => [instance.task_id, instance.state])),
  };
}
