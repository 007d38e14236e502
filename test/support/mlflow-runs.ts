/** A run as MLflow's REST API gives it (runs/search), as far as tests look at it. */
export interface MlflowRun {
  readonly info: { readonly run_id: string; readonly run_name: string; readonly status: string };
  readonly data: {
    readonly params: readonly { readonly key: string; readonly value: string }[];
    readonly metrics: readonly { readonly key: string; readonly value: number }[];
    readonly tags: readonly { readonly key: string; readonly value: string }[];
  };
}

/** Every run of an experiment, the newest first; none where there is no such experiment. */
export async function runsOf(mlflowUri: string, experiment: string): Promise<MlflowRun[]> {
  const found = await fetch(
    `${mlflowUri}/api/2.0/mlflow/experiments/get-by-name?experiment_name=${encodeURIComponent(experiment)}`,
  );
  if (found.status === 404) return [];
  const { experiment: known } = (await found.json()) as { experiment: { experiment_id: string } };
  const answer = await fetch(`${mlflowUri}/api/2.0/mlflow/runs/search`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ experiment_ids: [known.experiment_id], max_results: 100 }),
  });
  const { runs = [] } = (await answer.json()) as {
    runs?: { info: MlflowRun['info']; data: Partial<MlflowRun['data']> }[];
  };
  return runs.map(({ info, data: { params = [], metrics = [], tags = [] } }) => ({
    info,
    data: { params, metrics, tags },
  }));
}

/** The paths of all files that a run logged. */
export async function artifactsOf(mlflowUri: string, runId: string, folder = ''): Promise<string[]> {
  const query = new URLSearchParams({ run_id: runId, path: folder });
  const answer = await fetch(`${mlflowUri}/api/2.0/mlflow/artifacts/list?${query.toString()}`);
  const { files = [] } = (await answer.json()) as { files?: { path: string; is_dir: boolean }[] };
  const paths: string[] = [];
  for (const { path, is_dir: isFolder } of files)
    paths.push(...(isFolder ? await artifactsOf(mlflowUri, runId, path) : [path]));
  return paths.sort();
}
