import { KdeployError } from '../errors.js';
import type { Dataset, PathSetting, PipelineNode, Structure } from './structure.js';

/** Of the document. Raised when a field goes or means something else. */
export const STRUCTURE_FORMAT = 1;

type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads the document of `python -m kdeploy_runtime describe --json` (templates/runtime/kdeploy_runtime/description). Fields
 * that are not known are left. Throws KdeployError `image-unusable` for what has another shape.
 */
export function readStructure(document: unknown): Structure {
  const fields = fieldsOf(document, 'the document');
  const { schema_version: format } = fields;
  if (typeof format === 'number' && format > STRUCTURE_FORMAT) throw tooNew(format);
  if (format !== STRUCTURE_FORMAT) throw misshapen('schema_version');
  return {
    package: textIn(fields, 'package'),
    kedroVersion: textIn(fields, 'kedro_version'),
    kedroEnv: optionalTextIn(fields, 'kedro_env'),
    folder: textIn(fields, 'folder'),
    runOptions: (fields.run_options ?? null) === null ? null : textsIn(fields, 'run_options'),
    pipelines: mapIn(fields, 'pipelines', (nodes, name) => listOf(nodes, `pipelines.${name}`).map(nodeOf)),
    datasets: mapIn(fields, 'datasets', datasetOf),
  };
}

function nodeOf(document: unknown): PipelineNode {
  const fields = fieldsOf(document, 'a node');
  return {
    name: textIn(fields, 'name'),
    namespace: optionalTextIn(fields, 'namespace'),
    tags: textsIn(fields, 'tags').toSorted(),
    inputs: textsIn(fields, 'inputs'),
    outputs: textsIn(fields, 'outputs'),
    confirms: fields.confirms === undefined ? [] : textsIn(fields, 'confirms').toSorted(),
    function: textIn(fields, 'function'),
  };
}

function datasetOf(document: unknown): Dataset {
  const fields = fieldsOf(document, 'a dataset');
  const { ephemeral, versioned, importable = true, defined_by: definedBy, asset } = fields;
  if (typeof ephemeral !== 'boolean') throw misshapen('ephemeral');
  if (typeof importable !== 'boolean') throw misshapen('importable');
  if (typeof versioned !== 'boolean') throw misshapen('versioned');
  if (definedBy !== 'entry' && definedBy !== 'pattern' && definedBy !== 'nothing') throw misshapen('defined_by');
  if (asset !== true && asset !== null && typeof asset !== 'string') throw misshapen('asset');
  return {
    type: textIn(fields, 'type'),
    importable,
    ephemeral,
    versioned,
    definedBy,
    pattern: optionalTextIn(fields, 'pattern'),
    localPaths: textsIn(fields, 'local_paths'),
    pathSettings: listOf(fields.path_settings ?? [], 'path_settings').map(pathSettingOf),
    address: optionalTextIn(fields, 'address'),
    table: fields.table === undefined ? null : optionalTextIn(fields, 'table'),
    asset,
  };
}

function pathSettingOf(document: unknown): PathSetting {
  const fields = fieldsOf(document, 'path_settings');
  return { key: textIn(fields, 'key'), path: textIn(fields, 'path'), written: textIn(fields, 'written') };
}

function fieldsOf(document: unknown, what: string): Fields {
  if (typeof document === 'object' && document !== null && !Array.isArray(document)) return document as Fields;
  throw misshapen(what);
}

function textIn(fields: Fields, key: string): string {
  const value = fields[key];
  if (typeof value === 'string' && value !== '') return value;
  throw misshapen(key);
}

function optionalTextIn(fields: Fields, key: string): string | null {
  return fields[key] === null ? null : textIn(fields, key);
}

function textsIn(fields: Fields, key: string): readonly string[] {
  const texts = listOf(fields[key], key);
  if (!texts.every((text) => typeof text === 'string')) throw misshapen(key);
  return texts;
}

function mapIn<V>(fields: Fields, key: string, read: (value: unknown, name: string) => V): Readonly<Record<string, V>> {
  const entries = Object.entries(fieldsOf(fields[key], key));
  // A pipeline may be called `__proto__`.
  return Object.assign(
    Object.create(null) as Record<string, V>,
    Object.fromEntries(entries.map(([name, value]) => [name, read(value, name)])),
  );
}

function listOf(value: unknown, what: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw misshapen(what);
}

function tooNew(format: number): KdeployError {
  return new KdeployError(
    'image-unusable',
    `the image was built by a newer kdeploy: it describes its pipelines in format ${format}, and this kdeploy reads ${STRUCTURE_FORMAT}`,
    { hint: 'update kdeploy' },
  );
}

function misshapen(what: string): KdeployError {
  return new KdeployError(
    'image-unusable',
    `the image did not describe its pipelines in a valid form: ${what} is missing or has another type`,
    { hint: 'build the image again with this version of kdeploy' },
  );
}
