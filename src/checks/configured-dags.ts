import { committedImages, notCurrent } from '../airflow/committed-dags.js';
import { renderDag, type DagRequest } from '../airflow/plan-dag.js';
import { planDags } from '../airflow/plan-dags.js';
import { airflowSettings } from '../config/settings/airflow/airflow-settings.js';
import type { DagSettings } from '../config/settings/dag-settings.js';
import type { Finding } from '../finding.js';
import { keptDescription } from '../inspect/described-image.js';
import { isSameText } from '../same-text.js';
import type { StateFolder } from '../state-folder.js';
import type { CheckContext } from './context.js';
import type { RuleFinding } from './rule.js';

/**
 * The DAG files of the project, each with the image that it names. No error stops a build: the image that fixes the
 * pipeline has to be built before a DAG of it can be written.
 */
export async function configuredDags(
  { project, settings }: Pick<CheckContext, 'project' | 'settings'>,
  dag: DagSettings,
  state: Pick<StateFolder, 'read'>,
): Promise<readonly RuleFinding[]> {
  if (settings.dagProblems.length > 0) {
    return settings.dagProblems.map(({ message, remedy = 'fix the setting', place }) => ({
      severity: 'warning',
      message,
      remedy,
      ...(place !== undefined && { place }),
    }));
  }
  const airflow = await airflowSettings(settings);
  const read = (file: string): Promise<Buffer | undefined> => project.source.read(file);
  const { images, findings } = await committedImages(dag, project.packageName, read);
  const requests: DagRequest[] = [];
  const unknown: Finding[] = [];
  for (const [pipeline, reference] of images) {
    const image = await keptDescription(state, reference);
    const shared = { pipeline, dag, settings: airflow, places: settings.places };
    if (image === undefined) unknown.push(notChecked(pipeline));
    else requests.push({ ...shared, image: { ...image, reference: reference.toString() } });
  }
  const planned = planDags(requests);
  const outdated = await Promise.all(
    planned.dags.map(async ({ request, plan }) => {
      if (plan.graph === null) return [];
      const file = await read(plan.file);
      return file !== undefined && isSameText(file, renderDag(plan, request, 'python'))
        ? []
        : [notCurrent(plan.file, 'is not as it would be written')];
    }),
  );
  return [...findings, ...unknown, ...planned.findings, ...outdated.flat()].map(
    ({ severity, message, remedy, place }) => ({
      severity: severity === 'error' ? 'warning' : severity,
      message,
      remedy,
      ...(place !== undefined && { place }),
    }),
  );
}

function notChecked(pipeline: string): Finding {
  return {
    rule: 'dag-current',
    severity: 'info',
    message: `the DAG of the pipeline ${pipeline} was not checked: this machine has not asked its image for the pipelines`,
    remedy: 'ask it: kdeploy dag --check',
  };
}
