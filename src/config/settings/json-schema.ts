import * as z from 'zod/mini';
import { NAME_LISTS, ONE_OR_LIST } from './normalise.js';
import { configurationSchema, SECTION_FIELDS } from './schema.js';

/**
 * The JSON Schema of kdeploy.yml for editors: draft 7, which the YAML language server knows best. `rules` describe what
 * is under `checks:`.
 */
export function configurationJsonSchema(rules: readonly { id: string; description: string }[]): object {
  const schema = z.toJSONSchema(configurationSchema, { target: 'draft-7', io: 'input' });
  for (const [section, key] of ONE_OR_LIST) allowSingle(property(property(schema, section), key));
  // Names separated by commas, as kedro-airflow-k8s had them.
  for (const key of NAME_LISTS) alternatives(property(property(schema, 'run_config'), key)).push({ type: 'string' });
  allowSingle(property(property(property(schema, 'run_config'), 'volume'), 'access_modes'));
  const checks = property(schema, 'checks');
  for (const id of Object.keys(SECTION_FIELDS.checks)) {
    const level = property(checks, id);
    // To an editor that reads YAML 1.1, off and on are false and true.
    alternatives(level).push({ type: 'boolean' });
    const rule = rules.find((candidate) => candidate.id === id);
    if (rule !== undefined) level.description = `${rule.description} (${level.description ?? ''})`;
  }
  return {
    ...schema,
    title: 'kdeploy.yml',
    description: 'How kdeploy builds, bakes and pushes the image of a Kedro project',
  };
}

type Schema = z.core.JSONSchema.BaseSchema;

/** The schema is our own, so a missing piece is a mistake made here, which the test of the published file shows. */
function property(schema: Schema, key: string): Schema {
  const candidates = [schema, ...(schema.anyOf ?? [])];
  const found = candidates
    .map(({ properties }) => properties?.[key])
    .find((candidate) => typeof candidate === 'object');
  if (found === undefined) throw new Error(`the schema of kdeploy.yml has no ${key}`);
  return found;
}

function alternatives(schema: Schema): Schema[] {
  schema.anyOf ??= [];
  return schema.anyOf;
}

function allowSingle(schema: Schema): void {
  const list = alternatives(schema).find(({ type }) => type === 'array');
  if (typeof list?.items === 'object' && !Array.isArray(list.items)) alternatives(schema).unshift(list.items);
}
