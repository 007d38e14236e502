import type { Image } from '../image/image.js';
import { LABELS, OCI_LABELS } from '../image/labels.js';
import { layerSteps } from '../image/layer-steps.js';
import { formatPlatform } from '../image/platform.js';
import { variableName, type RunConfiguration } from '../image/run-configuration.js';
import { redact } from '../secrets/redaction.js';
import { describeConfiguration, madeBy } from './image-description.js';
import { layerDifference, type ComparedLayer, type LayerDifference } from './layer-difference.js';
import type { PackageDifference } from './packages-in-layers.js';
import { shownCommand, shownLabel, shownVariable } from './shown-value.js';

/** What is compared of an image, wherever it was found. */
export interface ComparedImage {
  readonly reference: string;
  /** The configuration's digest, which names all that the image is: two images with the same one do not differ. */
  readonly id: string;
  readonly platform: string;
  readonly configuration: RunConfiguration;
  /** Lowest first. */
  readonly layers: readonly ComparedLayer[];
}

/** What is different between two images. Only what differs is listed, and no value in it is a secret. */
export interface ImageDifference {
  /** The first image, as it was asked for. */
  readonly a: string;
  readonly b: string;
  /** Whether they are one image: the same configuration and the same layers, the times of the build included. */
  readonly identical: boolean;
  readonly fields: readonly ChangedField[];
  readonly variables: readonly ChangedEntry[];
  /** Without those whose change is among the fields. */
  readonly labels: readonly ChangedEntry[];
  /** `null` where nobody looked for them. */
  readonly packages: PackageDifference | null;
  readonly layers: LayerDifference;
}

export interface ChangedField {
  /** As `kdeploy inspect --json` calls it. */
  readonly name: FieldName;
  /** `null` where the image does not have it. Equal to `b` where only a secret in it differs. */
  readonly a: FieldValue;
  readonly b: FieldValue;
}

export type FieldValue = string | readonly string[] | null;

export interface ChangedEntry {
  readonly name: string;
  readonly change: 'onlyInA' | 'onlyInB' | 'changed';
  /** `null` where it is not set, and for all values that kdeploy did not write: they may be secrets. */
  readonly a: string | null;
  readonly b: string | null;
}

export type FieldName =
  | 'baked.trackingUri'
  | 'baked.experiment'
  | 'baked.authentication'
  | 'baked.env'
  | 'baked.version'
  | 'revision'
  | 'source'
  | 'base'
  | 'platform'
  | 'user'
  | 'workingDirectory'
  | 'entrypoint'
  | 'cmd';

/** What is compared of an image that is a value. */
export function comparedImage({ config, platform, layers }: Image, reference: string): ComparedImage {
  const steps = layerSteps(config.value.history, layers.length);
  return {
    reference,
    id: config.digest,
    platform: formatPlatform(platform),
    configuration: config.value.run,
    layers: layers.map(({ descriptor: { digest, size }, diffId }, index) => ({
      ...{ digest, size, diffId },
      madeBy: madeBy(steps?.[index]),
    })),
  };
}

/** `packages`, for which layers have to be read, where they are known. */
export function imageDifference(
  a: ComparedImage,
  b: ComparedImage,
  packages: PackageDifference | null = null,
): ImageDifference {
  const [one, other] = [a.configuration, b.configuration];
  const fields = changedFields(fieldsOf(a), fieldsOf(b));
  const labels = changedEntries(new Map(Object.entries(one.labels)), new Map(Object.entries(other.labels)), shownLabel);
  return {
    a: a.reference,
    b: b.reference,
    identical: a.id === b.id,
    fields,
    variables: changedEntries(variablesOf(one.env), variablesOf(other.env), (name, entry) =>
      shownVariable(name, entry.slice(name.length + 1)),
    ),
    labels: labels.filter(({ name }) => !fields.some((field) => field.name === FIELD_OF_LABEL[name])),
    packages,
    layers: layerDifference(a.layers, b.layers),
  };
}

/** Whether nothing that is compared differs; images that are not identical may differ in when and how they were built. */
export function isEmptyDifference({ fields, variables, labels, layers }: ImageDifference): boolean {
  const { onlyInA, onlyInB, reordered } = layers;
  return !reordered && [fields, variables, labels, onlyInA, onlyInB].every((list) => list.length === 0);
}

/** What a field says need not be said of its label again. */
const FIELD_OF_LABEL: Readonly<Record<string, FieldName>> = {
  [LABELS.trackingUri]: 'baked.trackingUri',
  [LABELS.experiment]: 'baked.experiment',
  [LABELS.authentication]: 'baked.authentication',
  [LABELS.env]: 'baked.env',
  [LABELS.version]: 'baked.version',
  [OCI_LABELS.revision]: 'revision',
  [OCI_LABELS.source]: 'source',
  [OCI_LABELS.baseName]: 'base',
};

function fieldsOf({ platform, configuration }: ComparedImage): Readonly<Record<FieldName, FieldValue>> {
  const { baked, revision, source, base, user, workingDirectory, entrypoint, cmd } =
    describeConfiguration(configuration);
  return {
    'baked.trackingUri': baked?.trackingUri ?? null,
    'baked.experiment': baked?.experiment ?? null,
    'baked.authentication': baked?.authentication ?? [],
    'baked.env': baked?.env ?? null,
    'baked.version': baked?.version ?? null,
    revision,
    source,
    base,
    platform,
    user,
    workingDirectory,
    entrypoint,
    cmd,
  };
}

function changedFields(
  a: Readonly<Record<FieldName, FieldValue>>,
  b: Readonly<Record<FieldName, FieldValue>>,
): ChangedField[] {
  const names = Object.keys(a) as FieldName[];
  return names
    .filter((name) => JSON.stringify(a[name]) !== JSON.stringify(b[name]))
    .map((name) => ({ name, a: shownField(a[name]), b: shownField(b[name]) }));
}

function shownField(value: FieldValue): FieldValue {
  if (value === null) return null;
  return typeof value === 'string' ? redact(value) : shownCommand(value);
}

type Entries = ReadonlyMap<string, string>;

/** By name; the last one of a name wins, as in a process's environment. */
function variablesOf(env: readonly string[]): Entries {
  return new Map(env.map((entry) => [variableName(entry), entry]));
}

function changedEntries(a: Entries, b: Entries, shown: (name: string, value: string) => string | null): ChangedEntry[] {
  const names = [...new Set([...a.keys(), ...b.keys()])].sort();
  return names.flatMap((name): ChangedEntry[] => {
    const [one, other] = [a.get(name), b.get(name)];
    if (one === other) return [];
    const change = other === undefined ? 'onlyInA' : one === undefined ? 'onlyInB' : 'changed';
    const show = (value: string | undefined): string | null => (value === undefined ? null : shown(name, value));
    return [{ name, change, a: show(one), b: show(other) }];
  });
}
