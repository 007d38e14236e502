import { expect } from 'chai';
import { verbosityOf, type Verbosity } from '../../../src/ui/verbosity.js';

describe('how much is said', () => {
  const cases: readonly [
    flags: Parameters<typeof verbosityOf>[0],
    environment: NodeJS.ProcessEnv,
    verbosity: Verbosity,
  ][] = [
    [{}, {}, 'normal'],
    [{ quiet: true }, {}, 'quiet'],
    [{ verbose: true }, {}, 'verbose'],
    [{ quiet: true, verbose: true }, { KDEPLOY_VERBOSE: '1' }, 'quiet'],
    [{}, { KDEPLOY_VERBOSE: '1' }, 'verbose'],
    [{}, { KDEPLOY_VERBOSE: '0' }, 'normal'],
    [{}, { KDEPLOY_VERBOSE: '' }, 'normal'],
    [{ quiet: false, verbose: false }, {}, 'normal'],
  ];
  for (const [flags, environment, verbosity] of cases) {
    it(`is ${verbosity} with ${JSON.stringify(flags)} and ${JSON.stringify(environment)}`, () => {
      expect(verbosityOf(flags, environment)).to.equal(verbosity);
    });
  }
});
