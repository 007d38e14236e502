import { readdirSync, readFileSync } from 'node:fs';
import { Ajv, type ValidateFunction } from 'ajv';
import { expect } from 'chai';

type Schema = Record<string, unknown>;

const folder = new URL('../../schema/', import.meta.url);

/** The published schemas of what programs read, by name: `hook-run`. */
export const OUTPUT_SCHEMAS: ReadonlyMap<string, Schema> = new Map(
  readdirSync(folder)
    .map((file) => file.replace(/\.schema\.json$/, ''))
    .filter((name) => name !== 'kdeploy')
    .map((name) => [name, JSON.parse(readFileSync(new URL(`${name}.schema.json`, folder), 'utf8')) as Schema]),
);

const validators = new Map<string, ValidateFunction>();

/** Fails where a value is not as its published schema says, or has a key that the schema does not name. */
export function expectOutput(name: string, value: unknown): void {
  const schema = OUTPUT_SCHEMAS.get(name);
  if (schema === undefined) throw new Error(`there is no schema/${name}.schema.json`);
  const validate =
    validators.get(name) ?? new Ajv({ allErrors: true, allowUnionTypes: true }).compile(closed(schema) as Schema);
  validators.set(name, validate);
  expect(validate(value), `${name}: ${JSON.stringify(validate.errors)}`).to.equal(true);
}

/**
 * What a command printed with --json, against the schema of that command, or of errors. `words` are the command's:
 * `['hook', 'run', '--json']`; without --json there is nothing to look at.
 */
export function expectOutputOf(words: readonly string[], stdout: string): void {
  const own = words.includes('--') ? words.slice(0, words.indexOf('--')) : words;
  if (!own.includes('--json') || stdout === '') return;
  const value = JSON.parse(stdout) as object;
  expectOutput('error' in value ? 'error' : nameOf(own), value);
}

function nameOf([first = '', second = '', ...rest]: readonly string[]): string {
  if (first === 'check') return [second, ...rest].includes('--explain') ? 'check-explain' : 'check-report';
  return OUTPUT_SCHEMAS.has(`${first}-${second}`) ? `${first}-${second}` : first;
}

/** Published schemas let later versions add keys; what this version writes must be in them. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== 'object' || schema === null) return schema;
  const entries = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closed(value)]));
  const names = entries.type === 'object' && 'properties' in entries && !('additionalProperties' in entries);
  return names ? { ...entries, additionalProperties: false } : entries;
}
