import { mkdtemp, mkdir } from 'node:fs/promises';
import path from 'node:path';

import { execa } from 'execa';

import { ensureVirtualEnvironment, keepBytecode } from '../environment/python.js';

export interface TestedDag {
  readonly exitCode: number | undefined;
  /** Everything that the tasks logged. */
  readonly log: string;
}

export interface DagTester {
  readonly dagsFolder: string;
  /** Runs the DAG with these parameters to its end, with no scheduler and no web page. */
  test(dagId: string, conf: Readonly<Record<string, unknown>>): Promise<TestedDag>;
}

/** `airflow dags test` with a database of its own in `parent`. */
export async function createDagTester(
  versions: 'airflow2' | 'airflow3',
  parent: string,
  variables: Readonly<Record<string, string>>,
): Promise<DagTester> {
  const virtualEnvironment = await ensureVirtualEnvironment(versions);
  const home = await mkdtemp(path.join(parent, `${versions}-`));
  const dagsFolder = path.join(home, 'dags');
  await mkdir(dagsFolder);
  const airflow = (...args: string[]) =>
    execa(path.join(virtualEnvironment, 'bin', 'airflow'), args, {
      env: {
        ...variables,
        ...keepBytecode,
        AIRFLOW_HOME: home,
        AIRFLOW__CORE__DAGS_FOLDER: dagsFolder,
        AIRFLOW__CORE__LOAD_EXAMPLES: 'False',
      },
      stdin: 'ignore',
      all: true,
      reject: false,
    });
  const migrated = await airflow('db', 'migrate');
  if (migrated.failed) throw new Error(`airflow db migrate failed:\n${migrated.all}`);
  return {
    dagsFolder,
    test: async (dagId, conf) => {
      const { exitCode, all } = await airflow('dags', 'test', '--conf', JSON.stringify(conf), dagId);
      return { exitCode, log: all };
    },
  };
}
