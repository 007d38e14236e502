import { performance } from 'node:perf_hooks';
import { watchForHang } from './hang.mjs';

/**
 * Runs every stage, also after one that failed, and returns the exit codes of those that did. A stage is
 * [name, work, minutes of CPU time, stage without which it cannot run]. The limit means an endless loop, so it is many times
 * what the stage takes.
 */
export async function runStages(stages, { processId, interrupt, print = console.log }) {
  const failed = new Map();
  for (const [name, work, cpuMinutes, needed] of stages) {
    print(`\n== ${name}`);
    if (failed.has(needed)) {
      print(`== ${name}: not run, because ${needed} failed`);
      continue;
    }
    const begin = performance.now();
    let hangs = false;
    const stopWatching = watchForHang({
      cpuMinutes,
      processId,
      stop(reason) {
        hangs = true;
        print(`== ${name}: ${reason}, stopped`);
        interrupt();
      },
    });
    const exitCode = (await exitCodeOf(work, print)) || Number(hangs);
    stopWatching();
    print(`== ${name}: ${exitCode === 0 ? 'passed' : `failed (exit code ${exitCode})`}, ${since(begin)}`);
    if (exitCode !== 0) failed.set(name, exitCode);
  }
  return failed;
}

export function since(begin) {
  return `${((performance.now() - begin) / 1000).toFixed(1)} s`;
}

/** Work that cannot be started has failed, like any other. */
async function exitCodeOf(work, print) {
  try {
    return await work();
  } catch (error) {
    print(error);
    return 1;
  }
}
