import type { LayerDescription } from '../inspect/image-description.js';
import { bytesText, columns } from './columns.js';
import { hasPictures, type Output } from './terminal.js';
import { visible } from './visible.js';

const BLOCK = '█';
const MAXIMUM_BAR = 30;
const MINIMUM_BAR = 4;
/** Of what made a layer, less than this says nothing. */
const MINIMUM_STEP = 12;
const GAP = '  ';

/**
 * Layers, lowest first, with a bar for the size of each and what made it: a line each, within the terminal's width. Off a
 * terminal, and on one that is too narrow or cannot show bars, digest and size alone.
 */
export function layerBars(
  layers: readonly LayerDescription[],
  output: Output,
  environment: Readonly<Record<string, string | undefined>>,
): string {
  const rows = layers.map(({ digest, size, madeBy }) => ({
    digest: digest.slice(0, 'sha256:'.length + 12),
    size: size === null ? '' : bytesText(size),
    bytes: size ?? 0,
    madeBy: visible(madeBy ?? ''),
  }));
  const [digestWidth, sizeWidth] = [widest(rows.map((row) => row.digest)), widest(rows.map((row) => row.size))];
  const left = (output.columns ?? 0) - [GAP, GAP, GAP].join('').length - digestWidth - sizeWidth;
  const bar = Math.min(MAXIMUM_BAR, Math.floor(left / 2));
  if (!hasPictures(output, environment) || bar < MINIMUM_BAR)
    return columns(
      rows.map(({ digest, size }) => [digest, size]),
      GAP,
    );
  const largest = Math.max(1, ...rows.map(({ bytes }) => bytes));
  const room = left - bar - GAP.length;
  return rows
    .map(({ digest, size, bytes, madeBy }) => {
      // What is there can be seen, however small it is.
      const blocks = BLOCK.repeat(bytes === 0 ? 0 : Math.max(1, Math.round((bytes / largest) * bar)));
      const step = room < MINIMUM_STEP ? '' : shortened(madeBy, room);
      const cells = [digest.padEnd(digestWidth), size.padStart(sizeWidth), blocks.padEnd(bar), step];
      return `${GAP}${cells.join(GAP)}`.trimEnd();
    })
    .join('\n');
}

function widest(cells: readonly string[]): number {
  return Math.max(0, ...cells.map(({ length }) => length));
}

function shortened(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 1).trimEnd()}…`;
}
