import { expect } from 'chai';
import {
  AUTHENTICATION_TYPES,
  authenticationProblems,
  authenticationVariables,
  bakedAuthentication,
  requestHeaders,
  signsRequests,
  type AuthenticationSettings,
} from '../../../src/authentication/types.js';
import { rejection } from '../../support/rejection.js';
import { TemporaryFolder } from '../temporary-folder.js';

const GOOGLE: AuthenticationSettings = { type: 'GoogleOAuth2', audience: 'a', header: 'Authorization' };
const VARS: AuthenticationSettings = { type: 'Vars', params: ['MLFLOW_TRACKING_TOKEN'] };

describe('the authentication types', () => {
  it('are listed under their own names', () => {
    for (const [name, type] of Object.entries(AUTHENTICATION_TYPES)) expect(type.name).to.equal(name);
  });

  it('are asked for problems by the type of the settings', () => {
    expect(authenticationProblems(GOOGLE)).to.deep.equal([]);
    expect(authenticationProblems({ ...VARS, params: [] })[0]?.message).to.contain('Vars: params lists no variables');
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

  describe('together', () => {
    let folder: TemporaryFolder;
    let file: AuthenticationSettings;

    beforeEach(async () => {
      folder = await (await TemporaryFolder.create()).write({ token: 'hunter2-from-the-file' });
      file = { type: 'TokenFile', path: folder.file('token'), header: 'Proxy-Authorization' };
    });

    afterEach(async () => folder.remove());

    const host = { environment: { MLFLOW_TRACKING_TOKEN: 'hunter2-variable' }, fetch };

    it('send the headers of each: one for the proxy, one for the MLflow behind it', async () => {
      expect(await requestHeaders([file, VARS], host)).to.deep.equal({
        'Proxy-Authorization': 'Bearer hunter2-from-the-file',
        Authorization: 'Bearer hunter2-variable',
      });
    });

    it('send nothing when there are none', async () => {
      expect(await requestHeaders([], host)).to.deep.equal({});
    });

    it('send nothing when one of them misses something, whatever the others have', async () => {
      const error = await rejection(requestHeaders([file, VARS], { ...host, environment: {} }));
      expect(error.message).to.equal('not set in this shell: MLFLOW_TRACKING_TOKEN');
    });
  });
});
