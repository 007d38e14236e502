import type { AirflowSettings, DagFormat, DagSettings } from '../config/settings/dag-settings.js';
import { isAirflowId } from '../config/settings/airflow/names.js';
import { bySeverity, type Finding } from '../finding.js';
import { drawMermaid } from '../graph/drawing/mermaid.js';
import { drawSvg } from '../graph/drawing/svg.js';
import type { GroupedPipeline } from '../graph/grouping/grouping.js';
import { planTasks } from '../graph/plan-tasks.js';
import type { Problem, ProblemKind } from '../graph/problem.js';
import type { Structure } from '../graph/structure.js';
import type { TaskGraph } from '../graph/task-graph.js';
import { authenticationVariablesIn } from '../image/authentication-variables.js';
import type { BakedLabels } from '../image/labels.js';
import type { Place } from '../place.js';
import { assetProblems, assetsOf } from './assets.js';
import { drawingMark } from './generated-file.js';
import { dagId, fileName } from './dag-names.js';
import { settingsProblems } from './settings-problems.js';
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
  /** Where `dag.pipelines`, `run_config.volume` and the others are set. */
  readonly places: Readonly<Record<string, Place>>;
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

/** Groups the pipeline, checks the groups and makes tasks of them; writes nothing. */
export function planDag({ image, pipeline, dag, settings, places }: DagRequest): PlannedDag {
  const { structure, reference, baked } = image;
  const id = dagId(dag.id, structure.package, pipeline);
  const storage = TARGETS[dag.target].storage(settings, dataFolderOf(structure));
  const plan = planTasks(
    { structure, pipeline, by: dag.groupBy, tags: dag.groupTags },
    {
      sharedFolders: storage.folders,
      storageSetting: storage.setting,
      // The runtime hands the version that this run saved to whoever loads it, where a run is tracked.
      versionsAgree: baked.trackingUri !== undefined || (dag.as === 'dag' && settings.maxActiveRuns === 1),
      readWriteOnce: storage.onOneMachine,
      maxTasks: dag.maxTasks,
    },
    { image: reference, tracked: baked.trackingUri !== undefined, id },
  );
  const findings = [
    ...idProblems(id, pipeline, places),
    ...(dag.as === 'dag' ? waitsForItself(settings, id, places) : []),
    ...plan.problems.map((problem) => asFinding(problem, places)),
    ...assetProblems(structure, plan.grouped?.groups.flatMap(({ nodes }) => nodes) ?? []),
    ...settingsProblems({ image, dag, settings, places }),
  ];
  return {
    pipeline,
    id,
    file: fileName(dag, id, pipeline),
    findings: bySeverity(findings),
    grouped: plan.grouped,
    graph: plan.graph,
  };
}

/** The text of a planned DAG: the file, or a drawing of its groups. */
export function renderDag(planned: PlannedDag, request: DagRequest, format: DagFormat): string {
  const { grouped, graph } = planned;
  const { image, dag, settings } = request;
  if (grouped === null || graph === null) throw new TypeError(`the pipeline ${planned.pipeline} has no tasks`);
  if (format === 'svg') return `${drawSvg(grouped)}${drawingMark('svg', planned.pipeline)}\n`;
  if (format === 'mermaid')
    return `${drawMermaid(grouped, image.structure)}${drawingMark('mermaid', planned.pipeline)}\n`;
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
    },
  });
}

/** Where kedro-docker's images, kedro-airflow-k8s and Kedro's own template have the data. */
function dataFolderOf({ folder }: Structure): string {
  return `${folder}/data`;
}

/** The settings that a kind of problem is about. */
const SETTINGS: Partial<Readonly<Record<ProblemKind, string>>> = {
  'unknown-pipeline': 'dag.pipelines',
  'empty-pipeline': 'dag.pipelines',
  'group-tags': 'dag.group_tags',
  'two-group-tags': 'dag.group_tags',
  cycle: 'dag.group_by',
  'too-many-tasks': 'dag.max_tasks',
  'read-write-once': 'run_config.volume',
};

function asFinding({ severity, kind, message, remedy, place }: Problem, places: DagRequest['places']): Finding {
  const found = place ?? places[SETTINGS[kind] ?? ''];
  return { rule: kind, severity, message, remedy, ...(found !== undefined && { place: found }) };
}

/** A run that waits for itself ends with its sensor's timeout. */
function waitsForItself(
  { externalDependencies }: AirflowSettings,
  id: string,
  places: DagRequest['places'],
): Finding[] {
  const place = places['run_config.external_dependencies'];
  if (!externalDependencies.some(({ dagId: other, executionDelta }) => other === id && executionDelta === 0)) return [];
  return [
    {
      rule: 'waits-for-itself',
      severity: 'error',
      message: `run_config.external_dependencies lets each run of ${id} wait for itself`,
      remedy: 'remove it; to wait for an earlier run, set execution_delta',
      ...(place !== undefined && { place }),
    },
  ];
}

/** Airflow does not import a DAG with another ID; a pipeline's name may have any letters. */
function idProblems(id: string, pipeline: string, places: DagRequest['places']): Finding[] {
  if (isAirflowId(id)) return [];
  const place = places['dag.id'];
  return [
    {
      rule: 'dag-id',
      severity: 'error',
      message: `${JSON.stringify(id)}, for the pipeline ${pipeline}, is not an ID that Airflow accepts`,
      remedy: 'set dag.id to at most 250 letters, digits, "-", "_" and "."',
      ...(place !== undefined && { place }),
    },
  ];
}
