import { posix } from 'node:path';
import type { DagSettings } from '../config/settings/dag-settings.js';
import { slug } from '../graph/slug.js';

/** `{project}` and `{pipeline}` are filled in; without a template the package, and the pipeline where it is not `__default__`. */
export function dagId(template: string | null, packageName: string, pipeline: string): string {
  if (template === null)
    return slug(pipeline === '__default__' ? packageName : `${packageName}-${pipeline.replaceAll('_', '-')}`);
  return filled(template, { project: packageName, pipeline: pipeline.replace(/^__default__$/, 'default') });
}

/** Relative to the project. `{dag_id}` and `{pipeline}` of the configured output are filled in. */
export function fileName({ output }: Pick<DagSettings, 'output'>, id: string, pipeline: string): string {
  return posix.normalize(filled(output, { dag_id: id, pipeline: pipeline.replaceAll(/[/\\]/g, '-') }));
}

/** In one go: a pipeline may be called `{project}`. */
function filled(template: string, values: Readonly<Record<string, string>>): string {
  return template.replaceAll(/\{(\w+)\}/g, (whole, name: string) =>
    Object.hasOwn(values, name) ? (values[name] ?? whole) : whole,
  );
}
