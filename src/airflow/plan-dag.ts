import type { AirflowSettings, DagSettings } from '../config/settings/dag-settings.js';
import type { Finding } from '../finding.js';
import { drawMermaid } from '../graph/drawing/mermaid.js';
import { drawSvg } from '../graph/drawing/svg.js';
import type { GroupedPipeline } from '../graph/grouping/grouping.js';
import { planTasks } from '../graph/plan-tasks.js';
import type { Problem } from '../graph/problem.js';
import { slug } from '../graph/slug.js';
import type { Structure } from '../graph/structure.js';
import type { TaskGraph } from '../graph/task-graph.js';
import { authenticationVariablesIn } from '../image/authentication-variables.js';
import type { BakedLabels } from '../image/labels.js';
import { environmentValue } from '../image/run-configuration.js';
import { TARGETS } from './targets/targets.js';

/** What a DAG is made from: an image by its digest, and what it says of itself. */
export interface DagImage {
  /** `name@sha256:…`. */
  readonly reference: string;
  readonly baked: BakedLabels;
  readonly revision: string | null;
  readonly source: string | null;
  /** `NAME=value`. */
  readonly env: readonly string[];
  readonly structure: Structure;
}

export interface DagRequest {
  readonly image: DagImage;
  readonly pipeline: string;
  readonly dag: DagSettings;
  readonly settings: AirflowSettings;
  readonly kdeployVersion: string;
}

export interface PlannedDag {
  readonly pipeline: string;
  readonly id: string;
  /** Relative to the project. */
  readonly file: string;
  /** Errors first. With one there are no tasks. */
  readonly findings: readonly Finding[];
  /** `null`: there is no such pipeline, or its nodes make no groups. */
  readonly grouped: GroupedPipeline | null;
  readonly graph: TaskGraph | null;
}

/** How a planned DAG is written: each takes what `renderDag` gives it. */
export const DAG_FORMATS = ['python', 'mermaid', 'svg'] as const;
export type DagFormat = (typeof DAG_FORMATS)[number];

/** Groups the pipeline, checks the groups and makes tasks of them; writes nothing. */
export function planDag({ image, pipeline, dag, settings }: DagRequest): PlannedDag {
  const { structure, reference, baked } = image;
  const id = dagId(dag.id, structure.package, pipeline);
  const plan = planTasks(
    { structure, pipeline, by: dag.groupBy, tags: dag.groupTags },
    {
      sharedFolders: sharedFolders(dag, settings, dataFolderOf(structure)),
      // The runtime hands the version that this run saved to whoever loads it, where a run is tracked.
      versionsAgree: baked.trackingUri !== undefined || settings.maxActiveRuns === 1,
      readWriteOnce: dag.target === 'kubernetes' && isMountedOnce(settings),
      maxTasks: dag.maxTasks,
    },
    { image: reference, tracked: baked.trackingUri !== undefined, id },
  );
  const findings = [
    ...plan.problems.map(asFinding),
    ...unusedKeys(dag, settings),
    ...missingVariables(image, settings),
  ];
  return {
    pipeline,
    id,
    file: fileName(dag, id, pipeline),
    findings,
    grouped: plan.grouped,
    graph: plan.graph,
  };
}

/** The text of a planned DAG: the file, or a drawing of its groups. */
export function renderDag(planned: PlannedDag, request: DagRequest, format: DagFormat): string {
  const { grouped, graph } = planned;
  const { image, dag, settings } = request;
  if (grouped === null || graph === null) throw new TypeError(`the pipeline ${planned.pipeline} has no tasks`);
  if (format === 'svg') return drawSvg(grouped);
  if (format === 'mermaid') return drawMermaid(grouped, image.structure);
  return TARGETS[dag.target].render({
    graph,
    shape: dag.as,
    settings,
    variables: authenticationVariablesIn(image.env),
    dataFolder: dataFolderOf(image.structure),
    assets: assetsOf(image.structure),
    about: {
      revision: image.revision,
      source: image.source,
      trackingUri: image.baked.trackingUri ?? null,
      experiment: image.baked.experiment ?? null,
      kdeployVersion: request.kdeployVersion,
    },
  });
}

/** `{project}` and `{pipeline}` are filled in; without a template the package, and the pipeline where it is not `__default__`. */
export function dagId(template: string | null, packageName: string, pipeline: string): string {
  if (template === null)
    return slug(pipeline === '__default__' ? packageName : `${packageName}-${pipeline.replaceAll('_', '-')}`);
  return template
    .replaceAll('{project}', packageName)
    .replaceAll('{pipeline}', pipeline.replace(/^__default__$/, 'default'));
}

/** `{dag_id}` and `{pipeline}` of the configured output are filled in. */
export function fileName({ output }: DagSettings, id: string, pipeline: string): string {
  return output.replaceAll('{dag_id}', id).replaceAll('{pipeline}', pipeline);
}

/** Where kedro-docker's images, kedro-airflow-k8s and Kedro's own template have the data. */
function dataFolderOf({ folder }: Structure): string {
  return `${folder}/data`;
}

/** Folders in the container that all tasks see. */
function sharedFolders(dag: DagSettings, { kubernetes, docker }: AirflowSettings, dataFolder: string): string[] {
  if (dag.target === 'docker') return docker.mounts.filter(({ readOnly }) => !readOnly).map(({ target }) => target);
  const mounted = kubernetes.volumeMounts.flatMap((mount) =>
    'mountPath' in mount && typeof mount.mountPath === 'string' ? [mount.mountPath] : [],
  );
  return kubernetes.volume === null ? mounted : [dataFolder, ...mounted];
}

function isMountedOnce({ kubernetes: { volume } }: AirflowSettings): boolean {
  return volume?.kind === 'own' && !volume.accessModes.includes('ReadWriteMany');
}

function assetsOf({ datasets }: Structure): Record<string, string> {
  return Object.fromEntries(
    Object.entries(datasets).flatMap(([name, { asset, address }]) => {
      const uri = asset === true ? address : asset;
      return uri === null ? [] : [[name, uri]];
    }),
  );
}

function asFinding({ severity, kind, message, remedy, place }: Problem): Finding {
  return { rule: kind, severity, message, remedy, ...(place !== undefined && { place }) };
}

function unusedKeys(dag: DagSettings, settings: AirflowSettings): Finding[] {
  return TARGETS[dag.target].problems(settings).map(({ key, message }) => ({
    rule: 'unused-key',
    severity: 'error',
    message: `run_config.${key}: ${message}`,
    remedy: 'remove the key, or choose the target that it is for',
  }));
}

/** An ID token needs its audience when the task runs; each task would stop with exit code 78. */
function missingVariables({ env, baked }: DagImage, settings: AirflowSettings): Finding[] {
  const needs =
    baked.authentication.includes('GoogleOAuth2') &&
    /"audience":\s*null/.test(environmentValue(env, 'KDEPLOY_AUTH') ?? '');
  const name = 'GOOGLE_AUDIENCE';
  if (
    !needs ||
    environmentValue(env, name) !== undefined ||
    name in settings.envVars ||
    name in settings.envFromVariables
  )
    return [];
  return [
    {
      rule: 'missing-variable',
      severity: 'error',
      message: `the image takes the audience of its ID tokens from ${name}, which the DAG does not set`,
      remedy: `set it: run_config.env_vars: {${name}: …}, or run_config.authentication.audience and build again`,
    },
  ];
}
