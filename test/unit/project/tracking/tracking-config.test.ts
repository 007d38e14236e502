import { expect } from 'chai';
import { KdeployError } from '../../../../src/errors.js';
import type { Project } from '../../../../src/project/project.js';
import {
  readTrackingConfig,
  type KedroConfig,
  type TrackingConfig,
} from '../../../../src/project/tracking/tracking-config.js';
import { memorySource } from '../../../support/memory-source.js';
import { rejection } from '../../../support/rejection.js';

function projectOf(files: Readonly<Record<string, string>>): Project {
  return { root: '/p', name: 'Demo', packageName: 'demo', sourceFolder: 'src', source: memorySource(files) };
}

async function read(files: Readonly<Record<string, string>>, env?: string): Promise<TrackingConfig> {
  const resolveWithKedro = (reason: string): Promise<never> => Promise.reject(new Error(`asked Kedro: ${reason}`));
  return readTrackingConfig({ project: projectOf(files), env, resolveWithKedro });
}

const SETTINGS = 'CONFIG_LOADER_ARGS = {"base_env": "default", "default_run_env": "dev"}';

describe('readTrackingConfig', () => {
  it('finds nothing where there is nothing, and says where it would be', async () => {
    const config = await read({});
    expect(config).to.deep.include({
      document: undefined,
      files: [],
      expectedFile: 'conf/local/mlflow.yml',
      trackingUri: undefined,
    });
    expect(config.placeOf(['server'])).to.deep.equal({ file: 'conf/local/mlflow.yml' });
    expect((await read({}, 'prod')).expectedFile).to.equal('conf/prod/mlflow.yml');
  });

  it('replaces whole top-level keys of the base by those of the run environment', async () => {
    const config = await read({
      'conf/base/mlflow.yml':
        'server:\n  mlflow_tracking_uri: http://base\n  mlflow_registry_uri: http://registry\ntracking:\n  experiment:\n    name: from base\n',
      'conf/local/mlflow.yml': '# mine\nserver:\n  mlflow_tracking_uri: http://local\n',
    });
    expect(config.document).to.deep.equal({
      server: { mlflow_tracking_uri: 'http://local' },
      tracking: { experiment: { name: 'from base' } },
    });
    expect(config.files).to.deep.equal(['conf/base/mlflow.yml', 'conf/local/mlflow.yml']);
    expect(config.trackingUri).to.deep.equal({
      value: 'http://local',
      place: { file: 'conf/local/mlflow.yml', line: 3 },
    });
    expect(config.registryUri).to.equal(undefined);
    expect(config.experimentName).to.deep.equal({
      value: 'from base',
      place: { file: 'conf/base/mlflow.yml', line: 6 },
    });
    expect(config.resolvedBy).to.equal('kdeploy');
  });

  it('reads the environment that is asked for, and not conf/local', async () => {
    const files = {
      'conf/local/mlflow.yml': 'server: {mlflow_tracking_uri: http://local}',
      'conf/prod/mlflow.yaml': 'server: {mlflow_tracking_uri: http://prod}',
    };
    expect((await read(files, 'prod')).trackingUri?.value).to.equal('http://prod');
    expect((await read(files, 'base')).trackingUri).to.equal(undefined);
  });

  it('takes the names of the environments from settings.py', async () => {
    const files = {
      'src/demo/settings.py': SETTINGS,
      'conf/default/mlflow.yml': 'a: 1',
      'conf/dev/mlflow.yml': 'b: 2',
      'conf/base/mlflow.yml': 'c: 3',
      'conf/local/mlflow.yml': 'd: 4',
    };
    expect((await read(files)).document).to.deep.equal({ a: 1, b: 2 });
    expect((await read(files)).expectedFile).to.equal('conf/dev/mlflow.yml');
  });

  it('reads the other names that kedro-mlflow accepts, and no hidden or foreign files', async () => {
    expect(
      (
        await read({
          'conf/local/tracking/mlflow_server.yaml': 'a: 1',
          'conf/local/.mlflow.yml': 'b: 1',
          'conf/local/mlflow.yml.bak': 'c: 1',
          'conf/local/my_mlflow.yml': 'd: 1',
          'conf/local/.x/mlflow.yml': 'e: 1',
        })
      ).document,
    ).to.deep.equal({ a: 1 });
    expect((await read({ 'conf/local/mlflow/server.json': '{"a": 1}' })).document).to.deep.equal({ a: 1 });
  });

  it('drops keys that start with an underscore, as Kedro does', async () => {
    expect(
      (await read({ 'conf/local/mlflow.yml': '_host: &h http://x\nserver:\n  mlflow_tracking_uri: *h\n' })).document,
    ).to.deep.equal({ server: { mlflow_tracking_uri: 'http://x' } });
  });

  it('tells an empty file from a missing one', async () => {
    expect((await read({ 'conf/local/mlflow.yml': '# server:\n' })).document).to.deep.equal({});
  });

  it('leaves kedro-mlflow’s random names to the container', async () => {
    const config = await read({ 'conf/local/mlflow.yml': 'tracking: {run: {name: "${km.random_name:}"}}' });
    expect(config.document).to.deep.equal({ tracking: { run: { name: '${km.random_name:}' } } });
    expect(config.resolvedBy).to.equal('kdeploy');
  });

  it('cannot be made to change the prototype of objects', async () => {
    const config = await read({ 'conf/local/mlflow.yml': '__proto__: {polluted: true}\nconstructor: 1\n' });
    expect(({} as Record<string, unknown>).polluted).to.equal(undefined);
    expect(config.trackingUri).to.equal(undefined);
  });

  describe('resolves by itself', () => {
    it('what mlflow.yml and globals.yml say of each other, in the types that they have', async () => {
      const config = await read({
        'conf/base/globals.yml': 'host: base\nport: 5000\n',
        'conf/local/globals.yml': 'host: mlflow.example.com\n',
        'conf/local/mlflow.yml':
          'server:\n  mlflow_tracking_uri: https://${globals:host}:${globals:port}\n  mlflow_registry_uri: ${.mlflow_tracking_uri}/r\ntracking: {run: {nested: "${globals:nested, false}"}}\n',
      });
      expect(config.resolvedBy).to.equal('kdeploy');
      expect(config.document).to.deep.equal({
        server: {
          mlflow_tracking_uri: 'https://mlflow.example.com:5000',
          mlflow_registry_uri: 'https://mlflow.example.com:5000/r',
        },
        tracking: { run: { nested: false } },
      });
      expect(config.trackingUri?.place).to.deep.equal({ file: 'conf/local/mlflow.yml', line: 2 });
      expect(config.files).to.deep.equal(['conf/local/mlflow.yml']);
    });

    it('several files of one environment, when no key stands in two', async () => {
      const files = { 'conf/local/mlflow.yml': 'a: 1', 'conf/local/mlflow_ui.yml': 'b: 1' };
      expect((await read(files)).document).to.deep.equal({ a: 1, b: 1 });
      const twice = await rejection(read({ ...files, 'conf/local/mlflow_ui.yml': 'b: 1\na: 2' }));
      expect(twice.message).to.equal(
        'a is defined in both conf/local/mlflow.yml and conf/local/mlflow_ui.yml, which Kedro does not allow',
      );
      expect(twice.place).to.deep.equal({ file: 'conf/local/mlflow_ui.yml', line: 2 });
    });

    it('the soft merge and the patterns of settings.py', async () => {
      const config = await read({
        'src/demo/settings.py':
          'CONFIG_LOADER_ARGS = {"base_env": "base", "default_run_env": "local", "config_patterns": {"mlflow": ["tracking*"]}, "merge_strategy": {"mlflow": "soft"}}',
        'conf/base/tracking.yml': 'ui: {host: base, port: "1"}\nserver: {credentials: c}\n',
        'conf/local/tracking.yml': 'ui: {port: "2"}\n',
        'conf/local/mlflow.yml': 'ui: {host: no}',
      });
      expect(config.document).to.deep.equal({ ui: { host: 'base', port: '2' }, server: { credentials: 'c' } });
      expect(config.placeOf(['ui', 'host'])).to.deep.equal({ file: 'conf/base/tracking.yml', line: 1 });
    });

    it('what Kedro would refuse, with the place and what to do', async () => {
      const missing = await rejection(read({ 'conf/local/mlflow.yml': 'server:\n  credentials: ${globals:nope.a}\n' }));
      expect(missing.message).to.contain('server.credentials').and.contain('nope.a is not in globals.yml');
      expect(missing.place).to.deep.equal({ file: 'conf/local/mlflow.yml', line: 2 });
      expect(missing.hint).to.contain('globals.yml');
      const env = await rejection(
        read({ 'conf/local/mlflow.yml': 'server: {mlflow_tracking_uri: "${oc.env:MLFLOW_URI}"}' }),
      );
      expect(env.message).to.contain('${oc.env:…} works only in credentials.yml');
    });

    it('nothing of Kedro 0.18, whose loader knows no ${…}', async () => {
      const project = { ...projectOf({ 'conf/local/mlflow.yml': 'a: "${b}"\nb: 1' }), kedroVersion: '0.18.14' };
      const error = await rejection(
        readTrackingConfig({
          project,
          env: undefined,
          resolveWithKedro: (reason) => Promise.reject(new KdeployError('tool-missing', reason)),
        }),
      );
      expect(error.message).to.equal('mlflow.yml uses ${…}');
    });
  });

  describe('asks Kedro', () => {
    const answer: KedroConfig = {
      document: { server: { mlflow_tracking_uri: 'http://resolved' } },
      files: ['conf/base/globals.yml', 'conf/local/mlflow.yml'],
      folder: 'conf/local',
      patterns: ['mlflow*'],
    };
    const cases: [name: string, files: Record<string, string>, reason: string][] = [
      [
        'for a resolver of the project, anywhere',
        { 'conf/local/mlflow.yml': 'ui:\n  - {a: "x${today:}"}' },
        'mlflow.yml uses ${…}',
      ],
      ['for an interpolation in a key', { 'conf/local/mlflow.yml': '"${a}": 1' }, 'mlflow.yml uses ${…}'],
      [
        'for a random name within other text',
        { 'conf/local/mlflow.yml': 'a: x-${km.random_name:}' },
        'mlflow.yml uses ${…}',
      ],
      [
        'for helper keys in two files, which Kedro merges in any order',
        { 'conf/local/mlflow.yml': '_h: 1', 'conf/local/mlflow_ui.yml': '_h: 2' },
        'conf/local/mlflow_ui.yml contains YAML that PyYAML reads differently',
      ],
      [
        'for tags, which PyYAML refuses or obeys',
        { 'conf/local/mlflow.yml': 'ui: !!python/object:os.system {}' },
        'conf/local/mlflow.yml contains YAML that PyYAML reads differently',
      ],
      [
        'for globals that only it can resolve',
        { 'conf/base/globals.yml': 'port: ${nope:}', 'conf/local/mlflow.yml': 'a: 1' },
        'globals.yml uses ${…} in an unusual way',
      ],
      [
        'for settings that are computed',
        { 'src/demo/settings.py': 'CONF_SOURCE = X' },
        'settings.py computes how configuration is loaded',
      ],
    ];
    for (const [name, files, reason] of cases) {
      it(name, async () => {
        const asked: string[] = [];
        const project = projectOf({ 'conf/base/globals.yml': 'port: 1', ...files });
        const config = await readTrackingConfig({
          project,
          env: undefined,
          resolveWithKedro: (why) => {
            asked.push(why);
            return Promise.resolve(answer);
          },
        });
        expect(asked).to.deep.equal([reason]);
        expect(config).to.deep.include({ document: answer.document, files: answer.files, resolvedBy: 'kedro' });
        expect(config.trackingUri?.value).to.equal('http://resolved');
      });
    }

    it('and still knows where things stand', async () => {
      const config = await readTrackingConfig({
        project: projectOf({ 'conf/local/mlflow.yml': '\nserver:\n  mlflow_tracking_uri: ${uri:}\n' }),
        env: undefined,
        resolveWithKedro: () => Promise.resolve({ ...answer, files: ['conf/local/mlflow.yml'] }),
      });
      expect(config.trackingUri?.place).to.deep.equal({ file: 'conf/local/mlflow.yml', line: 3 });
    });
  });

  describe('is baked where Kedro finds no key twice', () => {
    const patterns = (text: string) => ({
      'src/demo/settings.py': `CONFIG_LOADER_ARGS = {"base_env": "base", "default_run_env": "local", "config_patterns": {"mlflow": ${text}}}`,
    });
    const cases: [name: string, files: Record<string, string>, expected: string[]][] = [
      ['in mlflow.yml, where there is none', {}, ['conf/local/mlflow.yml']],
      [
        'in mlflow.yml, where only the base environment has one',
        { 'conf/base/mlflow.yml': 'a: 1' },
        ['conf/local/mlflow.yml'],
      ],
      ['over the file that is there', { 'conf/local/mlflow_dev.yml': 'a: 1' }, ['conf/local/mlflow_dev.yml']],
      [
        'over one of several, with the others emptied',
        { 'conf/local/mlflow_a.yml': 'a: 1', 'conf/local/mlflow.yml': 'b: 1', 'conf/local/x/mlflow.json': '{"c": 1}' },
        ['conf/local/mlflow.yml', 'conf/local/mlflow_a.yml', 'conf/local/x/mlflow.json'],
      ],
      [
        'over a file of YAML rather than JSON',
        { 'conf/local/mlflow_a.json': '{"c": 1}', 'conf/local/mlflow_b.yaml': 'b: 1' },
        ['conf/local/mlflow_b.yaml', 'conf/local/mlflow_a.json'],
      ],
      ['under a name that the patterns of settings.py find', patterns('["tracking*"]'), ['conf/local/tracking.yml']],
      [
        'the same, where the pattern has an ending',
        patterns('["tracking/*.yaml", "**/ml.yml"]'),
        ['conf/local/ml.yml'],
      ],
    ];
    for (const [name, files, expected] of cases) {
      it(name, async () => {
        expect((await read(files)).bakedFiles).to.have.ordered.members(expected);
      });
    }

    it('over the only file there is, where settings.py names no base environment and Kedro reads all of conf/ as one', async () => {
      const config = await readTrackingConfig({
        project: projectOf({ 'src/demo/settings.py': 'CONFIG_LOADER_ARGS = {}', 'conf/base/mlflow.yml': 'a: 1' }),
        env: undefined,
        resolveWithKedro: () =>
          Promise.resolve({
            document: {},
            files: ['conf/base/mlflow.yml'],
            folder: 'conf',
            patterns: ['mlflow*', '**/mlflow*'],
          }),
      });
      expect(config.bakedFiles).to.deep.equal(['conf/base/mlflow.yml']);
    });
  });

  it('names the place of YAML that is broken, and of content that is not a mapping', async () => {
    const broken = await rejection(read({ 'conf/local/mlflow.yml': 'server:\n  a: [1\n' }));
    expect(broken.code).to.equal('configuration');
    expect(broken.place?.file).to.equal('conf/local/mlflow.yml');
    const list = await rejection(read({ 'conf/local/mlflow.yml': '- server\n' }));
    expect(list.message).to.equal('conf/local/mlflow.yml is not a mapping');
  });

  for (const env of ['../other', '/etc', 'a/../..', '..', 'a\\b']) {
    it(`refuses ${env} as an environment`, async () => {
      expect((await rejection(read({}, env))).code).to.equal('usage');
    });
  }

  it('reads each file once', async () => {
    const project = projectOf({ 'conf/base/mlflow.yml': 'a: 1', 'conf/local/mlflow.yml': 'b: 1' });
    const source = memorySource({ 'conf/base/mlflow.yml': 'a: 1', 'conf/local/mlflow.yml': 'b: 1' });
    await readTrackingConfig({
      project: { ...project, source },
      env: undefined,
      resolveWithKedro: () => Promise.reject(new Error('no')),
    });
    expect(source.reads.sort()).to.deep.equal([
      'conf/base/mlflow.yml',
      'conf/local/mlflow.yml',
      'src/demo/settings.py',
    ]);
  });
});
