import { selfTestKey } from '../bake/self-test-key.js';
import type { Verdict } from '../bake/verdict.js';
import { Verdicts } from '../bake/verdicts.js';
import { KdeployError } from '../errors.js';
import type { BakedTracking, BakePlan } from '../image/bake-plan.js';
import { parsePlatform } from '../image/platform.js';
import type { ImageSource } from '../image/source.js';
import type { Progress } from '../progress.js';
import type { BuildValueOptions, BuiltValue } from './build-value.js';
import { earlierVerdicts } from './layers/earlier-verdicts.js';
import type { MadeImage } from './layers/make-image.js';
import type { ValueTester } from './value-tester.js';

/** What the self-test is about. */
export interface Tested {
  readonly made: Pick<MadeImage, 'installed'>;
  readonly plan: Pick<BakePlan, 'digest'>;
  readonly tracking: BakedTracking | undefined;
  readonly confSource: string;
  /** Images of the project that may be in the registry, with what their self-tests found. */
  readonly earlier: (signal: AbortSignal) => Promise<Iterable<ImageSource>>;
  readonly askingMilliseconds?: number;
}

export interface TestOutcome {
  readonly selfTest: BuiltValue['selfTest'];
  /** What travels with the image. */
  readonly verdict: Verdict | undefined;
}

type Options = Pick<BuildValueOptions, 'selfTest' | 'model' | 'settings' | 'state' | 'place'>;

const SKIPPED: TestOutcome = { selfTest: 'skipped', verdict: undefined };
/** A registry that takes longer to answer spares nothing: the self-test itself takes about as long. */
const ASKING_MILLISECONDS = 5000;

/**
 * Tests an image before it can be found, unless the same content passed before: on this machine, or on one that pushed an
 * earlier image. Throws what the tester throws.
 */
export async function testValue(
  options: Options,
  { made, plan, tracking, confSource, ...asked }: Tested,
  test: ValueTester,
  progress: Progress,
  signal: AbortSignal,
): Promise<TestOutcome> {
  const { selfTest: choice, model, state, place } = options;
  if (tracking === undefined) return SKIPPED;
  if (choice === 'never') {
    progress.note('self-test skipped: it is not verified that this image logs to MLflow');
    return SKIPPED;
  }
  const { source } = model.project;
  const verdicts = new Verdicts(state, source);
  const key = await selfTestKey({ source, confSource, installed: made.installed, planDigest: plan.digest });
  if (choice === 'auto') {
    const known = await verdicts.find(key);
    if (known !== undefined) {
      progress.note('self-test: skipped, nothing it depends on has changed since it last passed');
      return { selfTest: 'known to pass', verdict: known };
    }
    const found = await askEarlier(options, { verdicts, key, ...asked }, signal);
    if (found !== undefined) {
      progress.note(`self-test: skipped, nothing it depends on has changed since ${found.image} passed it`);
      return { selfTest: 'known to pass', verdict: found.verdict };
    }
  }
  const expectation = `logs to ${tracking.uri}, experiment ${tracking.experiment}`;
  const run = async (): Promise<TestOutcome> => {
    const verdict = await verdicts.remember(key, await test(tracking));
    return { selfTest: 'passed', verdict };
  };
  if (place.kind !== 'registry')
    return progress.step('self-test', async (step) => {
      const outcome = await run();
      step.result(expectation);
      return outcome;
    });
  // The step that is shown is that of the layers, which travel at the same time.
  const outcome = await run();
  progress.note(`self-test: passed, ${expectation}`);
  return outcome;
}

interface Asking extends Pick<Tested, 'earlier' | 'askingMilliseconds'> {
  readonly verdicts: Verdicts;
  readonly key: string;
}

/** What an earlier image says of the same content; who may write to the repository is believed, as with its layers. */
async function askEarlier(
  { settings }: Options,
  { verdicts, key, earlier, askingMilliseconds = ASKING_MILLISECONDS }: Asking,
  signal: AbortSignal,
): Promise<{ readonly image: string; readonly verdict: Verdict } | undefined> {
  const asking = AbortSignal.any([signal, AbortSignal.timeout(askingMilliseconds)]);
  try {
    const found = await earlierVerdicts(await earlier(asking), parsePlatform(settings.image.platform));
    for (const each of found?.verdicts ?? []) {
      const verdict = await verdicts.adopt(each, key);
      if (found !== undefined && verdict !== undefined) return { image: found.image, verdict };
    }
    return undefined;
  } catch (error) {
    const isOutOfTime = asking.aborted && !signal.aborted;
    if (isOutOfTime && error instanceof KdeployError && error.code === 'interrupted') return undefined;
    throw error;
  }
}
