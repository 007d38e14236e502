import { expect } from 'chai';
import { passedVariables, placeInContainer } from '../../../src/run/passed-variables.js';

describe('the variables that are passed into a container', () => {
  const passed = (authentication: object, environment: NodeJS.ProcessEnv) =>
    passedVariables(['PATH=/bin', `KDEPLOY_AUTH=${JSON.stringify(authentication)}`], environment);

  it('are those that the image’s authentication asks for', () => {
    const authentication = { types: [{ type: 'Vars', params: ['MLFLOW_TRACKING_TOKEN', 'OTHER'] }] };
    const environment = { MLFLOW_TRACKING_TOKEN: 'hunter2-token', OTHER: 'x', UNRELATED: 'hunter2-unrelated' };
    expect(passed(authentication, environment)).to.deep.equal(['MLFLOW_TRACKING_TOKEN', 'OTHER']);
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
});

describe('where a container has a file of this machine', () => {
  it('is where this machine has it', () => {
    expect(placeInContainer('/home/ada/key.json', 'linux')).to.equal('/home/ada/key.json');
  });

  for (const [file, place] of [
    ['C:\\Users\\Ada Byron\\key.json', '/C/Users/Ada Byron/key.json'],
    ['d:/keys/key.json', '/d/keys/key.json'],
    ['\\\\nas\\keys\\key.json', '/nas/keys/key.json'],
  ] as const)
    it(`is a place that a container can have, for ${file} of Windows`, () => {
      expect(placeInContainer(file, 'win32')).to.equal(place);
    });
});
