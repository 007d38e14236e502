import { thisMachine } from '../authentication/authentication.js';
import { requestHeaders, type AuthenticationSettings } from '../authentication/types.js';
import { KdeployError } from '../errors.js';
import { readRunTrace, type RunTrace } from './run-trace.js';

export interface TraceOptions {
  /** Of the server that the project logs to; `undefined`: it names none. */
  readonly trackingUri: string | undefined;
  readonly authentication: readonly AuthenticationSettings[];
  readonly environment: NodeJS.ProcessEnv;
}

/** The way back from an MLflow run to its image and commit, asked of the server that the project logs to. */
export async function traceRun(
  runId: string,
  { trackingUri, authentication, environment }: TraceOptions,
): Promise<RunTrace> {
  if (trackingUri === undefined || !/^https?:/i.test(trackingUri)) {
    throw new KdeployError('configuration', 'the project has no MLflow server to ask', {
      hint: 'pass --tracking-uri https://…, or find out what is missing: kdeploy check',
    });
  }
  const headers = await requestHeaders(authentication, thisMachine(environment));
  return readRunTrace(trackingUri, runId, { environment, headers }, authentication);
}
