import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';

import { watchForHang } from './hang.mjs';

/**
 * Runs lanes of stages side by side, in each lane one stage after the other, also after one that failed, and returns the exit codes
 * of those that did, in their order. What a lane prints stands together: the first lane prints at once, another one when those
 * before it have ended. A stage is [name, work, minutes of CPU time, stage of its lane without which it cannot run]. The limit
 * means an endless loop, so it is many times what the stage takes.
 */
export async function runStages(lanes, write = (text) => process.stdout.write(text)) {
  const exitCodes = new Map();
  const running = lanes.map(([lane, stages]) => runLane(lane, stages, exitCodes));
  for (const [index, [lane]] of lanes.entries()) await show(lane, running[index], write);
  const failed = lanes.flatMap(([, stages]) => stages).map(([name]) => [name, exitCodes.get(name) ?? 0]);
  return new Map(failed.filter(([, exitCode]) => exitCode !== 0));
}

export function since(begin) {
  return `${((performance.now() - begin) / 1000).toFixed(1)} s`;
}

async function show(lane, end, write) {
  let isRunning = true;
  const ended = end.finally(() => (isRunning = false));
  do {
    write(lane.printed());
    await Promise.race([ended, delay(200)]);
  } while (isRunning);
  write(lane.printed());
}

async function runLane(lane, stages, exitCodes) {
  for (const [name, work, cpuMinutes, needed] of stages) {
    if (lane.isEnding) return;
    lane.print(`\n== ${name}`);
    if ((exitCodes.get(needed) ?? 0) !== 0) lane.print(`== ${name}: not run, because ${needed} failed`);
    else exitCodes.set(name, await runStage(lane, name, work, cpuMinutes));
  }
}

async function runStage(lane, name, work, cpuMinutes) {
  const begin = performance.now();
  let hangs = false;
  const stopWatching = watchForHang({
    cpuMinutes,
    processId: () => lane.processId(),
    stop(reason) {
      hangs = true;
      lane.print(`== ${name}: ${reason}, stopped`);
      lane.interrupt();
    },
  });
  // Mocha passes when it is told to end and no test had failed before.
  const exitCode = (await exitCodeOf(lane, work)) || (lane.isEnding ? 130 : Number(hangs));
  stopWatching();
  lane.print(`== ${name}: ${exitCode === 0 ? 'passed' : `failed (exit code ${exitCode})`}, ${since(begin)}`);
  return exitCode;
}

/** Work that cannot be started has failed, like any other. */
async function exitCodeOf(lane, work) {
  try {
    return await work(lane);
  } catch (error) {
    lane.print(error);
    return 1;
  }
}
