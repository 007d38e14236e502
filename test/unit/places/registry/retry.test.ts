import { expect } from 'chai';
import { parseRetryAfter, withRetry } from '../../../../src/places/registry/retry.js';
import { failure } from '../../../support/failure.js';
import { FakeClock } from './fake-clock.js';

class Weather extends Error {
  attempts = 0;

  constructor(
    readonly retryAfterMs?: number,
    readonly passes = true,
  ) {
    super('weather');
  }

  temporary(): boolean {
    return this.passes;
  }
}

describe('a request that fails', () => {
  const policy = { attempts: 3, firstDelayMs: 100, maximumDelayMs: 1_000 };

  const trying = async (errors: readonly Error[]) => {
    const clock = new FakeClock();
    const rest = [...errors];
    const action = (): Promise<string> => {
      const error = rest.shift();
      return error === undefined ? Promise.resolve('done') : Promise.reject(error);
    };
    const isWeather = (error: unknown): error is Weather => error instanceof Weather;
    const result: Promise<string> = withRetry(action, isWeather, { policy, clock, random: () => 1 });
    const error = await failure(result);
    return { error, sleeps: clock.sleeps, left: rest.length, value: error === undefined ? await result : undefined };
  };

  it('is repeated after doubling delays, and no more often than the policy says', async () => {
    expect(await trying([new Weather(), new Weather()])).to.include({ error: undefined, value: 'done' });
    const last = new Weather();
    const { error, sleeps, left } = await trying([new Weather(), new Weather(), last, new Weather()]);
    expect(error).to.equal(last);
    expect(last.attempts).to.equal(3);
    expect(sleeps).to.deep.equal([100, 200]);
    expect(left).to.equal(1);
  });

  it('waits as long as the server asks, where that is longer and within the limit', async () => {
    expect((await trying([new Weather(50), new Weather(1_000)])).sleeps).to.deep.equal([100, 1_000]);
    const impatient = new Weather(1_001);
    expect(await trying([impatient])).to.deep.include({ error: impatient, sleeps: [] });
  });

  it('is not repeated where it would fail again, but says that it was tried once', async () => {
    const lasting = new Weather(undefined, false);
    expect(await trying([lasting])).to.deep.include({ error: lasting, sleeps: [] });
    expect(lasting.attempts).to.equal(1);
    const bug = new TypeError('x');
    expect(await trying([bug])).to.deep.include({ error: bug, sleeps: [] });
  });
});

describe('Retry-After', () => {
  const now = Date.UTC(2026, 0, 1);
  const table: [string | null, number | undefined][] = [
    [null, undefined],
    ['', undefined],
    ['0', 0],
    ['120', 120_000],
    [' 5 ', 5_000],
    ['-1', undefined],
    ['5 minutes', undefined],
    ['1.5', undefined],
    ['9999999999', undefined],
    ['soon', undefined],
    ['Thu, 01 Jan 2026 00:00:30 GMT', 30_000],
    ['Thursday, 01-Jan-26 00:00:30 GMT', 30_000],
    ['  Thu, 01 Jan 2026 00:00:30 GMT  ', 30_000],
    ['Wed, 31 Dec 2025 00:00:00 GMT', 0],
    ['01 Jan 2026 00:00:30 GMT', undefined],
    ['Thu, 01 Jan 2026 00:00:30', undefined],
    ['Thu, 01 Jan 2026 00:00:30 GMT+0200', undefined],
    ['Thu, soon GMT', undefined],
  ];
  for (const [header, delay] of table) {
    it(`of ${header ?? 'none'} is ${delay ?? 'nothing'}`, () => {
      expect(parseRetryAfter(header, now)).to.equal(delay);
    });
  }
});
