import { expect } from 'chai';
import fc from 'fast-check';
import { KdeployError } from '../../src/errors.js';
import { errorJson, errorText } from '../../src/ui/error-text.js';
import { mutated } from './mutations.js';
import { SECRET } from './secret.js';

/** In the long run, how many seconds each reader is tried. */
const SECONDS = Number(process.env.KDEPLOY_FUZZ_SECONDS ?? 0);
const RUNS = 150;

/** CPU time, which a busy machine does not change; what is linear takes milliseconds for inputs of this size. */
const LIMIT_SECONDS = 10;

export interface FuzzOptions {
  readonly samples: readonly string[];
  /** Of the language that is read. */
  readonly words?: readonly string[];
  /** Reads an input; returns what of it is shown to people. */
  readonly read: (input: Buffer) => Shown | Promise<Shown>;
}

type Shown = readonly string[] | undefined;

/** Any input is read or refused with a sentence, in bounded time, and the sentence does not say what is secret. */
export async function fuzz({ samples, words, read }: FuzzOptions): Promise<void> {
  let tried = 0;
  // First as they are: a sample that no longer means anything tests nothing.
  for (const sample of samples) await attempt(Buffer.from(sample), read);
  await fc.assert(
    fc.asyncProperty(mutated(samples, words), async (input) => {
      tried++;
      await attempt(input, read);
    }),
    SECONDS === 0
      ? { numRuns: RUNS }
      : { numRuns: 1e9, interruptAfterTimeLimit: SECONDS * 1000, markInterruptAsFailure: false },
  );
  if (SECONDS > 0) console.log(`      ${tried} inputs`);
}

async function attempt(input: Buffer, read: FuzzOptions['read']): Promise<void> {
  const begin = process.cpuUsage();
  let shown: Shown;
  try {
    shown = await read(input);
  } catch (error) {
    if (!(error instanceof KdeployError)) throw error;
    shown = [errorText(error, { verbose: false }), JSON.stringify(errorJson(error))];
  }
  const { user, system } = process.cpuUsage(begin);
  expect((user + system) / 1e6, 'CPU seconds').to.be.lessThan(LIMIT_SECONDS);
  for (const text of shown ?? []) expect(text, 'what is shown').not.to.contain(SECRET);
}
