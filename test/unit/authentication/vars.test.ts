import { expect } from 'chai';
import { vars } from '../../../src/authentication/vars.js';
import { everythingIn } from '../../support/everything-in.js';
import { rejection } from '../../support/rejection.js';

const problems = (...params: string[]) => vars.problems({ type: 'Vars', params });

describe('authentication by Vars', () => {
  for (const params of [
    ['MLFLOW_TRACKING_TOKEN'],
    ['MLFLOW_TRACKING_USERNAME', 'MLFLOW_TRACKING_PASSWORD'],
    ['MLFLOW_TRACKING_PASSWORD', 'MLFLOW_TRACKING_TOKEN', 'MLFLOW_TRACKING_USERNAME'],
    ['MLFLOW_TRACKING_CLIENT_CERT_PATH', 'MLFLOW_TRACKING_AWS_SIGV4'],
    ['MLFLOW_WORKSPACE'],
    ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'MLFLOW_S3_ENDPOINT_URL'],
    ['AZURE_STORAGE_CONNECTION_STRING', 'GOOGLE_APPLICATION_CREDENTIALS'],
  ]) {
    it(`is fine with ${params.join(' and ')}`, () => {
      expect(problems(...params)).to.deep.equal([]);
    });
  }

  it('needs a variable', () => {
    expect(problems()).to.deep.equal([
      {
        severity: 'error',
        message: 'Vars: params lists no variables',
        remedy: 'list them: params: ["MLFLOW_TRACKING_USERNAME", "MLFLOW_TRACKING_PASSWORD"]',
      },
    ]);
  });

  for (const name of ['MLFLOW_USERNAME', 'mlflow_tracking_token', 'MLFLOW_TRACKING_TOKENS', 'DATABASE_PASSWORD']) {
    it(`refuses ${name}, which MLflow does not read`, () => {
      expect(problems(name).map(({ severity, message }) => [severity, message])).to.deep.equal([
        ['error', `Vars: MLflow does not read the variable ${name}`],
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
      expect(problem?.message).to.equal('Vars: an entry of params is not a valid variable name');
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
          message: `Vars: basic authentication needs both variables, but ${missing} is not listed`,
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

  describe('as this machine would send it', () => {
    const [USER, PASSWORD, TOKEN] = [
      'MLFLOW_TRACKING_USERNAME',
      'MLFLOW_TRACKING_PASSWORD',
      'MLFLOW_TRACKING_TOKEN',
    ] as const;
    const CERTIFICATE = 'MLFLOW_TRACKING_CLIENT_CERT_PATH';
    const everything = { [USER]: 'me', [PASSWORD]: 'hunter2', [TOKEN]: 'hunter2-token', [CERTIFICATE]: '/client.pem' };
    const headers = async (environment: NodeJS.ProcessEnv, ...params: string[]) =>
      vars.requestHeaders({ type: 'Vars', params }, { environment, fetch });
    const basic = (pair: string): object => ({ Authorization: `Basic ${Buffer.from(pair).toString('base64')}` });

    // mlflow/utils/rest_utils.py
    const sent: readonly [what: string, params: readonly string[], headers: object][] = [
      ['a user and password as Basic', [USER, PASSWORD], basic('me:hunter2')],
      ['a token as Bearer', [TOKEN], { Authorization: 'Bearer hunter2-token' }],
      ['a user and password rather than a token', [TOKEN, PASSWORD, USER], basic('me:hunter2')],
      ['a token where the password is not listed', [TOKEN, USER], { Authorization: 'Bearer hunter2-token' }],
      ['nothing for a certificate', [CERTIFICATE], {}],
      ['nothing for half a pair', [USER], {}],
      [
        'what it can be without the credentials of artifacts',
        [TOKEN, 'AWS_SECRET_ACCESS_KEY'],
        { Authorization: 'Bearer hunter2-token' },
      ],
    ];
    for (const [what, params, expected] of sent) {
      it(`is ${what}, and nothing of what is not listed`, async () => {
        expect(await headers(everything, ...params)).to.deep.equal(expected);
      });
    }

    for (const password of ['with:colons', 'naïve €', 'a b']) {
      it(`is the password ${JSON.stringify(password)} as MLflow encodes it`, async () => {
        expect(await headers({ [USER]: 'me', [PASSWORD]: password }, USER, PASSWORD)).to.deep.equal(
          basic(`me:${password}`),
        );
      });
    }

    const flawed: readonly [environment: NodeJS.ProcessEnv, message: string][] = [
      [{ [USER]: 'me', [PASSWORD]: 'hunter2\n' }, 'MLFLOW_TRACKING_PASSWORD ends with a line break'],
      [{ [USER]: 'me ', [PASSWORD]: 'hunter2' }, 'MLFLOW_TRACKING_USERNAME ends with a space'],
      [
        { [USER]: 'me:hunter2', [PASSWORD]: 'x' },
        'MLFLOW_TRACKING_USERNAME contains a colon, where the password would begin',
      ],
    ];
    for (const [environment, message] of flawed) {
      it(`is not made of a value that cannot be meant: ${message}`, async () => {
        const error = await rejection(headers(environment, USER, PASSWORD));
        expect(error).to.include({ code: 'credentials', message });
        expect(error.hint).to.match(/^correct the value: `export MLFLOW_TRACKING_/);
        expect(everythingIn(error)).not.to.contain('hunter2');
      });
    }

    it('is made of a password that ends with a space, which is remarked when a server refuses it', async () => {
      const environment = { [USER]: 'me', [PASSWORD]: 'hunter2 ' };
      expect(await headers(environment, USER, PASSWORD)).to.deep.equal(basic('me:hunter2 '));
      expect(vars.remarks?.({ type: 'Vars', params: [USER, PASSWORD] }, environment)).to.deep.equal([
        'MLFLOW_TRACKING_PASSWORD ends with a space',
      ]);
      expect(vars.remarks?.({ type: 'Vars', params: [USER, CERTIFICATE] }, environment)).to.deep.equal([]);
    });

    const missing: readonly [environment: NodeJS.ProcessEnv, message: string, hint: string][] = [
      [
        { [USER]: 'hunter2-user' },
        'not set in this shell: MLFLOW_TRACKING_PASSWORD',
        'set it as in the container: `export MLFLOW_TRACKING_PASSWORD=…`',
      ],
      [
        { [USER]: '', [PASSWORD]: 'hunter2' },
        'not set in this shell: MLFLOW_TRACKING_USERNAME',
        'set it as in the container: `export MLFLOW_TRACKING_USERNAME=…`',
      ],
      [
        { [TOKEN]: 'hunter2-token' },
        'not set in this shell: MLFLOW_TRACKING_USERNAME, MLFLOW_TRACKING_PASSWORD',
        'set them as in the container: `export MLFLOW_TRACKING_USERNAME=…`',
      ],
    ];
    for (const [environment, message, hint] of missing) {
      it(`is ${message}, all at once and without what is set`, async () => {
        const error = await rejection(headers(environment, USER, PASSWORD));
        expect(error).to.include({ code: 'credentials', message, hint });
        expect(everythingIn(error)).not.to.contain('hunter2');
      });
    }
  });
});
