import { expect } from 'chai';
import { vars } from '../../../src/authentication/vars.js';

const problems = (...params: string[]) => vars.problems({ type: 'Vars', params });

describe('authentication by Vars', () => {
  for (const params of [
    ['MLFLOW_TRACKING_TOKEN'],
    ['MLFLOW_TRACKING_USERNAME', 'MLFLOW_TRACKING_PASSWORD'],
    ['MLFLOW_TRACKING_PASSWORD', 'MLFLOW_TRACKING_TOKEN', 'MLFLOW_TRACKING_USERNAME'],
    ['MLFLOW_TRACKING_CLIENT_CERT_PATH', 'MLFLOW_TRACKING_AWS_SIGV4'],
  ]) {
    it(`is fine with ${params.join(' and ')}`, () => {
      expect(problems(...params)).to.deep.equal([]);
    });
  }

  it('needs a variable', () => {
    expect(problems()).to.deep.equal([
      {
        severity: 'error',
        message: 'authentication type Vars names no variables',
        remedy: 'list them: params: ["MLFLOW_TRACKING_USERNAME", "MLFLOW_TRACKING_PASSWORD"]',
      },
    ]);
  });

  for (const name of ['MLFLOW_USERNAME', 'mlflow_tracking_token', 'MLFLOW_TRACKING_TOKENS', 'MLFLOW_TRACKING_URI']) {
    it(`refuses ${name}, which MLflow does not read`, () => {
      expect(problems(name).map(({ severity, message }) => [severity, message])).to.deep.equal([
        ['error', `MLflow does not read the variable ${name}`],
      ]);
    });
  }

  for (const value of [
    'hunter2-pass word',
    'hunter2!',
    'hunter2=x',
    '2hunter2',
    'hunter2-x',
    '',
    ' MLFLOW_TRACKING_TOKEN',
  ]) {
    it(`takes ${JSON.stringify(value)} for a value in a name’s place, and does not repeat it`, () => {
      const [problem] = problems(value);
      expect(problem?.message).to.equal('an entry of Vars params is not the name of an environment variable');
      expect(JSON.stringify(problem)).not.to.contain('hunter2');
    });
  }

  for (const [given, missing] of [
    ['MLFLOW_TRACKING_USERNAME', 'MLFLOW_TRACKING_PASSWORD'],
    ['MLFLOW_TRACKING_PASSWORD', 'MLFLOW_TRACKING_USERNAME'],
  ] as const) {
    it(`warns of ${given} alone`, () => {
      expect(problems(given)).to.deep.equal([
        {
          severity: 'warning',
          message: `basic authentication needs both variables, and ${missing} is not listed`,
          remedy: `add ${missing} to params`,
        },
      ]);
    });
  }

  it('bakes names, and needs them from whoever starts the container', () => {
    const settings = { type: 'Vars', params: ['MLFLOW_TRACKING_TOKEN'] } as const;
    expect(vars.baked(settings)).to.deep.equal(settings);
    expect(vars.variables(settings)).to.deep.equal(['MLFLOW_TRACKING_TOKEN']);
    expect(vars.signsRequests).to.equal(false);
  });
});
