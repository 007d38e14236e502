import type { Finding } from '../finding.js';
import { planDag, type DagRequest, type PlannedDag } from './plan-dag.js';

export interface PlannedDags {
  readonly dags: readonly { readonly request: DagRequest; readonly plan: PlannedDag }[];
  /** Of all of them, and of what two have in common. */
  readonly findings: readonly Finding[];
}

/** The DAGs of one call, a file each. */
export function planDags(requests: readonly DagRequest[]): PlannedDags {
  const dags = requests.map((request) => ({ request, plan: planDag(request) }));
  return {
    dags,
    findings: distinct([...dags.flatMap(({ plan }) => plan.findings), ...sameIds(dags), ...sameFiles(dags)]),
  };
}

/** What run_config says is wrong with each of them in the same way. */
function distinct(findings: readonly Finding[]): readonly Finding[] {
  return [...new Map(findings.map((finding) => [JSON.stringify(finding), finding])).values()];
}

function sameIds(dags: PlannedDags['dags']): Finding[] {
  return repeated(dags, ({ id }) => id).map(([id, pipelines, places]) => ({
    rule: 'dag-id',
    severity: 'error',
    message: `the DAGs of ${pipelines} would have the same ID, ${id}`,
    remedy: 'add {pipeline} to dag.id: {project}-{pipeline}',
    ...(places['dag.id'] !== undefined && { place: places['dag.id'] }),
  }));
}

function sameFiles(dags: PlannedDags['dags']): Finding[] {
  return repeated(dags, ({ file }) => file).map(([file, pipelines, places]) => ({
    rule: 'dag-file',
    severity: 'error',
    message: `the DAGs of ${pipelines} would be written to the same file, ${file}`,
    remedy: 'name a file for each: --output dags/{dag_id}.py',
    ...(places['dag.output'] !== undefined && { place: places['dag.output'] }),
  }));
}

function repeated(
  dags: PlannedDags['dags'],
  of: (plan: PlannedDag) => string,
): readonly (readonly [value: string, pipelines: string, places: DagRequest['places']])[] {
  const found = new Map<string, PlannedDags['dags']>();
  for (const dag of dags) found.set(of(dag.plan), [...(found.get(of(dag.plan)) ?? []), dag]);
  return [...found].flatMap(([value, [first, ...others]]) =>
    first === undefined || others.length === 0
      ? []
      : [[value, [first, ...others].map(({ plan }) => plan.pipeline).join(' and '), first.request.places] as const],
  );
}
