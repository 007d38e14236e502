import { expect } from 'chai';
import type { Finding } from '../../../../src/finding.js';
import { forgottenFiles } from '../../../../src/hook/push/forgotten-files.js';
import { memorySource } from '../../../support/memory-source.js';

describe('a finding about a file that the commit lacks', () => {
  const finding = (file?: string, line?: number): Finding => ({
    rule: 'mlflow-config-exists',
    severity: 'error',
    message: 'there is none',
    remedy: 'kedro mlflow init',
    ...(file === undefined ? {} : { place: line === undefined ? { file } : { file, line } }),
  });
  const remedies = async (...findings: Finding[]) => {
    const commit = memorySource({ 'both.yml': '' });
    const disk = memorySource({ 'both.yml': '', 'conf/prod/mlflow.yml': '' });
    return (await forgottenFiles(findings, { commit, disk, folder: 'churn' })).map(({ remedy }) => remedy);
  };

  it('says how to commit it, where it is on disk', async () => {
    expect(await remedies(finding('conf/prod/mlflow.yml'))).to.deep.equal([
      'git add churn/conf/prod/mlflow.yml, and commit it: it is on disk, but not in the commit',
    ]);
  });

  it('names it from the top, where the project is the repository', async () => {
    const disk = memorySource({ 'conf/prod/mlflow.yml': '' });
    const [told] = await forgottenFiles([finding('conf/prod/mlflow.yml')], {
      commit: memorySource({}),
      disk,
      folder: '',
    });
    expect(told?.remedy).to.match(/^git add conf\/prod\/mlflow\.yml, and commit it/);
  });

  it('keeps its remedy, where the file cannot be read', async () => {
    const broken = { ...memorySource({}), read: () => Promise.reject(new Error('too large')) };
    const given = finding('a.yml');
    for (const [commit, disk] of [
      [broken, memorySource({ 'a.yml': '' })],
      [broken, broken],
    ] as const)
      expect(await forgottenFiles([given], { commit, disk, folder: '' })).to.deep.equal([given]);
  });

  it('keeps its remedy, where the file is nowhere, or in both, or where it is about something else', async () => {
    const others = [finding('nowhere.yml'), finding('both.yml'), finding(), finding('conf/prod/mlflow.yml', 3)];
    expect(await remedies(...others)).to.deep.equal(others.map(({ remedy }) => remedy));
  });
});
