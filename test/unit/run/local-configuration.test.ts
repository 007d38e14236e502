import { expect } from 'chai';
import { localConfigurationOf } from '../../../src/run/local-configuration.js';
import { memorySource } from '../../support/memory-source.js';
import { TemporaryFolder } from '../temporary-folder.js';

describe('localConfigurationOf', () => {
  let folder: TemporaryFolder;
  beforeEach(async () => {
    folder = await TemporaryFolder.create();
  });
  afterEach(() => folder.remove());

  const cases: [name: string, settings: string, expected: string | undefined][] = [
    ['conf/local, without settings', '', 'conf/local'],
    [
      'what settings.py calls it',
      'CONF_SOURCE = "settings"\nCONFIG_LOADER_ARGS = {"base_env": "base", "default_run_env": "mine"}\n',
      'settings/mine',
    ],
    ['none, where there is a file of that name', 'CONF_SOURCE = "file"\n', undefined],
    ['none, where there is no such folder', 'CONF_SOURCE = "other"\n', undefined],
  ];
  for (const [name, settings, expected] of cases) {
    it(`is ${name}`, async () => {
      await folder.write({ 'conf/local/a.yml': '', 'settings/mine/a.yml': '', 'file/local': '' });
      const found = await localConfigurationOf({
        root: folder.path,
        name: 'Demo',
        packageName: 'demo',
        sourceFolder: 'src',
        kedroVersion: '1.7.0',
        source: memorySource({ 'src/demo/settings.py': settings }),
      });
      expect(found).to.deep.equal(
        expected === undefined ? undefined : { folder: folder.file(expected), name: expected },
      );
    });
  }
});
