import { expect } from 'chai';
import { systemClock } from '../../../../src/places/registry/clock.js';

describe("the system's clock", () => {
  it('sleeps at least as long as it is told', async () => {
    const before = performance.now();
    await systemClock.sleep(20);
    expect(performance.now() - before).to.be.greaterThan(15);
    expect(systemClock.now()).to.be.closeTo(Date.now(), 1_000);
  });

  it('wakes up when it is interrupted', async () => {
    const interrupt = new AbortController();
    const sleep = systemClock.sleep(60_000, interrupt.signal);
    interrupt.abort();
    await sleep.then(
      () => expect.fail('it slept on'),
      (error: unknown) => expect(error).to.have.property('name', 'AbortError'),
    );
  });
});
