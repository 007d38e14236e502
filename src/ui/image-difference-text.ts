import {
  isEmptyDifference,
  type ChangedEntry,
  type ChangedField,
  type FieldName,
  type FieldValue,
  type ImageDifference,
} from '../inspect/image-difference.js';
import type { LayerDescription } from '../inspect/image-description.js';
import type { ChangedPackage, PackageDifference } from '../inspect/packages-in-layers.js';
import { bytesText, columns } from './columns.js';
import { visible } from './visible.js';

/** As `kdeploy inspect` calls them. */
const NAMES: Readonly<Record<FieldName, string>> = {
  'baked.trackingUri': 'tracking URI',
  'baked.experiment': 'experiment',
  'baked.authentication': 'authentication',
  'baked.env': 'Kedro environment',
  'baked.version': 'kdeploy',
  revision: 'git revision',
  source: 'source',
  base: 'base image',
  platform: 'platform',
  user: 'user',
  workingDirectory: 'working directory',
  entrypoint: 'entrypoint',
  cmd: 'cmd',
};

/** What is longer than this cannot be compared by eye: that it changed is all that is shown of a variable or a label. */
const MAXIMUM_VALUE = 80;

type Row = readonly [name: string, value: string];

/** What is different between two images, for people: what it is, and `A → B`. */
export function imageDifferenceText(difference: ImageDifference): string {
  const { a, b, identical, fields, variables, labels, packages, layers } = difference;
  const names = columns([
    ['A', visible(a)],
    ['B', visible(b)],
  ]);
  const sections = [
    columns(fields.map(fieldRow)),
    section('variables', variables.map(entryRow)),
    section('labels', labels.map(entryRow)),
    packages === null ? '' : packagesText(packages),
    layersText(layers),
  ].filter((text) => text !== '');
  if (isEmptyDifference(difference)) sections.unshift(sameText(identical));
  return [names, ...sections].join('\n\n');
}

function sameText(identical: boolean): string {
  return identical
    ? 'identical: both are the same image'
    : 'no difference in anything that kdeploy compares; only other metadata differs, such as the time of the build';
}

function section(title: string, rows: readonly Row[]): string {
  return rows.length === 0 ? '' : `${title}\n${columns(rows, '  ')}`;
}

function fieldRow({ name, a, b }: ChangedField): Row {
  const [one, other] = [fieldText(name, a), fieldText(name, b)];
  return [NAMES[name], one === other ? `${one} (differs in a secret, which is not shown)` : `${one} → ${other}`];
}

function fieldText(name: FieldName, value: FieldValue): string {
  if (name === 'baked.version' && value === null) return 'not built by kdeploy';
  if (value === '') return '(empty)';
  if (value === null || value.length === 0) return 'none';
  if (typeof value === 'string') return visible(value);
  return visible(name === 'baked.authentication' ? value.join(', ') : JSON.stringify(value));
}

function entryRow({ name, change, a, b }: ChangedEntry): Row {
  const [one, other] = [valueText(a), valueText(b)];
  if (change === 'onlyInA') return [visible(name), only('A', one)];
  if (change === 'onlyInB') return [visible(name), only('B', other)];
  const isShown = one !== undefined && other !== undefined && one !== other;
  return [visible(name), isShown ? `${one} → ${other}` : 'changed'];
}

/** `undefined` for what is not shown. */
function valueText(value: string | null): string | undefined {
  if (value === null || value.length > MAXIMUM_VALUE) return undefined;
  return value === '' ? '(empty)' : visible(value);
}

function only(image: 'A' | 'B', value: string | undefined): string {
  return `only in ${image}${value === undefined ? '' : `: ${value}`}`;
}

function packagesText({ changes, unread }: PackageDifference): string {
  const digests = unread.map(shortDigest).join(', ');
  const unknown: Row[] =
    unread.length === 0
      ? []
      : [
          [
            'unknown',
            `what ${digests} contain${unread.length === 1 ? 's' : ''}: to read zstd, use Node.js 22.15 or later`,
          ],
        ];
  return section('Python packages, in the layers that differ', [...changes.map(packageRow), ...unknown]);
}

function packageRow({ name, change, a, b }: ChangedPackage): Row {
  const [one, other] = [a.join(', '), b.join(', ')].map(visible) as [string, string];
  if (change === 'changed') return [name, `${one} → ${other}`];
  return [name, change === 'onlyInA' ? only('A', one) : only('B', other)];
}

function layersText({ shared, onlyInA, onlyInB, reordered }: ImageDifference['layers']): string {
  if (onlyInA.length === 0 && onlyInB.length === 0 && !reordered) return '';
  return [
    'layers',
    `  in both: ${countText(shared)}${reordered ? ', in another order' : ''}`,
    layerList('A', onlyInA),
    layerList('B', onlyInB),
  ]
    .filter((line) => line !== '')
    .join('\n');
}

function layerList(image: 'A' | 'B', layers: readonly LayerDescription[]): string {
  if (layers.length === 0) return '';
  const rows = layers.map(({ digest, size, madeBy }): Row => {
    const parts = [size === null ? '' : bytesText(size), visible(madeBy ?? '')];
    return [shortDigest(digest), parts.filter((part) => part !== '').join('  ')];
  });
  return `  only in ${image}: ${countText(layers)}\n${columns(rows, '    ')}`;
}

function countText(layers: readonly LayerDescription[]): string {
  const count = `${layers.length} layer${layers.length === 1 ? '' : 's'}`;
  const known = layers.every(({ size }) => size !== null);
  return known && layers.length > 0
    ? `${count}, ${bytesText(layers.reduce((sum, { size }) => sum + (size ?? 0), 0))}`
    : count;
}

function shortDigest(digest: string): string {
  return digest.slice(0, 'sha256:'.length + 12);
}
