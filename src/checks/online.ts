import { thisMachine } from '../authentication/authentication.js';
import { authenticationVariables, requestHeaders, type AuthenticationSettings } from '../authentication/types.js';
import { KdeployError } from '../errors.js';
import { describeArtifactLocation, judgeArtifactLocation } from '../mlflow/artifact-location.js';
import { experimentState, type ExperimentState } from '../mlflow/experiment.js';
import { describeObstacle, type Attempt, type Obstacle } from '../mlflow/obstacle.js';
import { WORKSPACE_VARIABLE, workspaceOf } from '../mlflow/workspace.js';
import type { ExperimentOptions } from '../project/tracking/experiment-options.js';
import type { Tracking } from '../project/tracking/tracking.js';
import { redactAddresses } from '../secrets/address.js';
import type { Finding } from '../finding.js';

export interface OnlineCheckOptions {
  readonly tracking: Tracking | undefined;
  readonly authentication: readonly AuthenticationSettings[];
  readonly environment: NodeJS.ProcessEnv;
  /** What the Dockerfile sets; `undefined` as value: not known before the build. */
  readonly imageVariables?: readonly { readonly name: string; readonly value?: string | undefined }[];
  /** What mlflow.yml says of the experiment. */
  readonly options?: Pick<ExperimentOptions, 'artifactLocation' | 'restoreIfDeleted'>;
  /** Whether a package is certain not to be in the image. */
  readonly lacks?: (packageName: string) => boolean;
  readonly fetch?: typeof fetch;
}

type OnlineFinding = Omit<Finding, 'rule'>;

/**
 * Asks the MLflow server, authenticated as a container would be (with this machine's credentials): is it there, is it
 * MLflow, does it let us in, is the experiment usable. The only check that needs the network; on request.
 */
export async function checkOnline(options: OnlineCheckOptions): Promise<Finding[]> {
  const findings = await look(options);
  return findings.map((finding) => ({ rule: 'mlflow-online', ...finding }));
}

async function look({
  tracking,
  authentication,
  environment: shell,
  imageVariables = [],
  options = { artifactLocation: undefined, restoreIfDeleted: undefined },
  lacks = () => false,
  fetch: ask,
}: OnlineCheckOptions): Promise<OnlineFinding[]> {
  if (tracking?.uri === undefined || !/^https?:/i.test(tracking.uri)) return [];
  const ofImage = imageVariables.findLast(({ name }) => name === WORKSPACE_VARIABLE)?.value;
  const environment = workspaceOf(shell) === undefined ? { ...shell, [WORKSPACE_VARIABLE]: ofImage } : shell;
  const { uri, experiment } = tracking;
  const host = ask === undefined ? thisMachine(environment) : { environment, fetch: ask };
  let headers: Record<string, string>;
  let state: ExperimentState;
  try {
    headers = await requestHeaders(authentication, host);
  } catch (error) {
    return [asFinding(error, 'this machine cannot authenticate as the container would: ')];
  }
  try {
    state = await experimentState(uri, experiment, {
      environment,
      headers,
      ...(ask === undefined ? {} : { fetch: ask }),
    });
  } catch (error) {
    return [asFinding(error, '')];
  }
  const attempt = { uri: redactAddresses(uri), authentication, environment };
  return [
    ...findingsOf(state, experiment, attempt, options.restoreIfDeleted !== false),
    ...artifactFindings(state, experiment, attempt.uri, options.artifactLocation, lacks),
    ...(ofImage === undefined ? workspaceOfShell(attempt) : []),
  ];
}

/** The image does not have it: without it, a container logs to the server's default workspace. */
function workspaceOfShell({ uri, authentication, environment }: Attempt): OnlineFinding[] {
  const workspace = workspaceOf(environment);
  if (workspace === undefined || authenticationVariables(authentication).includes(WORKSPACE_VARIABLE)) return [];
  return [
    {
      severity: 'info',
      message: `asked ${uri} in the workspace ${workspace} of this shell, which containers get only if ${WORKSPACE_VARIABLE} is passed to them`,
      remedy: `to stop a container without it, require it in kdeploy.yml: run_config.authentication: {type: Vars, params: [${WORKSPACE_VARIABLE}]}`,
    },
  ];
}

function asFinding(error: unknown, prefix: string): OnlineFinding {
  if (!(error instanceof KdeployError)) throw error;
  const message = `${prefix}${error.message}`;
  return { severity: 'error', message, remedy: error.hint ?? 'resolve the problem above' };
}

/** MLflow stores the artifacts of an existing experiment where it was told to when the experiment was created. */
function artifactFindings(
  state: ExperimentState,
  experiment: string,
  uri: string,
  configured: unknown,
  lacks: (packageName: string) => boolean,
): OnlineFinding[] {
  if ((state.kind !== 'active' && state.kind !== 'deleted') || state.artifactLocation === undefined) return [];
  const location = state.artifactLocation;
  const what = `the artifact location ${redactAddresses(location)} of the experiment ${experiment} on ${uri}`;
  const judged = judgeArtifactLocation(location);
  const described = describeArtifactLocation(judged, judged.kind === 'package' ? judged.packages.filter(lacks) : []);
  const findings: OnlineFinding[] = [];
  if (described !== undefined) {
    const { predicate, remedy } = described;
    const isOfExperiment = judged.kind === 'folder' || judged.kind === 'loopback';
    findings.push({
      severity: 'warning',
      message: `${what} ${predicate}`,
      remedy: isOfExperiment ? `an experiment keeps its location: choose another name, and ${remedy}` : remedy,
    });
  }
  const isElsewhere =
    typeof configured === 'string' && /^[a-z][a-z0-9+.-]+:/i.test(configured) && !isSame(configured, location);
  if (isElsewhere) {
    findings.push({
      severity: 'warning',
      message: `${what} is not ${redactAddresses(configured)}, which mlflow.yml names for a new experiment: artifacts do not go there`,
      remedy: 'choose another name for the experiment, or remove artifact_location from mlflow.yml',
    });
  }
  return findings;
}

function isSame(one: string, other: string): boolean {
  return one.replace(/\/+$/, '') === other.replace(/\/+$/, '');
}

function findingsOf(
  state: ExperimentState,
  experiment: string,
  attempt: Attempt,
  isRestored: boolean,
): OnlineFinding[] {
  const { uri } = attempt;
  switch (state.kind) {
    case 'active':
      return [];
    case 'missing':
      return [
        {
          severity: 'info',
          message: `experiment ${experiment} does not exist on ${uri} yet; the first run creates it`,
          remedy: 'nothing to do, unless the name is misspelled',
        },
      ];
    case 'deleted':
      if (!isRestored) {
        return [
          {
            severity: 'error',
            message: `the experiment ${experiment} is deleted on ${uri}, and mlflow.yml sets restore_if_deleted: false: every run would fail`,
            remedy: 'restore it in MLflow, choose another name, or remove restore_if_deleted',
          },
        ];
      }
      return [
        {
          severity: 'warning',
          message: `the experiment ${experiment} is deleted on ${uri}; kedro-mlflow restores it unless restore_if_deleted is false`,
          remedy: 'restore it in MLflow, or choose another name',
        },
      ];
    case 'unknown':
      return [
        {
          severity: 'warning',
          message: `${uri} returned an unexpected response for experiment ${experiment} (${state.code})`,
          remedy: "check the server's log",
        },
      ];
    case 'obstacle':
      return [obstacleFinding(state.obstacle, attempt)];
  }
}

function obstacleFinding(obstacle: Obstacle, attempt: Attempt): OnlineFinding {
  if (obstacle.kind === 'refused' && obstacle.code === 'PERMISSION_DENIED') {
    return {
      severity: 'error',
      message: `${attempt.uri} accepts the credentials, but denies access to experiments`,
      remedy: 'grant the account read and write access to experiments',
    };
  }
  const { message, remedy } = describeObstacle(obstacle, attempt);
  return {
    severity: 'error',
    message,
    remedy:
      obstacle.kind === 'no-response' ? `${remedy}; if only the cluster can reach it, check without --online` : remedy,
  };
}
