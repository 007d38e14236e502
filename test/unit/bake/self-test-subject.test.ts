import { expect } from 'chai';
import { selfTestSubject } from '../../../src/bake/self-test-subject.js';

type Input = Parameters<typeof selfTestSubject>[0];

const file = (path: string, text: string) => ({ path, content: Buffer.from(text) });
const INPUT: Input = {
  document: {
    server: { mlflow_tracking_uri: 'https://staging', request_header_provider: { type: null } },
    tracking: {
      experiment: { name: 'a', restore_if_deleted: true },
      run: { name: 'x' },
      params: { long_params_strategy: 'fail' },
    },
  },
  authenticationTypes: ['Vars'],
  runtime: [file('kdeploy_runtime/a.py', 'a'), file('kdeploy_runtime-1.0.0.dist-info/METADATA', 'Version: 1.0.0')],
};
const subject = (changes: Partial<Input> = {}) => selfTestSubject({ ...INPUT, ...changes });
const { document } = INPUT;
const tracking = document?.tracking as object;

describe('what a self-test’s verdict rests on', () => {
  const same: readonly (readonly [string, Partial<Input>])[] = [
    [
      'the server’s address',
      {
        document: {
          ...document,
          server: { mlflow_tracking_uri: 'https://production', request_header_provider: { type: null } },
        },
      },
    ],
    [
      'the names of experiment and run',
      { document: { ...document, tracking: { ...tracking, experiment: { name: 'b' }, run: { name: 'y' } } } },
    ],
    [
      'the version of kdeploy alone',
      { runtime: [file('kdeploy_runtime/a.py', 'a'), file('kdeploy_runtime-2.0.0.dist-info/METADATA', '2.0.0')] },
    ],
    ['the order of the runtime’s files', { runtime: INPUT.runtime.toReversed() }],
  ];
  for (const [what, changes] of same)
    it(`is not ${what}`, async () => expect(await subject(changes)).to.equal(await subject()));

  const different: readonly (readonly [string, Partial<Input>])[] = [
    ['another type of authentication', { authenticationTypes: ['GoogleOAuth2'] }],
    ['one more type', { authenticationTypes: ['Vars', 'GoogleOAuth2'] }],
    ['the runtime', { runtime: [file('kdeploy_runtime/a.py', 'b')] }],
    ['another file of the runtime', { runtime: [...INPUT.runtime, file('kdeploy_runtime/b.py', '')] }],
    [
      'what mlflow.yml says of the server otherwise',
      { document: { ...document, server: { request_header_provider: { type: 'x.Y' } } } },
    ],
    ['what mlflow.yml says of parameters', { document: { ...document, tracking: { params: {} } } }],
    ['an mlflow.yml at all', { document: undefined }],
  ];
  for (const [what, changes] of different)
    it(`is ${what}`, async () => expect(await subject(changes)).not.to.equal(await subject()));
});
