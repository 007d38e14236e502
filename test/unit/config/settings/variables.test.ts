import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { loadSettings } from '../../../../src/config/settings/load.js';
import { misspelledVariables, SETTINGS_VARIABLES } from '../../../../src/config/settings/variables.js';
import { lines, problemsOf, projectOf } from './project-files.js';

const load = (variables: Readonly<Record<string, string>>) =>
  loadSettings({ source: projectOf({}), env: 'local', environmentVariables: variables });

describe('KDEPLOY_ variables', () => {
  const values: Readonly<Record<string, string>> = {
    KDEPLOY_IMAGE_NAME: 'a/b',
    KDEPLOY_IMAGE_TAGS: 'v1 v2,v3',
    KDEPLOY_IMAGE_BASE: 'python:3.12',
    KDEPLOY_BUILDER: 'engine',
    KDEPLOY_PLATFORM: 'linux/arm64',
    KDEPLOY_DOCKERFILE: 'd/Dockerfile',
    KDEPLOY_UID: '1',
    KDEPLOY_GID: '2',
    KDEPLOY_MLFLOW_ENABLED: 'Off',
    KDEPLOY_TRACKING_URI: 'https://mlflow.example.com',
    KDEPLOY_EXPERIMENT: 'e',
    KDEPLOY_RUN_NAME: 'r',
  };

  it('set every key they have a name for', async () => {
    const { image, build, mlflow, runConfig, sources } = await load(values);
    expect(image).to.deep.equal({
      name: 'a/b',
      tags: ['v1', 'v2', 'v3'],
      base: 'python:3.12',
      builder: 'engine',
      platform: 'linux/arm64',
      dockerfile: 'd/Dockerfile',
      bytecode: true,
      layers: { budget: 50, gzip: 'members' },
      sbom: true,
    });
    expect([build.uid, build.gid, mlflow.enabled, mlflow.trackingUri]).to.deep.equal([
      1,
      2,
      false,
      'https://mlflow.example.com',
    ]);
    expect([runConfig.experimentName, runConfig.runName]).to.deep.equal(['e', 'r']);
    expect(sources).to.deep.equal(SETTINGS_VARIABLES.map(({ name }) => name));
  });

  for (const [text, enabled] of [
    ['true', true],
    ['YES', true],
    ['1', true],
    ['false', false],
    ['0', false],
    ['auto', 'auto'],
  ] as const) {
    it(`take ${text} for mlflow.enabled: ${String(enabled)}`, async () => {
      expect((await load({ KDEPLOY_MLFLOW_ENABLED: text })).mlflow.enabled).to.equal(enabled);
    });
  }

  it('are named by what is wrong with them', async () => {
    const problems = await problemsOf(load({ KDEPLOY_BUILDER: 'x', KDEPLOY_TRACKING_URI: 'https://me:hunter2@host' }));
    expect(problems.map(({ where }) => where)).to.have.members(['KDEPLOY_BUILDER', 'KDEPLOY_TRACKING_URI']);
    expect(lines(problems).join()).not.to.contain('hunter2');
  });

  const nearMisses: readonly [name: string, meant: string | undefined][] = [
    ['KDEPLOY_IMAGENAME', 'KDEPLOY_IMAGE_NAME'],
    ['KDEPLOY_TRACKING_URL', 'KDEPLOY_TRACKING_URI'],
    ['KDEPLOY_KEDRO', undefined],
    ['KDEPLOY_AUTH', undefined],
    ['KDEPLOY_RUN_KEY', undefined],
    ['KDEPLOY_SKIP_HOOK', undefined],
    ['KDEPLOY_DATA_DIR', undefined],
    ['KDEPLOY_', undefined],
    ['IMGE_NAME', undefined],
  ];
  for (const [name, meant] of nearMisses) {
    it(`of the name ${name} ${meant === undefined ? 'are left alone' : `are taken for a misspelled ${meant}`}`, async () => {
      const remedies = (await misspelledVariables({ [name]: 'x' })).map(({ remedy }) => remedy);
      expect(remedies).to.deep.equal(meant === undefined ? [] : [`did you mean ${meant}?`]);
    });
  }

  it('that the guide documents are taken for no misspelled ones', async () => {
    const guide = await readFile(new URL('../../../../docs/guide.md', import.meta.url), 'utf8');
    const names = new Set(guide.match(/\bKDEPLOY_[A-Z_]*[A-Z]\b/g));
    expect(names.size).to.be.greaterThan(30);
    const warnings = await misspelledVariables(Object.fromEntries([...names].map((name) => [name, 'x'])));
    expect(warnings.map(({ where }) => where)).to.deep.equal([]);
  });
});
