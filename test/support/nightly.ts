/**
 * Tests that take minutes and seldom find what the others do not: only `npm run test:long` runs them. Everywhere else they are
 * listed as pending, so that no report hides that they are left out.
 */
export const isNight = process.env.KDEPLOY_TEST_NIGHT === '1';

export const nightly = isNight ? { describe, it } : { describe: describe.skip, it: it.skip };
