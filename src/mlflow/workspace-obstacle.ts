import type { Obstacle } from './obstacle.js';
import type { MlflowClient } from './request.js';
import { callMlflow, type RestReply } from './rest.js';
import { workspaceOf } from './workspace.js';

/**
 * What stands in the way where the server does not have the chosen workspace: older servers ignore the choice, and a
 * missing workspace has the same error code as a missing experiment. `answered` is the workspace that the answer named.
 */
export async function workspaceObstacle(
  uri: string,
  client: MlflowClient,
  reply: RestReply,
  answered?: unknown,
): Promise<Obstacle | undefined> {
  const workspace = workspaceOf(client.environment);
  if (workspace === undefined || workspace === answered) return undefined;
  if (reply.kind !== 'ok' && reply.kind !== 'error') return undefined;
  const found = await callMlflow(uri, `api/3.0/mlflow/workspaces/${encodeURIComponent(workspace)}`, client);
  if (found.kind === 'error') return { kind: 'workspace', workspace, isSupported: found.code !== 'ENDPOINT_NOT_FOUND' };
  if (found.kind === 'not-mlflow' || found.kind === 'web-page')
    return { kind: 'workspace', workspace, isSupported: false };
  // An account may use a workspace that it may not describe.
  return found.kind === 'ok' || found.kind === 'refused' ? undefined : found;
}
