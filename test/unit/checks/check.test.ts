import { expect } from 'chai';
import { bakedTracking } from '../../../src/bake/baked-tracking.js';
import { checkProject, type CheckOptions, type CheckReport } from '../../../src/checks/check.js';
import type { Settings } from '../../../src/config/settings/settings.js';
import { KdeployError } from '../../../src/errors.js';
import { projectModel, type ProjectModelOptions } from '../../../src/project/model.js';
import type { Rule } from '../../../src/checks/rule.js';
import { RULES } from '../../../src/checks/rules.js';
import { memorySource, type MemorySource } from '../../support/memory-source.js';
import { rejection } from '../../support/rejection.js';
import { settingsWith } from '../../support/settings.js';

const GOOD = {
  'pyproject.toml': '[project]\ndependencies = ["kedro~=1.7"]\n[tool.kedro]\npackage_name = "demo"\n',
  'requirements.txt': 'kedro~=1.7.0\nkedro-mlflow==2.0.3\nkedro-datasets\n',
  'src/demo/settings.py': '# nothing',
  'conf/local/mlflow.yml':
    'server:\n  mlflow_tracking_uri: https://mlflow.example.com\ntracking:\n  experiment:\n    name: flights\n',
};

type Given = Partial<Omit<CheckOptions, 'model'>> &
  Partial<ProjectModelOptions> & { files?: Record<string, string>; source?: MemorySource; settings?: Settings };

function check({
  files = GOOD,
  source = memorySource(files),
  settings = settingsWith(),
  rules,
  online,
  ...options
}: Given = {}): Promise<CheckReport> {
  const project = {
    root: '/project',
    name: 'Demo',
    packageName: 'demo',
    sourceFolder: 'src',
    kedroVersion: '1.7.0',
    source,
  };
  const model = projectModel({
    project,
    settings,
    env: undefined,
    processEnvironment: {},
    resolveWithKedro: () => Promise.reject(new Error('Kedro was asked')),
    ...options,
  });
  return checkProject({ model, settings, ...(rules && { rules }), online });
}

function ids({ findings }: CheckReport): string[] {
  return findings.map(({ rule, severity }) => `${severity} ${rule}`);
}

function ruleThat(id: string, work: Rule['check'], group: Rule['group'] = 'project'): Rule {
  return { id, group, description: 'A rule for a test', check: work };
}

describe('checkProject', () => {
  const long = '9'.repeat(21);
  const versions = [
    long,
    `1.${long}`,
    `1!${long}.0`,
    `2.0rc${long}`,
    `2.0.post${long}`,
    `2.0+${long}`,
    '1'.repeat(5000),
  ];
  for (const version of versions) {
    it(`a version of ${version.length} characters such as ${version.slice(0, 12)}… stops no check, wherever it stands`, async () => {
      const requirements = ['kedro', 'kedro-mlflow', 'mlflow', 'kedro-datasets'].flatMap((name) =>
        ['==', '>=', '~=', '<', '!='].map((operator) => `${name}${operator}${version}; python_version < "${version}"`),
      );
      for (const operator of ['==', '>=', '<', '^', '~']) {
        const { findings } = await check({
          files: {
            ...GOOD,
            'requirements.txt': [...requirements, `kedro-mlflow${operator.replace(/^[~^]$/, '==')}${version}`].join(
              '\n',
            ),
            'pyproject.toml': `[project]\ndependencies = ["kedro==${version}"]\n${operator === '^' ? '' : `requires-python = ">=${version}"`}\n[tool.kedro]\npackage_name = "demo"\nkedro_init_version = "${version}"\n[tool.poetry.dependencies]\npython = "${operator}${version}"\nkedro-mlflow = "${operator}${version}"\n`,
            Dockerfile: `FROM python:${version}\nCOPY . .\nRUN pip install -r requirements.txt\n`,
          },
        });
        expect(
          findings.map(({ message }) => message).filter((message) => message.includes('could not run')),
        ).to.deep.equal([]);
      }
    });
  }

  it('finds nothing wrong with a good project, and says where it will log', async () => {
    const report = await check();
    expect(report.findings).to.deep.equal([]);
    expect(report.rules).to.deep.equal(RULES.map(({ id }) => id));
    expect(report.tracking).to.deep.include({
      uri: 'https://mlflow.example.com',
      registryUri: undefined,
      experiment: 'flights',
    });
    expect(report.trackingConfig?.files).to.deep.equal(['conf/local/mlflow.yml']);
  });

  it('reads each file once, however many rules ask for it', async () => {
    const source = memorySource(GOOD);
    await check({ source });
    const twice = source.reads.filter((file, index) => source.reads.indexOf(file) !== index);
    expect(twice).to.deep.equal([]);
  });

  it('gives one finding for one defect', async () => {
    const without = (...files: string[]): Record<string, string> =>
      Object.fromEntries(Object.entries(GOOD).filter(([file]) => !files.includes(file)));
    const defects: [name: string, files: Record<string, string>, expected: string[]][] = [
      ['no mlflow.yml', without('conf/local/mlflow.yml'), ['error mlflow-config-exists']],
      ['broken mlflow.yml', { ...GOOD, 'conf/local/mlflow.yml': 'server: [' }, ['error mlflow-config-valid']],
      [
        'no URI',
        { ...GOOD, 'conf/local/mlflow.yml': 'server: {mlflow_tracking_uri: null}' },
        ['error tracking-uri-usable'],
      ],
      ['no kedro-mlflow', { ...GOOD, 'requirements.txt': 'kedro' }, ['error kedro-mlflow-required']],
      [
        'kedro-mlflow in .in only',
        { ...GOOD, 'requirements.txt': 'kedro==1.7.0', 'requirements.in': 'kedro\nkedro-mlflow' },
        ['error requirements-in-not-compiled'],
      ],
      [
        'kedro-mlflow where nobody installs it',
        { ...GOOD, 'requirements.txt': 'kedro', 'src/requirements.txt': 'kedro-mlflow' },
        ['error kedro-mlflow-installed-by-dockerfile'],
      ],
      ['no kedro-datasets', { ...GOOD, 'requirements.txt': 'kedro-mlflow' }, ['error kedro-datasets-declared']],
      [
        'a password',
        { ...GOOD, 'conf/local/mlflow.yml': 'server: {mlflow_tracking_uri: "https://a:hunter2@h"}' },
        ['error tracking-uri-has-no-credentials'],
      ],
      ['a Dockerfile that is none', { ...GOOD, Dockerfile: '\0' }, ['error dockerfile-readable']],
      ['no package', without('src/demo/settings.py'), ['error kedro-project']],
      ['a key', { ...GOOD, '.netrc': 'machine x' }, ['error build-context-has-no-credentials']],
    ];
    for (const [name, files, expected] of defects) expect(ids(await check({ files })), name).to.deep.equal(expected);
  });

  it('puts errors first, then warnings, then infos, and keeps the order of the rules among equals', async () => {
    const finding = (severity: 'error' | 'warning' | 'info') => ({ severity, message: 'm', remedy: 'r' });
    const rules = [
      ruleThat('a', () => Promise.resolve([finding('info'), finding('error')])),
      ruleThat('b', () => Promise.resolve([finding('error'), finding('warning')])),
    ];
    expect(ids(await check({ rules }))).to.deep.equal(['error a', 'error b', 'warning b', 'info a']);
  });

  it('runs the other rules when one cannot run, and reports that as an error without secrets', async () => {
    const rules = [
      ruleThat('crashes', () => Promise.reject(new Error('bad http://ada:hunter2@h'))),
      ruleThat('throws', () => {
        throw new Error('at once');
      }),
      ruleThat('works', () => Promise.resolve([{ severity: 'info', message: 'm', remedy: 'r' }])),
    ];
    const report = await check({ rules });
    expect(ids(report)).to.deep.equal(['error crashes', 'error throws', 'info works']);
    expect(report.findings[0]?.message).to.equal('the check crashes could not run: bad http://***@h');
    expect(report.findings[1]?.message).to.contain('at once');
  });

  it('says what to do where a file could not be read, which is no defect of kdeploy', async () => {
    const unreadable = Object.assign(new Error("EACCES: permission denied, open '/p/.dockerignore'"), {
      ...{ code: 'EACCES', syscall: 'open', path: '/p/.dockerignore' },
    });
    const rules = [
      ruleThat('system', () => Promise.reject(unreadable)),
      ruleThat('ours', () => Promise.reject(new KdeployError('configuration', 'x cannot be read'))),
      ruleThat('defect', () => Promise.reject(new TypeError('x is not a function'))),
    ];
    const { findings } = await check({ rules });
    expect(findings.map(({ message, remedy }) => [message, remedy])).to.deep.equal([
      [
        'the check system could not run: /p/.dockerignore cannot be opened: permission denied',
        'check its permissions and those of its folder, or run kdeploy as a user who has them',
      ],
      ['the check ours could not run: x cannot be read', 'fix what the message reports'],
      [
        'the check defect could not run: x is not a function',
        'run kdeploy check --verbose, and report this with the output',
      ],
    ]);
  });

  it('with tracking off, runs only the rules that have nothing to do with it', async () => {
    const report = await check({
      settings: settingsWith({ mlflow: { enabled: false } }),
      files: { ...GOOD, 'conf/local/mlflow.yml': 'server: [', '.netrc': 'x' },
    });
    expect(ids(report)).to.deep.equal(['error build-context-has-no-credentials']);
    expect(report.rules).to.deep.equal(RULES.filter(({ group }) => group !== 'tracking').map(({ id }) => id));
    expect(report.tracking).to.equal(undefined);
    expect(report.trackingConfig).to.equal(undefined);
  });

  describe('with tracking on auto', () => {
    const settings = settingsWith({ mlflow: { enabled: 'auto' } });
    const cases: [name: string, files: Record<string, string>, expected: string[], isTracked: boolean][] = [
      ['tracks a project that is set up', GOOD, [], true],
      [
        'builds without tracking, and says so, without kedro-mlflow',
        { ...GOOD, 'requirements.txt': 'kedro' },
        ['info tracking-set-up'],
        false,
      ],
      [
        'builds without tracking, and says so, without a URI',
        { ...GOOD, 'conf/local/mlflow.yml': '' },
        ['info tracking-set-up'],
        false,
      ],
      [
        'does not take a broken set-up for a missing one',
        { ...GOOD, 'conf/local/mlflow.yml': ']' },
        ['error mlflow-config-valid'],
        true,
      ],
      [
        'does not take a wrong URI for a missing one',
        { ...GOOD, 'conf/local/mlflow.yml': 'server: {mlflow_tracking_uri: mlruns}' },
        ['error tracking-uri-usable'],
        true,
      ],
      [
        'does not take an uncompiled requirements.in for missing',
        { ...GOOD, 'requirements.txt': 'kedro==1.7.0', 'requirements.in': 'kedro-mlflow' },
        ['error requirements-in-not-compiled'],
        true,
      ],
    ];
    for (const [name, files, expected, isTracked] of cases) {
      it(name, async () => {
        const report = await check({ settings, files });
        expect(ids(report)).to.deep.equal(expected);
        expect(report.tracking !== undefined).to.equal(isTracked);
      });
    }

    it('names what is missing', async () => {
      const { findings } = await check({ settings, files: { ...GOOD, 'requirements.txt': 'kedro' } });
      expect(findings[0]?.message).to.equal(
        'tracking is off for this image: kedro-mlflow is missing from the requirements',
      );
    });
  });

  describe('as kdeploy.yml wants its checks', () => {
    const broken = { ...GOOD, 'requirements.txt': 'kedro', 'conf/local/mlflow.yml': 'server: [' };

    it('leaves out a rule that is switched off, and names it', async () => {
      const report = await check({
        files: broken,
        settings: settingsWith({ checks: { 'kedro-mlflow-required': 'off', 'mlflow-config-valid': 'on' } }),
      });
      expect(ids(report)).to.deep.equal(['error mlflow-config-valid']);
      expect(report.off).to.deep.equal(['kedro-mlflow-required']);
      expect(report.rules).to.deep.equal(RULES.map(({ id }) => id).filter((id) => id !== 'kedro-mlflow-required'));
    });

    it('names no rule as switched off that would not have run anyway', async () => {
      const report = await check({
        settings: settingsWith({
          mlflow: { enabled: false },
          checks: { 'kedro-mlflow-required': 'off', 'mlflow-online': 'off', 'dockerfile-readable': 'off' },
        }),
      });
      expect(report.off).to.deep.equal(['dockerfile-readable']);
    });

    it('gives errors and warnings the severity that it says, and sorts by that', async () => {
      const settings = settingsWith({ checks: { 'kedro-mlflow-required': 'warning' } });
      expect(ids(await check({ files: broken, settings }))).to.deep.equal([
        'error mlflow-config-valid',
        'warning kedro-mlflow-required',
      ]);
    });

    it('does not make less of a check that could not run', async () => {
      const rules = [ruleThat('kedro-project', () => Promise.reject(new Error('broken')))];
      const report = await check({ rules, settings: settingsWith({ checks: { 'kedro-project': 'info' } }) });
      expect(ids(report)).to.deep.equal(['error kedro-project']);
    });

    it('bakes no password, even with the rule switched off that would tell', async () => {
      const settings = settingsWith({ checks: { 'tracking-uri-has-no-credentials': 'off' } });
      const report = await check({
        settings,
        files: { ...GOOD, 'conf/local/mlflow.yml': 'server: {mlflow_tracking_uri: "https://ada:hunter2@h"}' },
      });
      expect(report.findings).to.deep.equal([]);
      const refusal = await rejection(
        bakedTracking({ settings, ...report, mlflowFile: 'conf/local/mlflow.yml', kdeployVersion: '1.0.0' }),
      );
      expect(refusal.message).to.contain('the tracking URI contains a user name or password');
      expect(JSON.stringify(refusal) + refusal.message).not.to.contain('hunter2');
    });
  });

  describe('with the MLflow server asked as well', () => {
    const answering = (status: number) => () => Promise.resolve(new Response('{}', { status }));
    const online = { environment: {}, fetch: answering(401) };

    it('names that among the checks, and sorts what it finds with the rest', async () => {
      const rules = [ruleThat('a', () => Promise.resolve([{ severity: 'warning', message: 'm', remedy: 'r' }]))];
      const report = await check({ rules, online });
      expect(ids(report)).to.deep.equal(['error mlflow-online', 'warning a']);
      expect([report.rules, report.off]).to.deep.equal([['a', 'mlflow-online'], []]);
    });

    it('gives its findings the severity that kdeploy.yml says', async () => {
      const settings = settingsWith({ checks: { 'mlflow-online': 'warning' } });
      expect(ids(await check({ settings, online }))).to.deep.equal(['warning mlflow-online']);
    });

    it('asks nobody when that is switched off, and says so', async () => {
      const asked: unknown[] = [];
      const fetch = (url: unknown) => {
        asked.push(url);
        return answering(401)();
      };
      const settings = settingsWith({ checks: { 'mlflow-online': 'off' } });
      const report = await check({ settings, online: { environment: {}, fetch } });
      expect([asked, report.findings, report.off]).to.deep.equal([[], [], ['mlflow-online']]);
      expect(report.rules).not.to.include('mlflow-online');
    });

    it('is not named where nobody wanted it', async () => {
      const report = await check({ settings: settingsWith({ checks: { 'mlflow-online': 'off' } }) });
      expect([...report.rules, ...report.off]).not.to.include('mlflow-online');
    });
  });

  it('has rules with distinct ids in kebab-case', () => {
    const names = RULES.map(({ id }) => id);
    expect(new Set(names).size).to.equal(names.length);
    for (const name of names) expect(name).to.match(/^[a-z]+(-[a-z]+)*$/);
  });
});
