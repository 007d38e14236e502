import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { answers, waitUntil } from '../environment/polling.js';
import { freePort } from '../environment/ports.js';
import { startProcess } from '../environment/processes.js';
import { ensureVirtualEnvironment, keepBytecode } from '../environment/python.js';

export type AirflowVersions = 'airflow2' | 'airflow3';

/** An Airflow as a person starts it to try a DAG: web page, scheduler and a database of its own. */
export interface StandaloneAirflow {
  /** The web page; in Airflow 3 everyone is an administrator there. */
  readonly address: string;
  /** Its database, logs and configuration. */
  readonly home: string;
  /** Starts a DAG run without a logical date, as far as there is such a thing; resolves with its ID once Airflow knows the DAG. */
  trigger(dagId: string, conf?: object): Promise<string>;
  /** Resolves when the DAG run is over. */
  ended(dagId: string, run: string): Promise<DagRun>;
  /** Resolves when the task is in that state. */
  reached(dagId: string, run: string, task: string, state: string): Promise<void>;
  /** Clears one task, and nothing behind it. */
  clear(dagId: string, run: string, tasks: readonly string[]): Promise<void>;
  markFailed(dagId: string, run: string): Promise<void>;
  /** The process of Airflow that starts the task's container, and waits for it. */
  processOf(dagId: string, run: string, task: string): Promise<number>;
  /** Says that the asset was updated; resolves with the ID of the DAG run that this starts. */
  updateAsset(uri: string, waitingDagId: string): Promise<string>;
  /** What the page shows of a DAG run's tasks: states, rendered fields and XComs, as JSON. */
  shown(dagId: string, run: string): Promise<string>;
  stop(): Promise<void>;
}

export interface DagRun {
  /** Its page. */
  readonly address: string;
  readonly state: string;
  /** State by task ID. */
  readonly tasks: Readonly<Record<string, string | null>>;
}

export async function startStandaloneAirflow(
  dagsFolder: string,
  env: Readonly<Record<string, string>>,
  versions: AirflowVersions = 'airflow3',
): Promise<StandaloneAirflow> {
  const virtualEnvironment = await ensureVirtualEnvironment(versions);
  const home = await mkdtemp(path.join(tmpdir(), 'kdeploy-airflow-'));
  const port = String(await freePort('127.0.0.1'));
  const address = `http://127.0.0.1:${port}`;
  const bin = path.join(virtualEnvironment, 'bin');
  const server = startProcess({
    name: 'airflow standalone',
    command: [path.join(bin, 'airflow'), 'standalone'],
    env: {
      ...env,
      ...keepBytecode,
      // It starts its parts by the name `airflow`.
      PATH: [bin, env.PATH ?? ''].join(path.delimiter),
      AIRFLOW_HOME: home,
      AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION: 'False',
      AIRFLOW__CORE__DAGS_FOLDER: dagsFolder,
      AIRFLOW__CORE__LOAD_EXAMPLES: 'False',
      ...(versions === 'airflow3' ? settingsOf3(address, port) : settingsOf2(address, port)),
    },
    logFile: path.join(home, 'airflow.log'),
  });
  const stop = async (): Promise<void> => {
    await server.stop();
    await rm(home, { recursive: true, force: true });
  };
  const wait = (description: string, seconds: number, probe: () => Promise<boolean>): Promise<void> =>
    waitUntil(probe, { description, seconds, hopeless: server.exited });
  try {
    const health = versions === 'airflow3' ? '/api/v2/monitor/health' : '/health';
    await wait(`Airflow does not answer at ${address}`, 240, () => answers(address + health, 200));
    return {
      address,
      home,
      stop,
      ...operations(address, versions, await authorization(address, home, versions), wait),
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function settingsOf3(address: string, port: string): Record<string, string> {
  return {
    AIRFLOW__API__BASE_URL: address,
    AIRFLOW__API__HOST: '127.0.0.1',
    AIRFLOW__API__PORT: port,
    AIRFLOW__API__WORKERS: '1',
    AIRFLOW__CORE__EXECUTION_API_SERVER_URL: `${address}/execution/`,
    AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS: 'True',
  };
}

function settingsOf2(address: string, port: string): Record<string, string> {
  return {
    AIRFLOW__API__AUTH_BACKENDS: 'airflow.api.auth.backend.basic_auth',
    AIRFLOW__WEBSERVER__BASE_URL: address,
    AIRFLOW__WEBSERVER__WEB_SERVER_HOST: '127.0.0.1',
    AIRFLOW__WEBSERVER__WEB_SERVER_PORT: port,
    AIRFLOW__WEBSERVER__WORKERS: '1',
  };
}

type Wait = (description: string, seconds: number, probe: () => Promise<boolean>) => Promise<void>;

async function authorization(address: string, home: string, versions: AirflowVersions): Promise<string> {
  if (versions === 'airflow2') {
    const password = await readFile(path.join(home, 'standalone_admin_password.txt'), 'utf8');
    return `Basic ${Buffer.from(`admin:${password.trim()}`).toString('base64')}`;
  }
  const { access_token: token } = (await (await fetch(`${address}/auth/token`)).json()) as { access_token: string };
  return `Bearer ${token}`;
}

function operations(
  address: string,
  versions: AirflowVersions,
  authorized: string,
  wait: Wait,
): Omit<StandaloneAirflow, 'address' | 'home' | 'stop'> {
  const api = `${address}/api/${versions === 'airflow3' ? 'v2' : 'v1'}/dags`;
  const headers = { 'content-type': 'application/json', authorization: authorized };
  const send = async <Answer>(where: string, method = 'GET', body?: object): Promise<Answer> => {
    const answer = await fetch(`${api}/${where}`, {
      headers,
      method,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`Airflow answered ${answer.status} to ${where}: ${await answer.text()}`);
    return (await answer.json()) as Answer;
  };
  const known = (dagId: string): Promise<void> =>
    wait(`Airflow does not know the DAG ${dagId}`, 180, () => send<object>(dagId).then(() => true));
  const pathOf = (dagId: string, run: string): string => `${dagId}/dagRuns/${encodeURIComponent(run)}`;
  const tasksOf = async (dagId: string, run: string): Promise<DagRun['tasks']> => {
    const { task_instances: instances } = await send<{
      task_instances: readonly { task_id: string; state: string | null }[];
    }>(`${pathOf(dagId, run)}/taskInstances`);
    return Object.fromEntries(instances.map(({ task_id: id, state }) => [id, state]));
  };
  return {
    trigger: async (dagId, conf = {}) => {
      await known(dagId);
      const body = versions === 'airflow3' ? { conf, logical_date: null } : { conf };
      return (await send<{ dag_run_id: string }>(`${dagId}/dagRuns`, 'POST', body)).dag_run_id;
    },
    ended: async (dagId, run) => {
      let state = '';
      await wait(`the DAG run ${run} is not over`, 900, async () => {
        ({ state } = await send<{ state: string }>(pathOf(dagId, run)));
        return state === 'success' || state === 'failed';
      });
      const page = `${address}/dags/${dagId}/runs/${encodeURIComponent(run)}`;
      return { address: page, state, tasks: await tasksOf(dagId, run) };
    },
    reached: (dagId, run, task, state) =>
      wait(`the task ${task} is not ${state}`, 600, async () => (await tasksOf(dagId, run))[task] === state),
    clear: async (dagId, run, tasks) => {
      await send(`${dagId}/clearTaskInstances`, 'POST', {
        ...{ dag_run_id: run, task_ids: tasks, dry_run: false, reset_dag_runs: true },
        ...{ only_failed: false, include_downstream: false, include_upstream: false },
      });
    },
    markFailed: async (dagId, run) => {
      await send(pathOf(dagId, run), 'PATCH', { state: 'failed' });
    },
    processOf: async (dagId, run, task) =>
      (await send<{ pid: number }>(`${pathOf(dagId, run)}/taskInstances/${task}`)).pid,
    updateAsset: async (uri, dagId) => {
      await known(dagId);
      if (versions === 'airflow2') await send('../datasets/events', 'POST', { dataset_uri: uri });
      else {
        const { assets } = await send<{ assets: readonly { id: number; uri: string }[] }>('../assets');
        await send('../assets/events', 'POST', { asset_id: assets.find((asset) => asset.uri === uri)?.id });
      }
      let run: string | undefined;
      await wait(`the asset ${uri} does not start ${dagId}`, 180, async () => {
        const { dag_runs: runs } = await send<{ dag_runs: readonly { dag_run_id: string }[] }>(`${dagId}/dagRuns`);
        run = runs[0]?.dag_run_id;
        return run !== undefined;
      });
      return run!;
    },
    shown: async (dagId, run) => {
      const instances = await send<{ task_instances: readonly { task_id: string }[] }>(
        `${pathOf(dagId, run)}/taskInstances`,
      );
      const xcoms = instances.task_instances.map(({ task_id: id }) =>
        send<object>(`${pathOf(dagId, run)}/taskInstances/${id}/xcomEntries`),
      );
      return JSON.stringify([instances, await Promise.all(xcoms)]);
    },
  };
}
