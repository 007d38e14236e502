import type { Bar } from '../progress.js';
import { bytesText } from './columns.js';
import { harmlessLine } from './harmless.js';

const [DONE, OPEN] = ['█', '░'];
const WIDTH = 24;
/** As many as are shown at once; more would push what is above them out of sight. */
const MAXIMUM_BARS = 4;
/** What is there in a moment needs no bar. */
const MINIMUM_BYTES = 1_000_000;

/** A line for each transfer, each after a line break; nothing on a terminal that is too narrow for them. */
export function barLines(bars: readonly Bar[], columns: number): string {
  const lines = bars
    .filter(({ total }) => total >= MINIMUM_BYTES)
    .slice(0, MAXIMUM_BARS)
    .map(({ name, done, total }) => {
      const filled = Math.min(WIDTH, Math.max(0, Math.round((done / total) * WIDTH)));
      const bar = DONE.repeat(filled) + OPEN.repeat(WIDTH - filled);
      return `  ${harmlessLine(name)}  ${bar}  ${bytesText(done)} of ${bytesText(total)}`;
    });
  return lines.every((line) => line.length < columns) ? lines.map((line) => `\n${line}`).join('') : '';
}
