import { isAbsolute, relative } from 'node:path';
import { Flags, type Interfaces } from '@oclif/core';
import {
  DAG_FORMATS,
  DAG_SHAPES,
  DAG_TARGETS,
  type DagFormat,
  type DagSettings,
} from '../config/settings/dag-settings.js';
import type { Settings } from '../config/settings/settings.js';
import { KdeployError } from '../errors.js';
import { GROUPINGS } from '../graph/grouping/grouping.js';

/** The flags of `kdeploy dag`; those that replace a key of `dag:` in kdeploy.yml have no default. */
export const dagFlags = {
  pipeline: Flags.string({
    char: 'p',
    description: 'a Kedro pipeline; can be repeated, a file each (default: __default__)',
    multiple: true,
    multipleNonGreedy: true,
    helpValue: 'NAME',
  }),
  target: Flags.option({ options: DAG_TARGETS, description: 'where the tasks run (default: kubernetes)' })(),
  as: Flags.option({
    options: DAG_SHAPES,
    description: 'a DAG, or a task group for a DAG of your own (default: dag)',
  })(),
  'group-by': Flags.option({
    options: GROUPINGS,
    description: 'which nodes share a task; those with in-memory data between them always do (default: memory)',
  })(),
  'group-tag': Flags.string({
    description: 'with --group-by tag: a tag whose nodes share a task; can be repeated',
    multiple: true,
    multipleNonGreedy: true,
    helpValue: 'TAG',
  }),
  output: Flags.string({
    char: 'o',
    description:
      'the file, relative to the project; {dag_id} and {pipeline} are filled in; - for stdout (default: dags/{dag_id}.py)',
    helpValue: 'FILE',
  }),
  check: Flags.boolean({
    description: 'write nothing; exit with 1 if a file is not as it would be written',
    exclusive: ['format', 'force'],
  }),
  format: Flags.option({
    options: DAG_FORMATS,
    description: 'the file for Airflow, or a drawing, which is printed unless --output names a file',
    default: 'python',
  })(),
  force: Flags.boolean({ description: 'overwrite a file that kdeploy did not write' }),
  platform: Flags.string({ description: 'the platform of a multi-platform image', helpValue: 'OS/ARCH' }),
};

export type DagFlags = Interfaces.InferredFlags<typeof dagFlags>;

/** Drawings are printed unless a file is named for them. */
export function isPrinted({ output, format }: DagFlags): boolean {
  return output === '-' || (format !== 'python' && output === undefined);
}

/** What a flag replaces is set nowhere in kdeploy.yml. */
export function placesOf({ places }: Settings, flags: DagFlags): Settings['places'] {
  const replaced = [
    ...(flags.pipeline === undefined ? [] : ['dag.pipelines']),
    ...(flags['group-by'] === undefined ? [] : ['dag.group_by']),
    ...(flags['group-tag'] === undefined ? [] : ['dag.group_tags']),
    ...(flags.output === undefined ? [] : ['dag.output']),
  ];
  return Object.fromEntries(Object.entries(places).filter(([key]) => !replaced.includes(key)));
}

/** Throws KdeployError `usage`. */
export async function withFlags(dag: DagSettings, root: string, flags: DagFlags): Promise<DagSettings> {
  if (flags.check && flags.output === '-')
    throw new KdeployError('usage', '--check compares files, and --output - names none', {
      hint: 'leave --output out, or name the file',
    });
  if (flags['group-tag'] !== undefined && (flags['group-by'] ?? dag.groupBy) !== 'tag')
    throw new KdeployError('usage', '--group-tag has no effect without --group-by tag', {
      hint: 'add --group-by tag, or leave --group-tag out',
    });
  return {
    ...dag,
    target: flags.target ?? dag.target,
    as: flags.as ?? dag.as,
    pipelines: flags.pipeline ?? dag.pipelines,
    groupBy: flags['group-by'] ?? dag.groupBy,
    groupTags: flags['group-tag'] ?? dag.groupTags,
    output:
      flags.output === undefined || flags.output === '-'
        ? dag.output
        : await outputOf(flags.output, root, flags.format),
  };
}

/** A path in the project, also where it is given as an absolute one. Throws KdeployError `usage`. */
async function outputOf(given: string, root: string, format: DagFormat): Promise<string> {
  const { dagOutputFlaw } = await import('../config/settings/airflow/dag-templates.js');
  const inside = isAbsolute(given) ? relative(root, given) : given;
  // A drawing has any ending.
  const flaw = dagOutputFlaw(format === 'python' ? inside : `${inside}.py`);
  if (flaw === undefined && inside !== '') return inside.replaceAll('\\', '/');
  throw new KdeployError('usage', `--output ${flaw?.message ?? 'is the project itself'}`, {
    hint: flaw?.remedy ?? 'name a file: dags/{dag_id}.py',
  });
}
