import { expect } from 'chai';
import { gradedSeverity, levelOf } from '../../../src/checks/grading.js';
import type { Severity } from '../../../src/finding.js';
import type { CheckLevel } from '../../../src/config/settings/settings.js';

describe('the severity that kdeploy.yml gives to a check', () => {
  const cases: readonly [found: Severity, level: CheckLevel, expected: Severity][] = [
    ['error', 'on', 'error'],
    ['warning', 'on', 'warning'],
    ['info', 'on', 'info'],
    ['error', 'warning', 'warning'],
    ['error', 'info', 'info'],
    ['warning', 'error', 'error'],
    ['warning', 'info', 'info'],
    ['error', 'error', 'error'],
    // Something that is as it may be must not stop a build.
    ['info', 'error', 'info'],
    ['info', 'warning', 'info'],
  ];
  for (const [found, level, expected] of cases) {
    it(`makes ${expected} of ${found} with ${level}`, () => {
      expect(gradedSeverity(found, level)).to.equal(expected);
    });
  }

  it('is its own where the file does not name it, whatever its name', () => {
    expect(levelOf({ 'kedro-project': 'off' }, 'kedro-project')).to.equal('off');
    expect(levelOf({ 'kedro-project': 'off' }, 'mlflow-config-valid')).to.equal('on');
    expect(levelOf({}, 'constructor')).to.equal('on');
  });
});
