import { expect } from 'chai';
import { certainlyLacks } from '../../../src/checks/installed-packages.js';
import { contextWith } from '../../support/check-rule.js';

const RESOLVED = ['kedro==1.7.0', 'omegaconf==2.3.0', 'pluggy==1.5.0', 'dynaconf==3.2.6', 'fsspec==2025.1.0'];

describe('whether a package is certain not to be in the image', () => {
  for (const [lines, lacks, why] of [
    [RESOLVED, true, 'a resolved list without it'],
    [[...RESOLVED, 'boto3==1.35.0'], false, 'a resolved list with it'],
    [['kedro==1.7.0'], false, 'a list that people write, in which a package may bring it'],
    [[...RESOLVED, 'pandas'], false, 'a list in which not everything is pinned'],
    [[...RESOLVED, 'pandas==2.*'], false, 'a list with a version that is a pattern'],
    [[...RESOLVED, './libraries/own'], false, 'a list with a folder, which may bring it'],
    [[...RESOLVED, '-r more.txt'], false, 'a list with an include that leads nowhere'],
    [[], false, 'an empty list'],
  ] as const) {
    it(`is ${lacks ? 'yes' : 'no'} for ${why}`, async () => {
      const context = contextWith({ files: { 'requirements.txt': lines.join('\n') } });
      expect(certainlyLacks(await context.requirements(), 'boto3')).to.equal(lacks);
    });
  }
});
