import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { environment } from '../environment/mocha.js';
import { commitAll } from '../environment/project.js';
import type { Workspace } from '../workspace.js';

/** What templates, the command line or a guess at types would change. */
export const CONF = {
  n: 3,
  on: true,
  ids: [1, 2],
  url: 'http://h:1/a?b=c,d',
  code: '007',
  none: null,
  script: 'conf/setup.sh',
  template: 'a={{not jinja',
};

/** Names of Airflow Variables that nobody would take for a secret; their values are. */
export const WAREHOUSE_VARIABLE = 'warehouse_login';

/**
 * Three nodes, a container each, which do what `dag_run.conf` tells them: the second one fails, fails once, waits for a file, or
 * sleeps. The last one writes what it was given to `data/received.json`.
 */
const NODES = `
import json
import os
import time
from pathlib import Path

import mlflow
from kedro.pipeline import Pipeline, node

DATA = Path("data")


def prepare(parameters):
    mlflow.log_metric("prepared", 1)
    return {"rows": 3}


def train(table, parameters):
    mode = parameters.get("mode", "succeed")
    tries = DATA / ("tries-" + os.environ.get("KDEPLOY_RUN_KEY", "untracked").replace("/", "_"))
    tried = int(tries.read_text()) if tries.exists() else 0
    tries.write_text(str(tried + 1))
    mlflow.log_param("seed", tried + 1)
    if mode == "fail" or (mode == "once" and tried == 0) or (mode == "gated" and not (DATA / "open").exists()):
        raise ValueError(f"told to fail: {mode}")
    if mode == "sleep":
        time.sleep(600)
    mlflow.log_metric("trained", table["rows"])
    return {"model": 1}


def report(model, parameters):
    kept = {"parameters": parameters, "environment": {name: os.environ.get(name) for name in ("APP_CONFIG", "TEMPLATE")}}
    (DATA / "received.json").write_text(json.dumps(kept))
    mlflow.log_metric("reported", model["model"])


def register_pipelines():
    return {
        "__default__": Pipeline([
            node(prepare, "parameters", "table", name="prepare"),
            node(train, ["table", "parameters"], "model", name="train"),
            node(report, ["model", "parameters"], None, name="report"),
        ])
    }
`;

const CATALOG = `
table:
  type: json.JSONDataset
  filepath: data/table.json

model:
  type: json.JSONDataset
  filepath: data/model.json
`;

export interface TrackedProject {
  readonly folder: string;
  /** `name:tag`, pushed. */
  readonly image: string;
  /** What all tasks see. */
  readonly data: string;
  /** The folder with the DAGs. */
  readonly dags: string;
  /** Writes the DAG `id` with these lines below `run_config:`, as `kdeploy dag` does. */
  writeDag(id: string, runConfig?: readonly string[]): Promise<void>;
  /** Builds the same project without tracking, pushes it, and writes the DAG `id` of that image. */
  writeUntrackedDag(id: string): Promise<void>;
}

/** A project whose image was baked to log in with `Vars`, and is in the registry. */
export async function trackedProject(
  workspace: Workspace,
  { name, trackingUri, experiment, login }: TrackedProjectOptions,
): Promise<TrackedProject> {
  const folder = await workspace.project(name, { experiment, trackingUri });
  const image = `${workspace.prefix}/${name}`;
  const write = async (file: string, content: string): Promise<void> => {
    await mkdir(path.dirname(path.join(folder, file)), { recursive: true });
    await writeFile(path.join(folder, file), content);
  };
  const configure = (id: string, runConfig: readonly string[], isTracked = true): Promise<void> =>
    write(
      'conf/base/kdeploy.yml',
      [
        ...(isTracked ? [] : ['mlflow:', '  enabled: false']),
        ...['dag:', '  target: docker', `  id: ${id}`],
        ...[
          'run_config:',
          '  authentication: { type: Vars, params: [MLFLOW_TRACKING_USERNAME, MLFLOW_TRACKING_PASSWORD] }',
          '  docker:',
          '    network_mode: host',
        ],
        `    mounts: ["${folder}/data:/home/kedro_docker/data"]`,
        ...runConfig.map((line) => `  ${line}`),
        '',
      ].join('\n'),
    );
  await configure('first', []);
  await rm(path.join(folder, 'src/spaceflights/pipelines'), { recursive: true });
  await write('src/spaceflights/pipeline_registry.py', NODES);
  await write('conf/base/catalog.yml', CATALOG);
  await write('conf/base/parameters_data_science.yml', '{}\n');
  await commitAll(folder, 'Do as told');
  const kdeploy = async (...args: string[]): Promise<void> => {
    const { exitCode, stderr } = await workspace.kdeploy(args, { cwd: folder, env: login });
    if (exitCode !== 0) throw new Error(`kdeploy ${args.join(' ')} failed:\n${stderr}`);
  };
  const build = (tag: string): Promise<void> => {
    const how = ['--builder', 'engine', '--base-image', environment().baseImage];
    return kdeploy('build', ...how, '--image', image, '--tag', tag, '--push');
  };
  await build('v1');
  return {
    folder,
    image: `${image}:v1`,
    data: path.join(folder, 'data'),
    dags: path.join(folder, 'dags'),
    writeDag: async (id, runConfig = []) => {
      await configure(id, runConfig);
      await kdeploy('dag', `${image}:v1`);
    },
    writeUntrackedDag: async (id) => {
      // kedro-mlflow has no server there, and MLflow 3 wants to be asked before it writes to a folder.
      await configure(id, ['env_vars: { MLFLOW_ALLOW_FILE_STORE: "true" }'], false);
      await build('untracked');
      await kdeploy('dag', `${image}:untracked`);
    },
  };
}

export interface TrackedProjectOptions {
  readonly name: string;
  readonly trackingUri: string;
  readonly experiment: string;
  /** What `Vars` needs to log in, for the self-test. */
  readonly login: Readonly<Record<string, string>>;
}
