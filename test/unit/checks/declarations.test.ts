import { expect } from 'chai';
import { isDeclared, isInstalled, pinnedVersion, specifierOf } from '../../../src/checks/declarations.js';
import { readRequirements } from '../../../src/project/python/requirements-file.js';
import { memorySource } from '../../support/memory-source.js';

const declarationsOf = async (requirements: string, constraints = '') => {
  const source = memorySource({
    'requirements.txt': `-c constraints.txt\n${requirements}`,
    'constraints.txt': constraints,
  });
  const read = await readRequirements(source, 'requirements.txt', {
    environment: { pythonVersion: '3.11', platform: 'linux/amd64' },
  });
  return read?.declarations ?? [];
};

describe('what declarations say of a package', () => {
  for (const [requirements, constraints, declared, installed] of [
    ['kedro', '', true, true],
    ['Kedro.MLflow', '', false, false],
    ['kedro; python_version < "3.9"', '', true, false],
    ['kedro; python_version >= "3.9"', '', true, true],
    ['pandas', 'kedro==1.0', false, false],
  ] as const) {
    it(`is that kedro is ${declared ? '' : 'not '}declared and ${installed ? '' : 'not '}installed by ${requirements} with the constraint "${constraints}"`, async () => {
      const declarations = await declarationsOf(requirements, constraints);
      expect([isDeclared(declarations, 'kedro'), isInstalled(declarations, 'kedro')]).to.deep.equal([
        declared,
        installed,
      ]);
    });
  }

  for (const [requirements, constraints, pinned, specifier] of [
    ['kedro==1.2', '', '1.2', '==1.2'],
    ['kedro===1.2', '', '1.2', '===1.2'],
    ['kedro', 'kedro==1.2', '1.2', '==1.2'],
    ['kedro>=1', 'kedro<2', undefined, '>=1,<2'],
    ['kedro==1.*', '', undefined, '==1.*'],
    ['kedro==1.2; python_version < "3.9"', '', undefined, ''],
    ['kedro-mlflow==1.2', '', undefined, ''],
  ] as const) {
    it(`is the version ${String(pinned)} of kedro in ${requirements} with the constraint "${constraints}"`, async () => {
      const declarations = await declarationsOf(requirements, constraints);
      expect(pinnedVersion(declarations, 'kedro')).to.equal(pinned);
      // Constraints and requirements limit alike; which comes first says nothing.
      expect(specifierOf(declarations, 'kedro').split(',').sort()).to.deep.equal(specifier.split(',').sort());
    });
  }
});
