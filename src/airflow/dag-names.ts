import { posix } from 'node:path';
import type { DagSettings } from '../config/settings/dag-settings.js';
import { slug } from '../graph/slug.js';

/** `{project}` and `{pipeline}` are filled in; without a template the package, and the pipeline where it is not `__default__`. */
export function dagId(template: string | null, packageName: string, pipeline: string): string {
  if (template === null)
    return slug(pipeline === '__default__' ? packageName : `${packageName}-${pipeline.replaceAll('_', '-')}`);
  return filled(template, { project: packageName, pipeline: pipeline.replace(/^__default__$/, 'default') });
}

/**
 * Relative to the project. `{dag_id}` and `{pipeline}` of the configured output are filled in; for a task group as Python can
 * import a module of that name.
 */
export function fileName({ output, as }: Pick<DagSettings, 'output' | 'as'>, id: string, pipeline: string): string {
  const part = (text: string): string =>
    as === 'task-group' ? text.replaceAll(/[^\p{L}\p{N}_]+/gu, '_') : text.replaceAll(/[/\\]/g, '-');
  return posix.normalize(filled(output, { dag_id: part(id), pipeline: part(pipeline) }));
}

/** In one go: a pipeline may be called `{project}`. */
function filled(template: string, values: Readonly<Record<string, string>>): string {
  return template.replaceAll(/\{(\w+)\}/g, (whole, name: string) =>
    Object.hasOwn(values, name) ? (values[name] ?? whole) : whole,
  );
}
