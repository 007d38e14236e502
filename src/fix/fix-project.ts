import { checkProject } from '../checks/check.js';
import type { Settings } from '../config/settings/settings.js';
import { KdeployError } from '../errors.js';
import { findKedro } from '../project/kedro/kedro-command.js';
import { mlflowTemplate } from '../project/tracking/mlflow-template.js';
import { projectModel } from '../project/model.js';
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

  const { findings } = await checkProject({ model: projectModel({ ...modelled, project }), settings });
  return planFixes({
    source: project.source,
    findings,
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

const READABLE_LATER = 'which can be read only after the fixes are applied';

/** Kedro reads the disk, where the changes are not yet. Nothing is wrong with a project for that. */
function resolveWithKedro(reason: string): Promise<never> {
  return Promise.reject(new KdeployError('configuration', `${reason}, ${READABLE_LATER}`));
}
