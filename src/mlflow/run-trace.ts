import type { AuthenticationSettings } from '../authentication/types.js';
import { KdeployError } from '../errors.js';
import { redactAddresses } from '../secrets/address.js';
import { describeObstacle } from './obstacle.js';
import type { MlflowClient } from './request.js';
import { getFromMlflow, isObject } from './rest.js';
import { workspaceObstacle } from './workspace-obstacle.js';

/** Where a run came from, as the runtime in the image tagged it (templates/runtime, shared_run/trace.py). */
export interface RunTrace {
  readonly runId: string;
  readonly name: string | null;
  readonly status: string;
  /** `name:tag`, or by digest where the orchestrator named it so. */
  readonly image: string | null;
  readonly revision: string | null;
  readonly kdeployVersion: string | null;
  /** The orchestrator's own names of the execution: `airflow.dag_id` → `train`. */
  readonly execution: Readonly<Record<string, string>>;
}

/** Throws KdeployError `usage` for a run the server does not have, `credentials` when it lets nobody in. */
export async function readRunTrace(
  uri: string,
  runId: string,
  client: MlflowClient,
  authentication: readonly AuthenticationSettings[] = [],
): Promise<RunTrace> {
  const server = redactAddresses(uri);
  const answer = await getFromMlflow(uri, `runs/get?${new URLSearchParams({ run_id: runId }).toString()}`, client);
  const reply = answer.kind === 'error' ? ((await workspaceObstacle(uri, client, answer)) ?? answer) : answer;
  if (reply.kind === 'error') {
    // Only MLflow itself can know that; a gateway that has lost it answers in its own words.
    throw new KdeployError('usage', `${server} has no run ${runId}`, {
      hint: "copy the run ID from the run's page in MLflow",
    });
  }
  if (reply.kind !== 'ok') {
    const { message, remedy } = describeObstacle(reply, {
      uri: server,
      authentication,
      environment: client.environment,
    });
    throw new KdeployError(reply.kind === 'refused' ? 'credentials' : 'mlflow-unreachable', message, { hint: remedy });
  }
  const { run } = reply.body;
  if (!isObject(run) || !isObject(run.info)) {
    throw new KdeployError('mlflow-unreachable', `${server} responded, but not with a run`, {
      hint: 'check the path and port of the tracking URI',
    });
  }
  const tags = tagsOf(isObject(run.data) ? run.data.tags : undefined);
  const digest = tags.get('kdeploy.image_digest');
  const image = tags.get('kdeploy.image') ?? null;
  return {
    runId,
    name: typeof run.info.run_name === 'string' ? run.info.run_name : null,
    status: typeof run.info.status === 'string' ? run.info.status : 'UNKNOWN',
    image: image === null || digest === undefined || image.includes('@') ? image : `${image}@${digest}`,
    revision: tags.get('kdeploy.git_revision') ?? null,
    kdeployVersion: tags.get('kdeploy.version') ?? null,
    execution: executionOf(tags),
  };
}

function tagsOf(tags: unknown): Map<string, string> {
  const pairs = Array.isArray(tags) ? tags.filter(isObject) : [];
  return new Map(pairs.map(({ key, value }) => [String(key), String(value)]));
}

/** Of kdeploy's own tags, those with a second dot are the orchestrator's: `kdeploy.airflow.dag_id`. */
function executionOf(tags: ReadonlyMap<string, string>): Record<string, string> {
  const entries = [...tags].flatMap(([key, value]): [string, string][] => {
    // Not the marks of the tasks: kdeploy.task.<task> and the like, which have names of their own.
    const name = /^kdeploy\.((?!task\.|changed_parameter\.|dataset_version\.)[^.]+\..+)$/s.exec(key)?.[1];
    return name === undefined ? [] : [[name, value]];
  });
  return Object.fromEntries(entries);
}
