/**
 * Properties are tried with the same inputs in every run, so that a failure belongs to the change that it is seen with. Mocha
 * requires this file. `npm run test:long` tries other ones.
 */
import fc from 'fast-check';

export const PROPERTY_SEED = Number(process.env.KDEPLOY_TEST_SEED ?? 20_261_126);

fc.configureGlobal({ seed: PROPERTY_SEED });
