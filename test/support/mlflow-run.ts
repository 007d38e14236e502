/** What MLflow recorded, asked over its REST API (mlflow: protos/service.proto). */
export interface RecordedRun {
  readonly status: string;
  readonly experiment: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly metrics: Readonly<Record<string, number>>;
  readonly tags: Readonly<Record<string, string>>;
}

interface Pair<Value> {
  readonly key: string;
  readonly value: Value;
}

interface RunAnswer {
  readonly run: {
    readonly info: { readonly status: string; readonly experiment_id: string };
    readonly data: {
      readonly params?: readonly Pair<string>[];
      readonly metrics?: readonly Pair<number>[];
      readonly tags?: readonly Pair<string>[];
    };
  };
}

/** Reads a run by its ID, or by its address in MLflow's user interface. */
export async function readRun(server: string, run: string): Promise<RecordedRun> {
  const id = /[0-9a-f]{32}$/.exec(run)?.[0];
  if (id === undefined) throw new Error(`no run ID in "${run}"`);
  const { info, data } = (await ask<RunAnswer>(server, `runs/get?run_id=${id}`)).run;
  const { experiment } = await ask<{ experiment: { name: string } }>(
    server,
    `experiments/get?experiment_id=${info.experiment_id}`,
  );
  return {
    status: info.status,
    experiment: experiment.name,
    parameters: toRecord(data.params),
    metrics: toRecord(data.metrics),
    tags: toRecord(data.tags),
  };
}

async function ask<Answer>(server: string, path: string): Promise<Answer> {
  const answer = await fetch(`${server}/api/2.0/mlflow/${path}`);
  if (!answer.ok) throw new Error(`MLflow answered ${answer.status} to ${path}: ${await answer.text()}`);
  return (await answer.json()) as Answer;
}

function toRecord<Value>(pairs: readonly Pair<Value>[] = []): Record<string, Value> {
  return Object.fromEntries(pairs.map(({ key, value }) => [key, value]));
}
