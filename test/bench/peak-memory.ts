import { readdir, readFile } from 'node:fs/promises';

import type { RunningCommand } from '../support/command.js';
import { succeeded } from './stage.js';
import type { Row } from './table.js';

const TARGET_MEGABYTES = 150;

/** The most memory that a command has had at once, in megabytes. */
export async function peakOf(command: RunningCommand): Promise<number> {
  let peak = 0;
  await whileRunning(command, async () => {
    // The kernel keeps the peak, so that looking now and then misses nothing but the very end.
    const process = await processOf(command.pid);
    peak = Math.max(peak, process?.peak ?? 0);
  });
  return peak;
}

export interface Peaks {
  /** Of the command's own process, in megabytes. */
  readonly own: number;
  /** Of the programs that it starts, by name: all processes of one that run at the same time, each at its peak. */
  readonly programs: ReadonlyMap<string, number>;
}

/** The same, and apart from it the memory of the programs that the command starts, and of those that they start. */
export async function peaksOf(command: RunningCommand): Promise<Peaks> {
  let own = 0;
  const programs = new Map<string, number>();
  await whileRunning(command, async () => {
    const [itself, ...others] = await familyOf(command.pid);
    if (itself === undefined) return;
    own = Math.max(own, itself.peak);
    const now = new Map<string, number>();
    for (const { name, peak } of others) {
      // One of the same name is the command's own copy, which the kernel makes just before a program starts.
      if (name !== itself.name) now.set(name, (now.get(name) ?? 0) + peak);
    }
    for (const [name, peak] of now) programs.set(name, Math.max(programs.get(name) ?? 0, peak));
  });
  return { own, programs };
}

/** `programs` are those that the command starts, which its target is not about. */
export function memoryRowOf(
  what: string,
  peak: number,
  { target = TARGET_MEGABYTES, programs }: { readonly target?: number; readonly programs?: Peaks['programs'] } = {},
): Row {
  const apart = [...(programs ?? [])].toSorted(([, one], [, other]) => other - one);
  return {
    what: `memory of ${what}`,
    measured: `${peak.toFixed(0)} MB RSS`,
    against:
      apart.length === 0 ? '' : `apart: ${apart.map(([name, peak]) => `${name} ${peak.toFixed(0)} MB`).join(', ')}`,
    result: '',
    target: `<= ${target} MB`,
    isMet: peak <= target,
  };
}

/** Looks now and then until the command has ended, which it must with success. */
async function whileRunning(command: RunningCommand, look: () => Promise<void>): Promise<void> {
  const state: { over: boolean } = { over: false };
  const ended = command.ended.finally(() => (state.over = true));
  while (!state.over) {
    await look();
    await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 50))]);
  }
  succeeded(await ended);
}

interface Process {
  readonly pid: number;
  readonly parent: number;
  /** Without a version: `python` for `python3.11`. */
  readonly name: string;
  /** The most memory that it has had, in megabytes. */
  readonly peak: number;
}

/** The process, then those below it; empty where it has ended. */
async function familyOf(pid: number): Promise<Process[]> {
  const ids = (await readdir('/proc')).map(Number).filter(Number.isInteger);
  const all = (await Promise.all(ids.map(processOf))).filter((process) => process !== undefined);
  const family = all.filter((process) => process.pid === pid);
  // It grows while it is gone through.
  for (const { pid: parent } of family) family.push(...all.filter((process) => process.parent === parent));
  return family;
}

/** `undefined` for one that has ended. */
async function processOf(pid: number): Promise<Process | undefined> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const field = (name: string): string | undefined => new RegExp(`^${name}:\\s+(\\S+)`, 'm').exec(status)?.[1];
  const peak = field('VmHWM');
  if (peak === undefined) return undefined;
  const name = (field('Name') ?? '').replace(/[\d.]+$/, '');
  return { pid, parent: Number(field('PPid')), name, peak: Number(peak) / 1024 };
}
