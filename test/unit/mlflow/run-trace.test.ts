import { expect } from 'chai';
import { readRunTrace } from '../../../src/mlflow/run-trace.js';
import { everythingIn } from '../../support/everything-in.js';
import { FakeServer, type Answer } from '../../support/fake-server.js';
import { rejection } from '../../support/rejection.js';

const RUN = '8a04e96f4c604deba895b0cd9c8dd031';

describe('the way back from a run', () => {
  /** Not a real MLflow, but a server that answers as one does, or as what stands before it. */
  let server: FakeServer;

  beforeEach(async () => {
    server = await FakeServer.start();
  });

  afterEach(() => server.stop());

  const trace = (uri = server.url, headers: Record<string, string> = {}) =>
    readRunTrace(uri, RUN, { environment: {}, headers });
  const tagged = (tags: Readonly<Record<string, string>>): Answer => ({
    body: {
      run: {
        info: { run_id: RUN, run_name: 'training', status: 'FINISHED' },
        data: { tags: Object.entries(tags).map(([key, value]) => ({ key, value })) },
      },
    },
  });

  it('leads to the image, the commit and the execution that made it', async () => {
    server.answer = () =>
      tagged({
        'kdeploy.image': 'registry.example.com/team/app@sha256:abc',
        'kdeploy.image_digest': 'sha256:abc',
        'kdeploy.git_revision': 'f00',
        'kdeploy.version': '0.1.0',
        'kdeploy.orchestrator': 'airflow',
        'kdeploy.airflow.dag_id': 'train',
        'kdeploy.airflow.run_id': 'manual__2024-01-01',
        'mlflow.source.git.commit': 'f00',
        'mlflow.user': 'somebody',
      });
    expect(await trace()).to.deep.equal({
      runId: RUN,
      name: 'training',
      status: 'FINISHED',
      image: 'registry.example.com/team/app@sha256:abc',
      revision: 'f00',
      kdeployVersion: '0.1.0',
      execution: { 'airflow.dag_id': 'train', 'airflow.run_id': 'manual__2024-01-01' },
    });
    expect(server.asked.map(({ url }) => url)).to.deep.equal([`/api/2.0/mlflow/runs/get?run_id=${RUN}`]);
  });

  const nothing = {
    runId: RUN,
    name: 'training',
    status: 'FINISHED',
    image: null,
    revision: null,
    kdeployVersion: null,
    execution: {},
  };

  const images: readonly [image: string | undefined, digest: string | undefined, shown: string | null][] = [
    ['app:v1', undefined, 'app:v1'],
    ['app:v1', 'sha256:abc', 'app:v1@sha256:abc'],
    ['app@sha256:abc', undefined, 'app@sha256:abc'],
    ['app@sha256:abc', 'sha256:abc', 'app@sha256:abc'],
    [undefined, 'sha256:abc', null],
    [undefined, undefined, null],
  ];
  for (const [image, digest, shown] of images) {
    it(`shows the image ${String(image)} with the digest ${String(digest)} as ${String(shown)}`, async () => {
      server.answer = () =>
        tagged({
          ...(image !== undefined && { 'kdeploy.image': image }),
          ...(digest !== undefined && { 'kdeploy.image_digest': digest }),
        });
      expect(await trace()).to.deep.equal({ ...nothing, image: shown });
    });
  }

  const strange: readonly [what: string, run: object, expected: object][] = [
    ['no tags', { info: { run_name: 'training', status: 'FINISHED' }, data: {} }, nothing],
    ['no data at all', { info: { run_name: 'training', status: 'FINISHED' } }, nothing],
    ['no name, as before MLflow 1.30', { info: { status: 'FINISHED' }, data: {} }, { ...nothing, name: null }],
    ['no status', { info: { run_name: 'training' }, data: {} }, { ...nothing, status: 'UNKNOWN' }],
    [
      'tags that are none',
      { info: { run_name: 'training', status: 'FINISHED' }, data: { tags: [null, 'x', { key: 'kdeploy.x.' }] } },
      nothing,
    ],
  ];
  for (const [what, run, expected] of strange) {
    it(`is read from a run with ${what}`, async () => {
      server.answer = () => ({ body: { run } });
      expect(await trace()).to.deep.equal(expected);
    });
  }

  const names: readonly [tag: string, shown: string | undefined][] = [
    ['kdeploy.argo.workflow', 'argo.workflow'],
    ['kdeploy.orchestrator', undefined],
    ['kdeploy.', undefined],
    ['kdeploy..x', undefined],
    ['kdeploy.x.', undefined],
    ['kdeployed.argo.workflow', undefined],
    ['my.kdeploy.argo.workflow', undefined],
    ['mlflow.source.name', undefined],
  ];
  for (const [tag, shown] of names) {
    it(`${shown === undefined ? 'leaves out' : 'counts'} the tag ${tag} ${shown === undefined ? 'which is not of an execution' : 'to the execution'}`, async () => {
      server.answer = () => tagged({ [tag]: 'x' });
      expect((await trace()).execution).to.deep.equal(shown === undefined ? {} : { [shown]: 'x' });
    });
  }

  it('is asked for as the container would, with the credentials of the URI or with a token', async () => {
    server.answer = () => tagged({});
    await trace(`http://me:hunter2@${server.host}`);
    await trace(server.url, { Authorization: 'Bearer hunter2-token' });
    expect(server.asked.map(({ headers }) => headers.authorization)).to.deep.equal([
      `Basic ${Buffer.from('me:hunter2').toString('base64')}`,
      'Bearer hunter2-token',
    ]);
  });

  describe('that leads nowhere', () => {
    const failures: readonly [what: string, answer: Answer, code: string, message: string, hint: string][] = [
      [
        'because the server has no such run',
        { status: 404, body: { error_code: 'RESOURCE_DOES_NOT_EXIST', message: 'hunter2-words' } },
        'usage',
        `has no run ${RUN}`,
        "copy the run ID from the run's page in MLflow",
      ],
      [
        'because MLflow takes the ID for none',
        { status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE' } },
        'usage',
        `has no run ${RUN}`,
        "copy the run ID from the run's page in MLflow",
      ],
      ...[401, 403].map((status): [string, Answer, string, string, string] => [
        `because somebody lets nobody in (${status})`,
        { status, body: '<html>' },
        'credentials',
        `requires authentication (HTTP ${status}), but kdeploy.yml configures none`,
        'configure it in kdeploy.yml: run_config.authentication: {type: GoogleOAuth2}, or {type: Vars, params: [MLFLOW_TRACKING_TOKEN]}',
      ]),
      [
        'because the server does not know its own name',
        { status: 403, body: 'Invalid Host header - possible DNS rebinding attack detected' },
        'mlflow-unreachable',
        'does not accept the host name HOST (HTTP 403, Invalid Host header)',
        'start the MLflow server with --allowed-hosts HOST',
      ],
      [
        'because a web page answers',
        { status: 404, body: '<html>' },
        'mlflow-unreachable',
        'responded (HTTP 404), but not as an MLflow server',
        'check the path and port of the tracking URI',
      ],
      [
        'because MLflow has an error',
        { status: 500, body: { error_code: 'INTERNAL_ERROR' } },
        'mlflow-unreachable',
        'responded with HTTP 500',
        "try again later, or check the server's log",
      ],
    ];
    for (const [what, answer, code, words, hint] of failures) {
      it(`${what} is told, with what to do and no secret`, async () => {
        server.answer = () => answer;
        const error = await rejection(
          trace(`http://me:hunter2-password@${server.host}`, { Authorization: 'Bearer hunter2-token' }),
        );
        expect(error).to.include({
          code,
          message: `http://***@${server.host} ${words.replace('HOST', server.host)}`,
          hint: hint.replace('HOST', server.host),
        });
        expect(everythingIn(error)).not.to.contain('hunter2');
      });
    }

    it('because nobody listens is told, with what to do', async () => {
      await server.stop();
      const error = await rejection(trace(`http://me:hunter2-password@${server.host}`));
      expect(error).to.include({
        code: 'mlflow-unreachable',
        message: `http://***@${server.host} refused the connection`,
        hint: 'check that the server is running, and its port',
      });
      expect(everythingIn(error)).not.to.contain('hunter2');
      server = await FakeServer.start();
    });

    const unfit: readonly [what: string, uri: string, headers: Record<string, string>][] = [
      ['a token that no header can carry', 'http://127.0.0.1:1', { Authorization: 'Bearer hunter2\ntoken' }],
      ['a password that no address can', 'http://me:hunter2-%zz@127.0.0.1:1', {}],
      ['an address that is none', 'http://me:hunter2-secret@[half', {}],
    ];
    for (const [what, uri, headers] of unfit) {
      it(`because of ${what} quotes nothing of it`, async () => {
        const error = await rejection(trace(uri, headers));
        expect(error.code).to.equal('mlflow-unreachable');
        expect(everythingIn(error)).not.to.contain('hunter2');
      });
    }
  });
});
