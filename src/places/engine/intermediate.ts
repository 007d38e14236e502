import { createHash, randomBytes } from 'node:crypto';
import { readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { INTERMEDIATE_REPOSITORY } from '../../image/bake-step.js';

/** On containers, except for one that is committed, whose labels would get into the image. Its name says the same. */
export const PROCESS_LABEL = 'io.kdeploy.process';

/** Who made something that must not outlive a command. */
export interface Maker {
  /** Tells machines, and containers in which process IDs start again at 1, from each other. */
  readonly machine: string;
  readonly pid: number;
  /** Seconds since 1970. */
  readonly time: number;
}

/** This process, as names and labels have it: `9b1deb4d3b7d-4711-1767323045`. */
export function ownMark(): string {
  return `${ownMachine()}-${process.pid}-${Math.floor(Date.now() / 1000)}`;
}

/** Who made a container or a tag of this name; `undefined` for names that are not kdeploy's. */
export function makerOf(name: string): Maker | undefined {
  const found =
    /^(?:\/?kdeploy-[a-z-]+-|(?:localhost\/)?kdeploy-intermediate:)([0-9a-f]{12})-(\d+)-(\d+)-[0-9a-f]{12}(?:-baked)?$/.exec(
      name,
    );
  if (found === null) return undefined;
  const [, machine = '', pid, time] = found;
  return { machine, pid: Number(pid), time: Number(time) };
}

export function ownMachine(): string {
  return createHash('sha256').update(`${hostname()}\n${processNamespace()}`).digest('hex').slice(0, 12);
}

function processNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    // There are none but on Linux.
    return '';
  }
}

/** A name nobody else has: two builds at once never see each other's images and containers. */
export function uniqueName(purpose: string): string {
  return `kdeploy-${purpose}-${ownMark()}-${randomBytes(6).toString('hex')}`;
}

/** A private tag for an image under construction. */
export function intermediateTag(): string {
  return `${INTERMEDIATE_REPOSITORY}:${ownMark()}-${randomBytes(6).toString('hex')}`;
}

/** The private tag of what is baked on the image of another one. */
export function bakedTag(built: string): string {
  return `${built}-baked`;
}
