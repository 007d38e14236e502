import { isDeclared } from './declarations.js';
import type { CheckContext } from './context.js';

/**
 * For `mlflow.enabled: auto`: what a project that was never set up for tracking lacks. `undefined` when it is set up,
 * well or badly; a broken setup is for the rules to report, never a reason to drop tracking in silence.
 */
export async function missingSetUp(context: CheckContext): Promise<string | undefined> {
  const requirements = await context.requirements();
  const sources = [requirements.declared, ...requirements.inputs.map(({ inputDeclarations }) => inputDeclarations)];
  if (!sources.some((declarations) => isDeclared(declarations, 'kedro-mlflow')))
    return 'kedro-mlflow is missing from the requirements';

  const config = await context.trackingConfig();
  const { uri } = await context.tracking();
  if (config.error !== undefined || uri !== undefined) return undefined;
  return config.value.document === undefined ? `${config.value.expectedFile} is missing` : 'no tracking URI is set';
}
