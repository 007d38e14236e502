import { expect } from 'chai';
import { settingsEnvironment } from '../../../src/airflow/settings-environment.js';

describe('the environment that an image was built for', () => {
  const findings = async (baked: string | undefined, env: string, files: readonly string[]): Promise<string[]> => {
    const read = (file: string) => Promise.resolve(files.includes(file) ? Buffer.from('') : undefined);
    const image = { baked: { version: '1', plan: 'p', env: baked, authentication: [] } };
    const labels = { trackingUri: undefined, experiment: undefined };
    const found = await settingsEnvironment(
      { baked: { ...image.baked, ...labels } },
      { env, confSource: 'settings', read },
    );
    return found.map(({ severity, message, remedy }) => `${severity}: ${message}; ${remedy}`);
  };
  const warning = [
    'warning: the image was built for the Kedro environment prod, but the DAG gets the settings of local; write it with the settings of its own: --env prod',
  ];

  for (const file of ['settings/prod/kdeploy.yml', 'settings/local/kdeploy.yaml'])
    it(`is not to get the settings of another one, where ${file} makes a difference`, async () => {
      expect(await findings('prod', 'local', ['settings/base/kdeploy.yml', file])).to.deep.equal(warning);
    });

  it('may be any where all have the same settings', async () => {
    expect(await findings('prod', 'local', ['settings/base/kdeploy.yml', 'conf/prod/kdeploy.yml'])).to.deep.equal([]);
  });

  it('is the one whose settings were read, or is not known', async () => {
    expect(await findings('prod', 'prod', ['settings/prod/kdeploy.yml'])).to.deep.equal([]);
    expect(await findings(undefined, 'local', ['settings/local/kdeploy.yml'])).to.deep.equal([]);
  });
});
