import { loadSettings } from '../../src/config/settings/load.js';
import { readBuildContext } from '../../src/project/dockerfile/dockerignore.js';
import { readDockerfile, type LockFileInstall } from '../../src/project/dockerfile/dockerfile.js';
import { readLoaderSettings } from '../../src/project/kedro/loader-settings.js';
import { readProject } from '../../src/project/project.js';
import { readLockFile } from '../../src/project/python/lock-file.js';
import { pyprojectDependencies } from '../../src/project/python/pyproject-dependencies.js';
import { parsePyProject } from '../../src/project/python/pyproject.js';
import { readRequirements } from '../../src/project/python/requirements-file.js';
import { withTrackingUri } from '../../src/project/tracking/mlflow-template.js';
import { readTrackingConfig } from '../../src/project/tracking/tracking-config.js';
import { memorySource } from '../support/memory-source.js';
import { fuzz } from './fuzz.js';
import * as samples from './samples.js';

const ENVIRONMENT = { pythonVersion: '3.11', platform: 'linux/amd64' };

describe('fuzzing what is read of a project', () => {
  it('a Dockerfile is read, or refused with a sentence', () =>
    fuzz({
      samples: samples.DOCKERFILES,
      words: [
        'FROM ',
        'RUN ',
        'COPY --from=0 ',
        'ARG A=b',
        'ENV A b',
        'USER ',
        '# escape=`\n',
        ' \\\n',
        '<<EOF',
        'ONBUILD ',
      ],
      read: async (input) => {
        await readDockerfile({
          source: memorySource({ Dockerfile: input }),
          file: 'Dockerfile',
          buildArguments: { A: 'b' },
        });
        return [];
      },
    }));

  it('a .dockerignore is read, or refused with a sentence', () =>
    fuzz({
      samples: samples.DOCKERIGNORES,
      words: ['**', '!', '[a-z]', '[^', '\\*', '?', '*a*a*a*a*'],
      read: async (input) => {
        const context = await readBuildContext(memorySource({ '.dockerignore': input }));
        for (const path of ['conf/local/credentials.yml', `${'a/'.repeat(50)}b`, 'a'.repeat(200)]) {
          context.isIgnored(path);
          context.isWhollyIgnored(path);
        }
        return [];
      },
    }));

  it('requirements are read, with a problem for each line that is none', () =>
    fuzz({
      samples: samples.REQUIREMENTS,
      words: [
        '-r requirements.txt',
        '-c ',
        '-e ',
        '--hash=sha256:',
        '; python_version',
        ' @ ',
        '#egg=',
        '===',
        '[extra]',
      ],
      read: async (input) => {
        const source = memorySource({ 'requirements.txt': input, 'other.txt': input });
        const read = await readRequirements(source, 'requirements.txt', { environment: ENVIRONMENT });
        return [JSON.stringify(read?.problems), JSON.stringify(read?.opaque)];
      },
    }));

  it('a pyproject.toml is read, or refused with a sentence', () =>
    fuzz({
      samples: samples.PYPROJECTS,
      words: ['[tool.kedro]', '[dependency-groups]', 'include-group = "a"', '"""', '[[', '= {', '1979-05-27', 'inf'],
      read: async (input) => {
        const pyproject = await parsePyProject(input);
        const dependencies = await pyprojectDependencies(pyproject, ENVIRONMENT);
        await readProject('/project', memorySource({ 'pyproject.toml': input }));
        return [JSON.stringify(dependencies.problems)];
      },
    }));

  for (const tool of ['uv', 'poetry', 'pdm'] as const) {
    it(`the lock file of ${tool} is read, or left to ${tool}`, () =>
      fuzz({
        samples: samples.LOCK_FILES,
        words: [
          '[[package]]',
          'name = "a"',
          'marker = "',
          'groups = [',
          'source = { editable = "." }',
          'dependencies = [',
        ],
        read: async (input) => {
          const install: LockFileInstall = { kind: 'lock-file', tool, place: { file: 'Dockerfile' }, extras: ['*'] };
          await readLockFile(memorySource({ [`${tool}.lock`]: input }), install, ENVIRONMENT, undefined);
          return [];
        },
      }));
  }

  it('an mlflow.yml is read, left to Kedro, or refused with a sentence', () =>
    fuzz({
      samples: samples.MLFLOW_YMLS,
      words: ['${globals:a}', '${oc.env:A}', '${.b}', '!!python/object:os.system', '<<: *a', '&a ', '? ', 'server:'],
      read: async (input) => {
        const source = memorySource({ 'conf/local/mlflow.yml': input, 'conf/base/globals.yml': input });
        await readTrackingConfig({
          project: { root: '/', name: 'a', packageName: 'a', sourceFolder: 'src', kedroVersion: '1.0.0', source },
          env: undefined,
          resolveWithKedro: () => Promise.resolve({ document: {}, files: [], folder: 'conf/local', patterns: [] }),
        });
        return [];
      },
    }));

  it('a template of mlflow.yml is filled, or refused with a sentence', () =>
    fuzz({
      samples: samples.MLFLOW_YMLS,
      words: ['mlflow_tracking_uri:', 'server:', 'null', '~'],
      read: async (input) => {
        await withTrackingUri(input.toString('utf8'), 'https://mlflow.example.com');
        return [];
      },
    }));

  it('a kdeploy.yml is read, or refused with a sentence for each mistake', () =>
    fuzz({
      samples: samples.KDEPLOY_YMLS,
      words: [
        'image:',
        'tags:',
        '{git.sha}',
        '{',
        'run_config:',
        'authentication:',
        'type: oidc',
        'secrets:',
        '- id: a',
        '${A}',
      ],
      read: async (input) => {
        const source = memorySource({ 'conf/base/kdeploy.yml': input, 'conf/local/kdeploy.yml': input });
        const { warnings } = await loadSettings({ source, env: 'local', environmentVariables: {} });
        return [JSON.stringify(warnings)];
      },
    }));

  it('a settings.py is read, or left to Kedro', () =>
    fuzz({
      samples: samples.SETTINGS_PYS,
      words: [
        'CONF_SOURCE',
        'CONFIG_LOADER_ARGS',
        ' = ',
        'r"',
        'f"',
        '"""',
        'lambda: ',
        '(',
        '{"a": ',
        '\\N{DASH}',
        '0o7',
      ],
      read: (input) => {
        readLoaderSettings(input.toString('utf8'));
        return [];
      },
    }));
});
