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
        return { status: 'ok', detail: `${uri} responds, and requires authentication (HTTP ${reached.status})` };
      return {
        status: 'failed',
        detail: `${uri} rejects the credentials that the container would send (HTTP ${reached.status})`,
        remedy: "check the audience and the account's permissions; for details: `kdeploy check --online`",
      };
    case 'not-mlflow':
      return {
        status: 'failed',
        detail: `${uri} responded (HTTP ${reached.status}), but it is not an MLflow server`,
        remedy: 'check the path and port of the tracking URI',
      };
    case 'tls':
      return {
        status: 'failed',
        detail: `the certificate of ${uri} is not trusted by this machine (${reached.reason})`,
        remedy:
          'set NODE_EXTRA_CA_CERTS to the CA certificate on this machine, and REQUESTS_CA_BUNDLE in the container',
      };
    case 'unreachable':
      return {
        status: 'failed',
        detail: `${uri} cannot be reached (${reached.reason})`,
        remedy: 'start the server, or connect to its network (VPN), or fix the tracking URI',
      };
  }
}
