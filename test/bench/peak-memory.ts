import { readFile } from 'node:fs/promises';

import type { RunningCommand } from '../support/command.js';
import { succeeded } from './stage.js';
import type { Row } from './table.js';

const TARGET_MEGABYTES = 150;

/** The most memory that a command has had at once, in megabytes. */
export async function peakOf(command: RunningCommand): Promise<number> {
  const state: { over: boolean } = { over: false };
  let peak = 0;
  const ended = command.ended.finally(() => (state.over = true));
  while (!state.over) {
    // The kernel keeps the peak, so that looking now and then misses nothing but the very end.
    peak = Math.max(peak, await peakMegabytes(command.pid));
    await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 50))]);
  }
  succeeded(await ended);
  return peak;
}

export function memoryRowOf(what: string, peak: number): Row {
  return {
    what: `memory of ${what}`,
    measured: `${peak.toFixed(0)} MB RSS`,
    against: '',
    result: '',
    target: `<= ${TARGET_MEGABYTES} MB`,
    isMet: peak <= TARGET_MEGABYTES,
  };
}

async function peakMegabytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) / 1024;
}
