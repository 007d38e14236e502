import { checkProject } from '../checks/check.js';
import { thisMachine } from '../authentication/authentication.js';
import { requestHeaders } from '../authentication/types.js';
import { experimentState, type ExperimentState } from '../mlflow/experiment.js';
import { describeObstacle, type Attempt } from '../mlflow/obstacle.js';
import { mlflowVersion } from '../mlflow/version.js';
import { projectModel } from '../project/model.js';
import { classifyTrackingUri } from '../project/tracking/tracking-uri.js';
import type { Probe, ProbeResult } from './probe.js';

/** Whether the MLflow server that the image would log to answers, from this machine. */
export const mlflowProbe: Probe = {
  id: 'mlflow',
  title: 'MLflow server',
  async run({ project, env, kedro, environment }) {
    if (project === undefined) return { status: 'skipped', detail: 'not in a Kedro project' };
    const model = projectModel({ ...project, env, kedro, processEnvironment: environment });
    const { tracking } = await checkProject({ model, settings: project.settings, rules: [] });
    if (tracking === undefined) return { status: 'skipped', detail: 'the project builds without tracking' };
    if (tracking.uri === undefined) {
      return {
        status: 'failed',
        detail: 'no tracking URI is configured',
        remedy: 'run `kdeploy check` to see what is missing',
      };
    }
    const { kind, redacted } = classifyTrackingUri(tracking.uri);
    if (!/^https?:/i.test(tracking.uri))
      return { status: 'skipped', detail: `${redacted} is not an HTTP server (${kind})` };
    const { authentication } = project.settings.runConfig;
    const client = { environment, headers: await requestHeaders(authentication, thisMachine(environment)) };
    const state = await experimentState(tracking.uri, tracking.experiment, client);
    const version = await mlflowVersion(tracking.uri, client);
    return describe(state, { uri: redacted, authentication, environment }, version);
  },
};

function describe(state: ExperimentState, attempt: Attempt, version: string | undefined): ProbeResult {
  const { uri } = attempt;
  switch (state.kind) {
    case 'active':
    case 'missing':
    case 'deleted':
      return { status: 'ok', detail: `MLflow${version === undefined ? '' : ` ${version}`} at ${uri}` };
    case 'unknown':
      return {
        status: 'failed',
        detail: `${uri} returned an unexpected response (${state.code})`,
        remedy: "check the server's log",
      };
    case 'obstacle': {
      const { message, remedy } = describeObstacle(state.obstacle, attempt);
      return { status: 'failed', detail: message, remedy };
    }
  }
}
