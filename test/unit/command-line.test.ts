import { expect } from 'chai';
import { withHelpAndVersion } from '../../src/command-line.js';

describe('help and version', () => {
  const cases: readonly [typed: string, run: string][] = [
    ['-h', 'help'],
    ['--help', 'help'],
    ['check -h', 'help check'],
    ['-h check', 'help check'],
    ['hook run --help', 'help hook run'],
    ['build --tag v1 -h', 'help build'],
    ['-q check -h', 'help check'],
    ['help check', 'help check'],
    ['help check -h', 'help check'],
    ['help -h', 'help help'],
    ['check -h --json', 'help check --json'],
    ['-V', 'version'],
    ['--version', 'version'],
    ['version', 'version'],
    ['check -V', 'version'],
    ['hook run --version --json', 'version --json'],
    ['version -h', 'help version'],
    // What is behind -- is the container's.
    ['run -- kedro -h', 'run -- kedro -h'],
    ['run -- kedro --version', 'run -- kedro --version'],
    ['run -h -- kedro', 'help run'],
    // Flags that only look like them.
    ['check --helpp', 'check --helpp'],
    ['check -v', 'check -v'],
    ['check', 'check'],
  ];
  it('is help where nothing is asked for', () => {
    expect(withHelpAndVersion([])).to.deep.equal(['help']);
  });

  for (const [typed, run] of cases) {
    it(`are asked for anywhere: kdeploy ${typed}`, () => {
      expect(withHelpAndVersion(typed.split(' ')).join(' ')).to.equal(run);
    });
  }
});
