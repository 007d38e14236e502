import { expect } from 'chai';
import { dockerfileHasNoCredentials } from '../../../../src/checks/rules/dockerfile-has-no-credentials.js';
import { contextWith, findingsOf } from '../../../support/check-rule.js';

const SECRET = 'planted-51ab90-value';
const given = (line: string) => ({ files: { Dockerfile: `FROM python:3.11\n${line}` } });

describe('dockerfile-has-no-credentials', () => {
  const TOKEN = ['ghp', 'aB3'.repeat(12)].join('_');
  const cases: [line: string, severity: string, why: string][] = [
    [`ENV MLFLOW_TRACKING_PASSWORD=${SECRET}`, 'error', 'sets MLFLOW_TRACKING_PASSWORD to a value'],
    [`ENV A=1 MLFLOW_TRACKING_TOKEN="${SECRET}"`, 'error', 'sets MLFLOW_TRACKING_TOKEN to a value'],
    [`ENV DB_PASSWORD ${SECRET}`, 'warning', 'sets DB_PASSWORD to a value'],
    [`ARG API_KEY=${SECRET}`, 'warning', 'sets API_KEY to a value'],
    [`ENV MLFLOW_TRACKING_URI=https://bot:${SECRET}@mlflow.example.com`, 'error', 'contains a URL with a password'],
    [`ARG PIP_INDEX_URL=https://bot:${SECRET}@pypi.example.com`, 'error', 'contains a URL with a password'],
    [`RUN pip install -i https://bot:${SECRET}@pypi.example.com x`, 'error', 'contains a URL with a password'],
    [`RUN git clone https://${TOKEN}@github.com/x/y`, 'error', 'contains a GitHub token'],
    [`RUN <<EOF\necho ${TOKEN}\nEOF`, 'error', 'contains a GitHub token'],
    [`LABEL a=${TOKEN}`, 'error', 'contains a GitHub token'],
  ];
  for (const [line, severity, why] of cases) {
    it(`reports ${line.replace(TOKEN, '…')}, and never its value`, async () => {
      expect(await findingsOf(dockerfileHasNoCredentials, given(line))).to.deep.equal([
        `${severity} Dockerfile:2: Dockerfile ${why}; anyone with the image can read it`,
      ]);
      const all = JSON.stringify(await dockerfileHasNoCredentials.check(contextWith(given(line))));
      expect(all).not.to.contain(SECRET).and.not.to.contain(TOKEN);
    });
  }

  const fine = [
    'ENV MLFLOW_TRACKING_PASSWORD=""',
    'ENV MLFLOW_TRACKING_PASSWORD=',
    'ENV MLFLOW_TRACKING_PASSWORD=$PASSWORD',
    'ENV DB_PASSWORD=changeme',
    'ENV DB_PASSWORD=/run/secrets/db',
    'ENV DB_PASSWORD_FILE=x DB_SECRET_NAME=y TOKENIZERS_PARALLELISM=false USE_TOKEN=true MAX_TOKEN=512',
    'ARG TOKEN',
    'ARG PIP_INDEX_URL=https://pypi.example.com/simple',
    'RUN --mount=type=secret,id=token pip install -i https://bot:$(cat /run/secrets/token)@pypi.example.com x',
    'ENV URL=https://user:password@host.example.com',
  ];
  for (const line of fine)
    it(`is content with ${line}`, async () =>
      expect(await findingsOf(dockerfileHasNoCredentials, given(line))).to.deep.equal([]));
});
