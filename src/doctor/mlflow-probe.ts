import { checkProject } from '../checks/check.js';
import { requestHeaders } from '../authentication/types.js';
import { reachMlflow, type Reached } from '../mlflow/reach.js';
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
      return { status: 'failed', detail: 'nothing says where it is', remedy: 'see what is missing: `kdeploy check`' };
    }
    const { kind, redacted } = classifyTrackingUri(tracking.uri);
    if (!/^https?:/i.test(tracking.uri))
      return { status: 'skipped', detail: `${redacted} is no HTTP server (${kind})` };
    const { authentication } = project.settings.runConfig;
    const headers = await requestHeaders(authentication, { environment, fetch });
    return describe(redacted, await reachMlflow(tracking.uri, { headers }), authentication.length > 0);
  },
};

function describe(uri: string, reached: Reached, authenticates: boolean): ProbeResult {
  switch (reached.kind) {
    case 'mlflow':
      return { status: 'ok', detail: `MLflow ${reached.version} at ${uri}` };
    case 'guarded':
      if (!authenticates)
        return { status: 'ok', detail: `${uri} answers and wants authentication (HTTP ${reached.status})` };
      return {
        status: 'failed',
        detail: `${uri} refuses what the container would send (HTTP ${reached.status})`,
        remedy: 'check the audience, and that the account may use the server; `kdeploy check --online` says more',
      };
    case 'not-mlflow':
      return {
        status: 'failed',
        detail: `${uri} answers (HTTP ${reached.status}), but not as an MLflow server`,
        remedy: 'check the path and port of the tracking URI',
      };
    case 'tls':
      return {
        status: 'failed',
        detail: `${uri}: its certificate is not trusted here (${reached.reason})`,
        remedy: 'make the CA known to Node with NODE_EXTRA_CA_CERTS, and to the container with REQUESTS_CA_BUNDLE',
      };
    case 'unreachable':
      return {
        status: 'failed',
        detail: `${uri} cannot be reached (${reached.reason})`,
        remedy: 'start the server, or connect to its network (VPN), or correct the tracking URI',
      };
  }
}
