import { writeFileSync } from 'node:fs';

import Mocha from 'mocha';

/** Mocha's usual report, and as its last line the counts in a form that scripts read. */
export default class CountingReporter extends Mocha.reporters.Spec {
  epilogue() {
    super.epilogue();
    const { passes: passed, failures: failed } = this.stats;
    console.log(`${passed} passed, ${failed} failed`);
    // test/support/run-tests.mjs adds up the counts of all stages.
    if (process.env.KDEPLOY_TEST_COUNTS)
      writeFileSync(process.env.KDEPLOY_TEST_COUNTS, JSON.stringify({ passed, failed }));
  }
}
