import { expect } from 'chai';
import { checkProject } from '../../../src/checks/check.js';
import { projectModel } from '../../../src/project/model.js';
import { memorySource } from '../../support/memory-source.js';
import { settingsWith } from '../../support/settings.js';

type Files = Readonly<Record<string, string>>;

const PROJECT: Files = {
  'pyproject.toml':
    '# flights\n[project]\nname = "demo"\nrequires-python = ">=3.12"\ndependencies = [\n  "kedro~=1.7",\n]\n[tool.kedro]\npackage_name = "demo"\n',
  'src/demo/settings.py':
    'CONFIG_LOADER_ARGS = {\n    "base_env": "base",\n    "default_run_env": "local",  # as usual\n}\n',
};

const PROJECTS: Readonly<Record<string, Files>> = {
  'with requirements in pieces': {
    ...PROJECT,
    'requirements.txt':
      '# all\n-r requirements/base.txt\nkedro-mlflow \\\n  ==2.0.3\n\nkdeploy==0.1.0\nnot a requirement at all\n',
    'requirements/base.txt': 'kedro~=1.7.0  # pinned\nmlflow<2\npywin32==306\n',
    'requirements.in': 'kedro\nkedro-mlflow\n',
    'conf/base/catalog.yml': 'flights:\n  type: pandas.ParquetDataset\n  filepath: data/x.parquet\n',
    'conf/local/mlflow.yml':
      'server:\n  # where it logs\n  mlflow_tracking_uri: http://localhost:5000\ntracking:\n  experiment:\n    name: "flights"\n  unknown_key: 1\n',
    '.dockerignore': '# nothing of it\nconf\n!conf/base\nsrc/demo\n',
  },
  'with a Dockerfile and secrets': {
    ...PROJECT,
    'requirements.txt': 'kedro~=1.7.0\n',
    Dockerfile: [
      'ARG BASE_IMAGE=python:3.9-slim',
      'FROM $BASE_IMAGE AS runtime',
      'ENV API_TOKEN=abcdef1234567890 \\',
      '    MLFLOW_TRACKING_URI=http://127.0.0.1:5000',
      'COPY requirements.txt /tmp/requirements.txt',
      'RUN pip install \\',
      '    # what the project needs',
      '    -r /tmp/requirements.txt',
      'RUN <<EOF',
      'useradd ada',
      'EOF',
      'WORKDIR /srv/app',
      'COPY src src',
      'USER root',
      'ENTRYPOINT ["sh", "-c", "kedro run"]',
      '',
    ].join('\n'),
    '.dockerignore': '*\n!src\n',
    'conf/base/mlflow.yml': 'server:\n  mlflow_tracking_uri: https://ada:hunter22@mlflow.example.com\n',
    'conf/local/credentials.yml': 'db:\n  password: hunter22\n',
  },
  'with a lock file': {
    ...PROJECT,
    'uv.lock':
      'version = 1\nrequires-python = ">=3.12"\n\n[[package]]\nname = "demo"\nversion = "0.1"\nsource = { editable = "." }\ndependencies = [{ name = "kedro" }]\n\n[[package]]\nname = "kedro"\nversion = "1.7.0"\nsource = { registry = "https://pypi.org/simple" }\n',
    Dockerfile: 'FROM python:3.12\nWORKDIR /app\nCOPY . .\nRUN uv sync --locked\nCMD ["kedro", "run"]\n',
    'conf/local/mlflow.yml': 'server:\n  mlflow_tracking_uri: ${oc.env:MLFLOW_SERVER}\n',
  },
};

async function findings(files: Files): Promise<object[]> {
  const settings = settingsWith();
  const model = projectModel({
    project: {
      ...{ root: '/project', name: 'Demo', packageName: 'demo', sourceFolder: 'src', kedroVersion: '1.7.0' },
      source: memorySource(files),
    },
    ...{ settings, env: undefined, processEnvironment: {} },
    resolveWithKedro: () => Promise.reject(new Error('Kedro was asked')),
  });
  const report = await checkProject({ model, settings });
  return report.findings.map(({ rule, severity, message, remedy, place }) => ({
    rule,
    severity,
    message,
    remedy,
    place,
  }));
}

const changed = (files: Files, change: (text: string) => string): Files =>
  Object.fromEntries(Object.entries(files).map(([name, text]) => [name, change(text)]));

/** What core.autocrlf makes of a checkout must change nothing of what is found, nor where. */
describe('the line ends of Windows', () => {
  for (const [what, files] of Object.entries(PROJECTS)) {
    it(`change no finding of a project ${what}, nor its line`, async () => {
      const asCommitted = await findings(files);
      expect(asCommitted.length, 'there is something to find').to.be.greaterThan(1);
      expect(await findings(changed(files, (text) => text.replaceAll('\n', '\r\n')))).to.deep.equal(asCommitted);
      // As editors leave it that add lines in their own way.
      let line = 0;
      const mixed = changed(files, (text) => text.replaceAll('\n', () => (line++ % 2 === 0 ? '\r\n' : '\n')));
      expect(await findings(mixed)).to.deep.equal(asCommitted);
    });
  }
});
