/**
 * How many times more work `size * 4` is than `size`: about 4 where work is in proportion, 16 where each thing is compared
 * with each. In processor time of this process, which other load on the machine hardly changes; the best of a few tries.
 */
export async function growthOf(work: (size: number) => Promise<unknown>, size: number): Promise<number> {
  await work(Math.ceil(size / 4));
  let best = Infinity;
  for (let attempt = 0; attempt < 3 && best > 6; attempt++) {
    const small = await processorTime(() => work(size));
    const large = await processorTime(() => work(size * 4));
    best = Math.min(best, large / Math.max(small, LEAST_MICROSECONDS));
  }
  return best;
}

/** Below it, what is measured is not the work. */
const LEAST_MICROSECONDS = 20_000;

async function processorTime(work: () => Promise<unknown>): Promise<number> {
  const start = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(start);
  return user + system;
}
