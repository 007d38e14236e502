import { expect } from 'chai';
import { committableConfiguration } from '../../../src/bake/committable-configuration.js';

const CONFIGURATION = {
  env: ['PATH=/bin'],
  entrypoint: ['python', '-m', 'kdeploy_runtime'],
  cmd: ['kedro', 'run'],
  workingDirectory: '/home/kedro',
  user: 'kedro',
  labels: { 'io.kdeploy.plan': 'p' },
};

describe('a configuration as an engine can commit it', () => {
  it('empties variables that the plan leaves out, for a commit brings them back', () => {
    const plan = { ...CONFIGURATION, env: ['PATH=/bin', 'A=1'] };
    const image = { ...CONFIGURATION, env: ['PATH=/usr/bin', 'KEDRO_ENV=prod', 'PYTHONPATH=/opt/kdeploy/lib', 'A=2'] };
    expect(committableConfiguration(plan, image)).to.deep.equal({
      ...CONFIGURATION,
      env: ['PATH=/bin', 'A=1', 'KEDRO_ENV=', 'PYTHONPATH='],
    });
  });

  it('empties labels that the plan leaves out, likewise', () => {
    const image = { ...CONFIGURATION, labels: { 'io.kdeploy.plan': 'old', 'io.kdeploy.tracking-uri': 'https://old' } };
    expect(committableConfiguration(CONFIGURATION, image)).to.deep.equal({
      ...CONFIGURATION,
      labels: { 'io.kdeploy.plan': 'p', 'io.kdeploy.tracking-uri': '' },
    });
  });

  it('is the plan itself when the plan has them all', () => {
    expect(committableConfiguration(CONFIGURATION, CONFIGURATION)).to.deep.equal(CONFIGURATION);
  });

  const commands: readonly [entrypoint: string[], cmd: string[], committed: string[]][] = [
    [[], [], ['true']],
    [['python'], [], []],
    [[], ['kedro'], ['kedro']],
  ];
  for (const [entrypoint, cmd, committed] of commands) {
    it(`has the command ${JSON.stringify(committed)} for ${JSON.stringify({ entrypoint, cmd })}`, () => {
      const plan = { ...CONFIGURATION, entrypoint, cmd };
      expect(committableConfiguration(plan, plan).cmd).to.deep.equal(committed);
    });
  }
});
