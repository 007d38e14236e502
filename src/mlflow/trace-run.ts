import { requestHeaders } from '../authentication/types.js';
import { checkProject } from '../checks/check.js';
import type { Settings } from '../config/settings/settings.js';
import { KdeployError } from '../errors.js';
import { readRunTrace, type RunTrace } from './run-trace.js';
import type { Project } from '../project/project.js';

export interface TraceOptions {
  readonly project: Project;
  readonly settings: Settings;
  readonly env: string;
  readonly environment: NodeJS.ProcessEnv;
}

/** The way back from an MLflow run to its image and commit, asked of the server that the project logs to. */
export async function traceRun(runId: string, options: TraceOptions): Promise<RunTrace> {
  const { settings, environment } = options;
  const { tracking } = await checkProject({ ...options, processEnvironment: environment, rules: [] });
  if (tracking?.uri === undefined || !/^https?:/i.test(tracking.uri)) {
    throw new KdeployError('configuration', 'the project names no MLflow server that could be asked', {
      hint: 'name it with --tracking-uri https://…, or see what is missing: `kdeploy check`',
    });
  }
  const headers = await requestHeaders(settings.runConfig.authentication, { environment, fetch });
  return readRunTrace(tracking.uri, runId, { headers });
}
