import { mkdir } from 'node:fs/promises';
import path from 'node:path';

import { execa } from 'execa';

import { ensureVirtualEnvironment, keepBytecode, pythonOf } from '../environment/python.js';
import type { AirflowVersions } from './standalone.js';

/** An Airflow with a database of its own and neither scheduler nor web page: `airflow dags test` runs a DAG in one process. */
export interface DagTester {
  readonly dagsFolder: string;
  /** Runs the DAG to its end, for now or for a logical date. */
  run(dagId: string, conf?: object, date?: string): Promise<TestedDag>;
}

export interface TestedDag {
  readonly exitCode: number | undefined;
  /** Everything that it printed, and so all that the tasks logged. */
  readonly log: string;
  readonly id: string;
  readonly state: string;
  /** State by task ID. */
  readonly tasks: Readonly<Record<string, string>>;
}

export interface DagTesterOptions {
  readonly versions: AirflowVersions;
  /** Where its database, logs and configuration are. */
  readonly home: string;
  readonly env: Readonly<Record<string, string>>;
  /** Default: a folder in `home`. */
  readonly dagsFolder?: string;
}

const LAST_RUN = `
import json, sqlite3, sys
tables = sqlite3.connect(sys.argv[1])
run, state = tables.execute("select run_id, state from dag_run where dag_id = ? order by id desc", sys.argv[2:]).fetchone()
tasks = dict(tables.execute("select task_id, state from task_instance where dag_id = ? and run_id = ?", (sys.argv[2], run)))
print(json.dumps({"id": run, "state": state, "tasks": tasks}))
`;

export async function createDagTester(options: DagTesterOptions): Promise<DagTester> {
  const { versions, home, env, dagsFolder = path.join(home, 'dags') } = options;
  const virtualEnvironment = await ensureVirtualEnvironment(versions);
  await mkdir(dagsFolder, { recursive: true });
  const airflow = (...args: string[]) =>
    execa(path.join(virtualEnvironment, 'bin', 'airflow'), args, {
      env: {
        ...env,
        ...keepBytecode,
        AIRFLOW_HOME: home,
        AIRFLOW__CORE__DAGS_FOLDER: dagsFolder,
        AIRFLOW__CORE__LOAD_EXAMPLES: 'False',
        NO_COLOR: '1',
      },
      extendEnv: false,
      stdin: 'ignore',
      all: true,
      reject: false,
    });
  const migrated = await airflow('db', 'migrate');
  if (migrated.failed) throw new Error(`airflow db migrate failed:\n${migrated.all}`);
  return {
    dagsFolder,
    run: async (dagId, conf = {}, date) => {
      const when = date === undefined ? [] : [date];
      const { exitCode, all } = await airflow('dags', 'test', dagId, ...when, '--conf', JSON.stringify(conf));
      const database = path.join(home, 'airflow.db');
      const { stdout } = await execa(pythonOf(virtualEnvironment), ['-c', LAST_RUN, database, dagId]);
      return { exitCode, log: all, ...(JSON.parse(stdout) as Pick<TestedDag, 'id' | 'state' | 'tasks'>) };
    },
  };
}
