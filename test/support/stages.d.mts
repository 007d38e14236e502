/** Types for the tests; the file itself runs before anything is installed. */
import type { Lane } from './lane.mjs';

export type Stage = readonly [name: string, work: (lane: Lane) => Promise<number>, cpuMinutes: number, needed?: string];
export function runStages(
  lanes: readonly (readonly [lane: Lane, stages: readonly Stage[]])[],
  write?: (text: Buffer) => void,
): Promise<ReadonlyMap<string, number>>;
