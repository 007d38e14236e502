/** Whether a stage of the tests hangs. On a busy machine, time passes without meaning anything; CPU time does not. */
import { readdirSync, readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { clearInterval, setInterval } from 'node:timers';

/** Longer than mocha's limit for one test, whose message says more. */
const IDLE_MINUTES = 15;
/** A process that only waits looks after its timers; more than this share of a CPU is work, even among a hundred busy ones. */
const WORK_SHARE = 0.01;
const LOOK_SECONDS = 10;
/** After the request to stop, for clearing away containers and servers. */
const GRACE_MINUTES = 2;
/** The unit of /proc on all architectures (USER_HZ). */
const TICKS_PER_SECOND = 100;

/** Calls `stop` with the reason when the process and all that it started hang, and kills them if that does not end them. */
export function watchForHang({ cpuMinutes, processId, stop }) {
  let judge, watched, stoppedAt;
  const timer = setInterval(() => {
    const root = processId();
    const now = performance.now() / 1000;
    // A stage runs several commands, one after the other.
    if (root !== watched) {
      judge = hangJudge(cpuMinutes, now);
      watched = root;
      stoppedAt = undefined;
    }
    if (root === undefined) return;
    const { pids, cpuSeconds } = processTree(root);
    const reason = judge(now, cpuSeconds);
    if (stoppedAt !== undefined) {
      if (now - stoppedAt > GRACE_MINUTES * 60) kill(pids);
    } else if (reason !== undefined) {
      stoppedAt = now;
      stop(reason);
    }
  }, LOOK_SECONDS * 1000);
  return () => clearInterval(timer);
}

/** Told the time and the CPU time used so far, in seconds; answers why this is a hang, or undefined. */
export function hangJudge(cpuMinutes, begin = 0) {
  let last = { now: begin, cpu: 0 };
  let idle = 0;
  return (now, cpu) => {
    const isWorking = Math.abs(cpu - last.cpu) > (now - last.now) * WORK_SHARE;
    idle = isWorking ? 0 : idle + now - last.now;
    last = { now, cpu };
    if (idle > IDLE_MINUTES * 60) return `has done nothing for ${IDLE_MINUTES} min`;
    if (cpu > cpuMinutes * 60) return `has used ${cpuMinutes} min of CPU time`;
    return undefined;
  };
}

/** A process and all that it started, and the CPU time that they have used. */
export function processTree(root) {
  const all = processes();
  const pids = [root];
  for (const parent of pids) pids.push(...all.filter((one) => one.parent === parent).map(({ pid }) => pid));
  const cpuSeconds = all.reduce((sum, { pid, cpuSeconds }) => (pids.includes(pid) ? sum + cpuSeconds : sum), 0);
  return { pids, cpuSeconds };
}

function processes() {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        return [parseStat(Number(name), readFileSync(`/proc/${name}/stat`, 'utf8'))];
      } catch {
        return []; // It has ended.
      }
    });
}

function parseStat(pid, stat) {
  // The program's name, in parentheses, may contain anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  // Its own time and that of its children that have ended, in user and kernel mode.
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  return { pid, parent: Number(fields[1]), cpuSeconds: ticks / TICKS_PER_SECOND };
}

function kill(pids) {
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch (error) {
      if (error.code !== 'ESRCH' && error.code !== 'EPERM') throw error;
    }
  }
}
