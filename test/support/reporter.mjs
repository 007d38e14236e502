import { writeFileSync } from 'node:fs';
import path from 'node:path';

import Mocha from 'mocha';

const { EVENT_HOOK_END, EVENT_TEST_END } = Mocha.Runner.constants;
const SLOW_SECONDS = 30;

/** Mocha's usual report, which files took long, and as its last line the counts in a form that scripts read. */
export default class CountingReporter extends Mocha.reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    this.seconds = new Map();
    for (const event of [EVENT_TEST_END, EVENT_HOOK_END])
      runner.on(event, ({ file = '', duration = 0 }) =>
        this.seconds.set(file, (this.seconds.get(file) ?? 0) + duration / 1000),
      );
  }

  epilogue() {
    super.epilogue();
    const slow = [...this.seconds].filter(([, seconds]) => seconds >= SLOW_SECONDS).sort(([, a], [, b]) => b - a);
    for (const [file, seconds] of slow) console.log(`${seconds.toFixed(0)} s: ${path.basename(file)}`);
    const { passes: passed, failures: failed } = this.stats;
    console.log(`${passed} passed, ${failed} failed`);
    // test/support/run-tests.mjs adds up the counts of all stages.
    if (process.env.KDEPLOY_TEST_COUNTS)
      writeFileSync(process.env.KDEPLOY_TEST_COUNTS, JSON.stringify({ passed, failed }));
  }
}
