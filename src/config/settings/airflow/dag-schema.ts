import * as z from 'zod/mini';
import { GROUPINGS } from '../../../graph/grouping/grouping.js';
import { DAG_SHAPES, DAG_TARGETS, DEFAULT_DAG_SETTINGS } from '../dag-settings.js';
import { field, text, textThat } from '../fields.js';
import { dagIdFlaw, dagOutputFlaw } from './dag-templates.js';

const { target, as, pipelines, groupBy, output, maxTasks } = DEFAULT_DAG_SETTINGS;

/** The keys of `dag:`. */
export const DAG_FIELDS = {
  target: field(z.enum(DAG_TARGETS), 'Where the tasks run', { default: target }),
  as: field(z.enum(DAG_SHAPES), 'A DAG, or a function that adds a task group to a DAG of your own', { default: as }),
  pipelines: field(z.array(text()).check(z.minLength(1)), 'Kedro pipelines, one or a list; each gets a file', {
    default: pipelines,
  }),
  group_by: field(z.enum(GROUPINGS), 'Which nodes share a task; nodes that pass data in memory always do', {
    default: groupBy,
  }),
  group_tags: field(z.array(text()), 'The tags that make groups, with group_by: tag; one or a list'),
  output: field(textThat(dagOutputFlaw), 'The file, relative to the project; {dag_id} and {pipeline} are filled in', {
    default: output,
  }),
  id: field(
    textThat(dagIdFlaw),
    'The ID of the DAG, with {project} and {pipeline}; empty: the package, and the pipeline unless it is __default__',
    { examples: ['{project}-{pipeline}'] },
  ),
  max_tasks: field(z.int().check(z.positive()), 'More tasks than that are refused', { default: maxTasks }),
};
