import { expect } from 'chai';
import { authenticationVariablesIn } from '../../../src/image/authentication-variables.js';

describe('the variables that an image needs for its authentication', () => {
  const variables = (authentication: unknown) =>
    authenticationVariablesIn([
      'PATH=/bin',
      `KDEPLOY_AUTH=${typeof authentication === 'string' ? authentication : JSON.stringify(authentication)}`,
    ]);

  it('are those that Vars lists, and those that another type names under a key that ends in _variable', () => {
    const authentication = {
      types: [
        { type: 'Vars', params: ['MLFLOW_TRACKING_TOKEN', 'OTHER'] },
        {
          type: 'OIDC',
          client_secret_variable: 'CLIENT_SECRET',
          token_file_variable: 'TOKEN_FILE',
          audience: 'AUDIENCE',
        },
      ],
    };
    expect(variables(authentication)).to.deep.equal(['MLFLOW_TRACKING_TOKEN', 'OTHER', 'CLIENT_SECRET', 'TOKEN_FILE']);
  });

  it('are each named once', () => {
    const types = [{ type: 'GoogleOAuth2', audience_variable: 'A' }, { params: ['B', 'A'] }, { params: ['A'] }];
    expect(variables({ types })).to.deep.equal(['A', 'B']);
  });

  it('are those of the last KDEPLOY_AUTH, as in a process’s environment', () => {
    const entry = (name: string) => `KDEPLOY_AUTH=${JSON.stringify({ types: [{ params: [name] }] })}`;
    expect(authenticationVariablesIn([entry('A'), entry('B')])).to.deep.equal(['B']);
  });

  it('are none where there is no authentication', () => {
    expect(authenticationVariablesIn(['PATH=/bin'])).to.deep.equal([]);
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
    it(`are none for ${JSON.stringify(authentication)}: the runtime in the container complains`, () => {
      expect(variables(authentication)).to.deep.equal([]);
    });
  }
});
