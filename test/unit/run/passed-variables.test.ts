import { expect } from 'chai';
import { passedVariables } from '../../../src/run/passed-variables.js';

describe('the variables that are passed into a container', () => {
  const passed = (authentication: unknown, environment: NodeJS.ProcessEnv) =>
    passedVariables(
      [
        'PATH=/bin',
        `KDEPLOY_AUTH=${typeof authentication === 'string' ? authentication : JSON.stringify(authentication)}`,
      ],
      environment,
    );

  it('are those that the image’s authentication asks for', () => {
    const authentication = { types: [{ type: 'Vars', params: ['MLFLOW_TRACKING_TOKEN', 'OTHER'] }] };
    const environment = { MLFLOW_TRACKING_TOKEN: 'hunter2-token', OTHER: 'x', UNRELATED: 'hunter2-unrelated' };
    expect(passed(authentication, environment)).to.deep.equal(['MLFLOW_TRACKING_TOKEN', 'OTHER']);
  });

  it('are those that another type names under a key that ends in _variable', () => {
    const authentication = {
      types: [
        {
          type: 'OIDC',
          client_secret_variable: 'CLIENT_SECRET',
          token_file_variable: 'TOKEN_FILE',
          audience: 'AUDIENCE',
        },
      ],
    };
    const environment = { CLIENT_SECRET: 'a', TOKEN_FILE: 'b', AUDIENCE: 'c' };
    expect(passed(authentication, environment)).to.deep.equal(['CLIENT_SECRET', 'TOKEN_FILE']);
  });

  it('are those of all types, each once', () => {
    const authentication = {
      types: [
        { type: 'GoogleOAuth2', audience_variable: 'GOOGLE_AUDIENCE' },
        { type: 'Vars', params: ['B', 'A'] },
        { type: 'Vars', params: ['A'] },
      ],
    };
    expect(passed(authentication, { A: '1', B: '2', GOOGLE_AUDIENCE: '3' })).to.deep.equal([
      'GOOGLE_AUDIENCE',
      'B',
      'A',
    ]);
  });

  it('are few others, which orchestrators set', () => {
    const names = [
      'GOOGLE_AUDIENCE',
      'GOOGLE_APPLICATION_CREDENTIALS',
      'MLFLOW_RUN_ID',
      'MLFLOW_WORKSPACE',
      'KDEPLOY_RUN_KEY',
      'HTTP_PROXY',
      'HTTPS_PROXY',
      'NO_PROXY',
    ];
    const environment = {
      ...Object.fromEntries(names.map((name) => [name, 'x'])),
      // Baked into the image; the shell's must not stand above it.
      MLFLOW_TRACKING_URI: 'http://localhost:5000',
      KDEPLOY_AUTH: '{}',
      HOME: '/home/me',
      AWS_SECRET_ACCESS_KEY: 'hunter2-aws',
    };
    expect(passedVariables([], environment)).to.deep.equal(names);
  });

  it('are only those that are set', () => {
    const authentication = { types: [{ type: 'Vars', params: ['UNSET', 'EMPTY', 'SPACE'] }] };
    expect(passed(authentication, { EMPTY: '', UNSET: undefined, SPACE: ' ' })).to.deep.equal(['SPACE']);
  });

  it('are asked for by the last KDEPLOY_AUTH, as in a process’s environment', () => {
    const entry = (name: string) => `KDEPLOY_AUTH=${JSON.stringify({ types: [{ params: [name] }] })}`;
    expect(passedVariables([entry('A'), entry('B')], { A: '1', B: '2' })).to.deep.equal(['B']);
  });

  const damaged: readonly unknown[] = [
    '',
    'Vars',
    '{"types": [',
    'null',
    [],
    {},
    { types: null },
    { types: {} },
    { types: [null, 'A', ['A']] },
    { types: [{ params: 'A' }] },
    { types: [{ params: { 0: 'A' } }] },
    { types: [{ params: [1, null, { name: 'A' }] }] },
    { types: [{ token_variable: ['A'] }] },
    { types: [{ token_variables: 'A', variable: 'A', _variable_: 'A' }] },
  ];
  for (const authentication of damaged) {
    it(`are none of its own for ${JSON.stringify(authentication)}: the runtime in the container complains`, () => {
      expect(passed(authentication, { A: 'hunter2-a', MLFLOW_RUN_ID: 'x' })).to.deep.equal(['MLFLOW_RUN_ID']);
    });
  }
});
