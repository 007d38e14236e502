import type { Flaw, Judge } from '../fields.js';

/** `dag.id`: {project} and {pipeline} among what Airflow accepts in an ID. */
export const dagIdFlaw: Judge<string> = (id) =>
  unknownPlaceholder(id, ['project', 'pipeline']) ??
  (/^[\w.-]{1,250}$/.test(id.replaceAll(PLACEHOLDER, 'x'))
    ? undefined
    : {
        message: 'is not a name that Airflow accepts for a DAG',
        remedy: 'use at most 250 letters, digits, "-", "_" and ".": {project}-{pipeline}',
      });

/** `dag.output`: a Python file in the project. */
export const dagOutputFlaw: Judge<string> = (file) => {
  const unknown = unknownPlaceholder(file, ['dag_id', 'pipeline']);
  if (unknown !== undefined) return unknown;
  if (/^(?:[\\/~]|[A-Za-z]:)/.test(file) || file.split(/[\\/]/).includes('..'))
    return { message: 'points outside the project', remedy: 'use a path relative to the project: dags/{dag_id}.py' };
  const parts = file.split(/[\\/]/);
  if (parts.includes('.git')) return { message: "is in git's own folder", remedy: 'choose another: dags/{dag_id}.py' };
  if (/\p{Cc}/u.test(file) || parts.some((part) => Buffer.byteLength(part) > LONGEST_NAME))
    return {
      message: 'is not the name of a file',
      remedy: `use at most ${LONGEST_NAME} bytes, and no control characters`,
    };
  if (!file.endsWith('.py')) return { message: 'is not a Python file', remedy: 'end it with .py: dags/{dag_id}.py' };
  return undefined;
};

/** Of every file system that keeps a project. */
const LONGEST_NAME = 255;

const PLACEHOLDER = /\{([^{}]*)\}/g;

function unknownPlaceholder(template: string, known: readonly string[]): Flaw | undefined {
  const names = [...template.matchAll(PLACEHOLDER)].map(([, name = '']) => name);
  if (names.every((name) => known.includes(name))) return undefined;
  return {
    message: 'has an unknown placeholder',
    remedy: `supported placeholders: ${known.map((name) => `{${name}}`).join(', ')}`,
  };
}
