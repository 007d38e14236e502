import type { Clock } from '../../../../src/places/registry/clock.js';

/** Sleeping moves the time and takes none. */
export class FakeClock implements Clock {
  readonly sleeps: number[] = [];
  #now = Date.UTC(2026, 10, 23, 12);

  now(): number {
    return this.#now;
  }

  sleep(ms: number): Promise<void> {
    this.sleeps.push(ms);
    this.#now += ms;
    return Promise.resolve();
  }

  advance(ms: number): void {
    this.#now += ms;
  }
}
