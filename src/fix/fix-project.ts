import { checkProject } from '../checks/check.js';
import type { Settings } from '../config/settings/settings.js';
import { KdeployError } from '../errors.js';
import { findKedro } from '../project/kedro/kedro-command.js';
import { mlflowTemplate } from '../project/tracking/mlflow-template.js';
import type { Finding } from '../finding.js';
import { projectModel, type ProjectModel } from '../project/model.js';
import type { Project } from '../project/project.js';
import type { ProjectSource } from '../project/sources/source.js';
import { assertWritable } from './apply-changes.js';
import { planFixes, type FixPlan } from './plan-fixes.js';

export interface FixProjectOptions {
  readonly project: Project;
  readonly settings: Settings;
  readonly env: string;
  /** The value of --kedro. */
  readonly kedro: string | undefined;
  /** The value of --tracking-uri, for an mlflow.yml that is written. */
  readonly trackingUri: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** What `kdeploy check --fix` would change in a project. Changes nothing. */
export async function planProjectFixes(options: FixProjectOptions): Promise<FixPlan> {
  const { project, settings, env, kedro, trackingUri, environment } = options;
  const locateKedro = () => findKedro({ projectRoot: project.root, given: kedro, environment });
  const modelled = { settings, env, kedro, processEnvironment: environment };

  const model = projectModel({ ...modelled, project });
  const { findings } = await checkProject({ model, settings });
  return planFixes({
    source: project.source,
    findings: [...findings, ...(await unsetUri(model, trackingUri))],
    check: async (source: ProjectSource) => {
      const planned = projectModel({ ...modelled, project: { ...project, source }, resolveWithKedro });
      const { findings: next } = await checkProject({ model: planned, settings });
      return next.filter(({ message }) => !message.includes(READABLE_LATER));
    },
    mlflowTemplate: () =>
      mlflowTemplate({ packageName: project.packageName, findKedro: locateKedro, environment, trackingUri }),
    assertWritable: (file) => assertWritable(project.root, file),
  });
}

/** With --tracking-uri no rule misses the address; in mlflow.yml it is missing all the same. */
async function unsetUri(model: ProjectModel, trackingUri: string | undefined): Promise<Finding[]> {
  const { value: config } = await model.trackingConfig();
  if (trackingUri === undefined || config === undefined || config.files.length === 0) return [];
  const server = config.document?.server as { readonly mlflow_tracking_uri?: unknown } | null | undefined;
  if ((server?.mlflow_tracking_uri ?? null) !== null) return [];
  const { file } = config.placeOf(['server', 'mlflow_tracking_uri']);
  const message = `server.mlflow_tracking_uri is not set in ${file}`;
  const fix = { kind: 'set-tracking-uri', file, trackingUri } as const;
  return [{ rule: 'tracking-uri-usable', severity: 'error', message, remedy: `set it in ${file}`, fix }];
}

const READABLE_LATER = 'which can be read only after the fixes are applied';

/** Kedro reads the disk, where the changes are not yet. Nothing is wrong with a project for that. */
function resolveWithKedro(reason: string): Promise<never> {
  return Promise.reject(new KdeployError('configuration', `${reason}, ${READABLE_LATER}`));
}
