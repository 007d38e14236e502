import { expect } from 'chai';
import {
  AUTHENTICATION_TYPES,
  authenticationProblems,
  authenticationVariables,
  bakedAuthentication,
  signsRequests,
  type AuthenticationSettings,
} from '../../../src/authentication/types.js';

const GOOGLE: AuthenticationSettings = { type: 'GoogleOAuth2', audience: 'a', header: 'Authorization' };
const VARS: AuthenticationSettings = { type: 'Vars', params: ['MLFLOW_TRACKING_TOKEN'] };

describe('the authentication types', () => {
  it('are listed under their own names', () => {
    for (const [name, type] of Object.entries(AUTHENTICATION_TYPES)) expect(type.name).to.equal(name);
  });

  it('are asked for problems by the type of the settings', () => {
    expect(authenticationProblems(GOOGLE)).to.deep.equal([]);
    expect(authenticationProblems({ ...VARS, params: [] })[0]?.message).to.contain('Vars names no variables');
  });

  it('are baked as JSON that the runtime reads, in order', () => {
    expect(bakedAuthentication([VARS, GOOGLE])).to.equal(
      '{"types":[{"type":"Vars","params":["MLFLOW_TRACKING_TOKEN"]},{"type":"GoogleOAuth2","audience":"a","header":"Authorization"}]}',
    );
    expect(bakedAuthentication([])).to.equal('{"types":[]}');
  });

  it('sign requests when one of them does', () => {
    expect([signsRequests([]), signsRequests([VARS]), signsRequests([VARS, GOOGLE])]).to.deep.equal([
      false,
      false,
      true,
    ]);
  });

  it('name each variable once', () => {
    expect(authenticationVariables([VARS, GOOGLE, VARS])).to.deep.equal([
      'MLFLOW_TRACKING_TOKEN',
      'GOOGLE_AUDIENCE',
      'GOOGLE_APPLICATION_CREDENTIALS',
    ]);
  });
});
