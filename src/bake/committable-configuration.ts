import { variableName, withEnvironment, type RunConfiguration } from '../image/run-configuration.js';

/**
 * A planned configuration as an engine can commit it. Engines merge what the image had into what they are given, so
 * variables and labels that the plan leaves out (an earlier bake's) would come back; they are emptied instead, which
 * MLflow, Kedro and kdeploy read as absent. And no engine makes a container without a command.
 */
export function committableConfiguration(plan: RunConfiguration, image: RunConfiguration): RunConfiguration {
  const planned = new Set(plan.env.map(variableName));
  const droppedVariables = image.env.map(variableName).filter((name) => !planned.has(name));
  const droppedLabels = Object.keys(image.labels).filter((name) => !Object.hasOwn(plan.labels, name));
  const isRunnable = plan.entrypoint.length + plan.cmd.length > 0;
  return {
    ...plan,
    env: withEnvironment(plan.env, emptied(droppedVariables)),
    labels: { ...plan.labels, ...emptied(droppedLabels) },
    cmd: isRunnable ? plan.cmd : ['true'],
  };
}

function emptied(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, '']));
}
