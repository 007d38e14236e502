import { expect } from 'chai';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { bakedMlflowYaml } from '../../src/bake/mlflow-yaml.js';
import { configProblems } from '../../src/checks/mlflow-config-schema.js';
import { readConfigWithKedro } from '../../src/project/kedro/kedro-config.js';
import { findProject } from '../../src/project/project.js';
import { readTrackingConfig, type TrackingConfig } from '../../src/project/tracking/tracking-config.js';
import { environment } from '../support/environment/mocha.js';
import { verdictsOf, writeProject, type Verdict } from '../support/kedro-judge.js';

interface Case {
  readonly name: string;
  /** Below conf/. */
  readonly files: Readonly<Record<string, string>>;
  readonly settings?: string;
  readonly env?: string;
  readonly resolvedBy?: 'kdeploy' | 'kedro';
}

const CASES: readonly Case[] = [
  { name: 'one file', files: { 'local/mlflow.yml': 'server:\n  mlflow_tracking_uri: http://a\n' } },
  {
    name: 'destructive merge of top-level keys',
    files: {
      'base/mlflow.yml': 'server: {mlflow_tracking_uri: http://base, mlflow_registry_uri: http://r}\nui: {port: "1"}\n',
      'local/mlflow.yml': 'server: {mlflow_tracking_uri: http://local}\n',
    },
  },
  {
    name: 'another environment',
    env: 'prod',
    files: { 'prod/mlflow.yaml': 'ui: {host: prod}', 'local/mlflow.yml': 'ui: {host: local}' },
  },
  {
    name: 'the base environment alone',
    env: 'base',
    files: { 'base/mlflow.yml': 'ui: {host: base}', 'local/mlflow.yml': 'ui: {host: local}' },
  },
  {
    name: 'YAML 1.1 words, numbers and dates',
    files: {
      'local/mlflow.yml':
        'tracking:\n  run: {nested: yes, name: 010, id: 1_000}\n  experiment: {restore_if_deleted: Off, name: 2024-01-02}\nui: {port: 12:30:45, host: 1e3}\n',
    },
  },
  {
    name: 'words that only some YAML readers take for booleans',
    files: { 'local/mlflow.yml': 'ui: {host: y, port: n}\n' },
  },
  { name: 'anchors and hidden keys', files: { 'local/mlflow.yml': '_x: &x {host: h}\nui:\n  <<: *x\n  port: "1"\n' } },
  {
    name: 'an empty file over a full one',
    files: { 'base/mlflow.yml': 'ui: {host: h}', 'local/mlflow.yml': '# nothing\n' },
  },
  { name: 'another name in a folder', files: { 'local/tracking/mlflow_server.yml': 'ui: {host: h}' } },
  { name: 'a JSON file', files: { 'local/mlflow.json': '{"ui": {"host": "h"}}' } },
  {
    name: 'two files in one environment',
    files: { 'local/mlflow.yml': 'ui: {host: h}', 'local/mlflow_server.yml': 'server: {credentials: null}' },
  },
  {
    name: 'the same key in two files',
    files: { 'local/mlflow.yml': 'ui: {host: h}', 'local/mlflow2.yml': 'ui: {host: i}' },
  },
  {
    name: 'interpolation of globals and of its own keys',
    files: {
      'base/globals.yml': 'uri: http://g',
      'local/mlflow.yml':
        'server:\n  mlflow_tracking_uri: ${globals:uri}\n  mlflow_registry_uri: ${.mlflow_tracking_uri}/r\n',
    },
  },
  {
    name: 'an interpolation of nothing',
    files: { 'local/mlflow.yml': 'ui: {host: "${globals:missing}"}' },
  },
  {
    name: 'other environments from settings.py',
    settings: 'CONFIG_LOADER_ARGS = {"base_env": "default", "default_run_env": "dev"}\n',
    files: {
      'default/mlflow.yml': 'ui: {host: default, port: "1"}',
      'dev/mlflow.yml': 'server: {credentials: x}',
      'base/mlflow.yml': 'ui: {host: no}',
    },
  },
  {
    name: 'patterns, resolvers and a merge strategy of its own',
    settings:
      'CONFIG_LOADER_ARGS = dict(base_env="base", default_run_env="local", config_patterns={"mlflow": ["tracking*"]}, merge_strategy={"mlflow": "soft"}, custom_resolvers={"up": lambda x: x.upper()})\n',
    files: {
      'base/tracking.yml': 'ui: {host: "${up:h}"}',
      'local/tracking.yml': 'ui: {port: "1"}',
      'local/mlflow.yml': 'ui: {host: no}',
    },
    resolvedBy: 'kedro',
  },
  {
    name: 'no base environment in settings.py, so that all of conf/ is one',
    settings: 'CONFIG_LOADER_ARGS = {"merge_strategy": {"mlflow": "soft"}}\n',
    files: { 'base/mlflow.yml': 'ui: {host: h}' },
    resolvedBy: 'kedro',
  },
  { name: 'unknown keys', files: { 'local/mlflow.yml': 'server: {tracking_uri: x}\n' } },
  { name: 'an unknown section', files: { 'local/mlflow.yml': 'experiment: {name: x}\n' } },
  { name: 'an empty section', files: { 'local/mlflow.yml': 'ui:\n' } },
  { name: 'a number for a text', files: { 'local/mlflow.yml': 'ui: {port: 5000}\n' } },
  {
    name: 'texts for booleans',
    files: { 'local/mlflow.yml': 'tracking: {disable_tracking: {disable_autologging: "yes"}}\n' },
  },
  { name: 'a text for a strict boolean', files: { 'local/mlflow.yml': 'tracking: {run: {nested: "yes"}}\n' } },
  {
    name: 'numbers in a list of texts',
    files: { 'local/mlflow.yml': 'tracking: {disable_tracking: {pipelines: [1]}}\n' },
  },
  {
    name: 'a number among arguments',
    files: { 'local/mlflow.yml': 'server: {request_header_provider: {init_kwargs: {a: 1}}}\n' },
  },
  {
    name: 'a word out of a fixed set',
    files: { 'local/mlflow.yml': 'tracking: {params: {long_params_strategy: cut}}\n' },
  },
  { name: 'null for a text', files: { 'local/mlflow.yml': 'tracking: {experiment: {name: null}}\n' } },
];

describe('readTrackingConfig, beside the real Kedro and kedro-mlflow', () => {
  let folder: string;
  let verdicts: Verdict[];

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kdeploy-tracking-config-'));
    await Promise.all(CASES.map((each, index) => writeProject(rootOf(index), each)));
    verdicts = await verdictsOf(
      environment().python,
      CASES.map(({ env }, index) => ({ root: rootOf(index), env })),
    );
  });

  after(() => rm(folder, { recursive: true, force: true }));

  function rootOf(index: number): string {
    return join(folder, String(index));
  }

  for (const [index, { name, env, resolvedBy = 'kdeploy' }] of CASES.entries()) {
    it(`agrees on ${name}`, async () => {
      const verdict = verdicts[index];
      let config: TrackingConfig;
      try {
        config = await read(rootOf(index), env);
      } catch (error) {
        expect(verdict?.error, String(error)).to.not.equal(undefined);
        return;
      }
      expect(verdict?.error).to.equal(undefined);
      expect(config.resolvedBy).to.equal(resolvedBy);
      expect(config.document).to.deep.equal(verdict?.document);
      expect((await configProblems(config.document ?? {})).length === 0, 'kedro-mlflow’s verdict').to.equal(
        verdict?.isValid,
      );
    });
  }

  it('is baked so that Kedro reads it and nothing else, whatever files and environments there are', async () => {
    const baked: { name: string; root: string; env: string | undefined }[] = [];
    for (const [index, { name, env }] of CASES.entries()) {
      const root = rootOf(index);
      const config = await read(root, env).catch(() => undefined);
      if (config === undefined) continue;
      const [first, ...others] = config.bakedFiles;
      await mkdir(dirname(join(root, first)), { recursive: true });
      await writeFile(join(root, first), await bakedMlflowYaml(config.document, 'baked'));
      for (const other of others) await writeFile(join(root, other), other.endsWith('.json') ? '{}' : '# empty\n');
      baked.push({ name, root, env });
    }
    expect(baked.length).to.be.greaterThan(CASES.length / 2);
    for (const [index, verdict] of (await verdictsOf(environment().python, baked)).entries()) {
      const name = baked[index]?.name;
      expect(verdict.error, name).to.equal(undefined);
      expect(verdict.document, name).to.have.nested.property('tracking.experiment.name', 'baked');
      expect(verdict.document, name).to.have.nested.property('server.mlflow_tracking_uri', null);
      expect(verdict.document, name).to.have.nested.property('server.credentials', null);
    }
  });

  it('keeps kedro-mlflow’s random names when Kedro resolves the rest', async () => {
    const root = join(folder, 'random');
    await writeProject(root, {
      files: {
        'local/mlflow.yml': 'tracking: {run: {name: "${km.random_name:}"}}\nui: {host: "${.port}", port: "1"}\n',
      },
    });
    expect((await read(root, undefined)).document).to.deep.equal({
      tracking: { run: { name: '${km.random_name:}' } },
      ui: { host: '1', port: '1' },
    });
  });

  it('gives the reason of settings.py that cannot be imported', async () => {
    const root = join(folder, 'broken');
    await writeProject(root, { settings: 'from demo.missing import CONF_SOURCE\n', files: {} });
    let message = '';
    try {
      await read(root, undefined);
    } catch (error) {
      message = String(error);
    }
    expect(message).to.contain('Kedro cannot load mlflow.yml: ModuleNotFoundError').and.contain('demo.missing');
  });

  async function read(root: string, env: string | undefined): Promise<TrackingConfig> {
    const project = await findProject(root);
    const { python } = environment();
    return readTrackingConfig({
      project,
      env,
      resolveWithKedro: (reason) =>
        readConfigWithKedro(reason, {
          projectRoot: root,
          env,
          findKedro: () => Promise.resolve({ kedro: join(dirname(python), 'kedro'), python, origin: '--kedro' }),
        }),
    });
  }
});
