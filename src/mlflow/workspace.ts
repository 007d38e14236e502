import { KdeployError } from '../errors.js';

/**
 * The workspace of an MLflow server (MLflow >= 3.10), which keeps its own experiments. The runtime in the image chooses
 * it in the same way (templates/runtime/kdeploy_runtime/server/workspace.py).
 */
export const WORKSPACE_VARIABLE = 'MLFLOW_WORKSPACE';

/** As MLflow's client reads it (mlflow/utils/workspace_context.py). `undefined`: the server takes its default. */
export function workspaceOf(environment: NodeJS.ProcessEnv): string | undefined {
  const name = environment[WORKSPACE_VARIABLE]?.trim() ?? '';
  return name === '' ? undefined : name;
}

/** Throws KdeployError `configuration` for a name that no header can carry. */
export function workspaceHeader(environment: NodeJS.ProcessEnv): Record<string, string> {
  const name = workspaceOf(environment);
  if (name === undefined) return {};
  if (!/^[\x20-\x7e]*$/.test(name)) {
    throw new KdeployError(
      'configuration',
      `${WORKSPACE_VARIABLE} contains characters that no workspace has in its name`,
      { hint: 'correct the value, or unset the variable' },
    );
  }
  return { 'X-MLFLOW-WORKSPACE': name };
}
