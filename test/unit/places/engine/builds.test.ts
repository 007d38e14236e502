import { Readable } from 'node:stream';
import { expect } from 'chai';
import { EngineBuilds, type EngineBuildOptions } from '../../../../src/places/engine/builds.js';
import { EngineStreamError } from '../../../../src/places/engine/message-stream.js';
import { statusOf } from '../../../../src/places/engine/images.js';
import { field } from './protobuf.js';
import { FakeEngine, hangUp, records, refuse } from './fake-engine.js';

describe('a build by the engine', () => {
  let engine: FakeEngine;
  let lines: string[];

  beforeEach(async () => {
    engine = await FakeEngine.start();
    lines = [];
  });

  afterEach(async () => engine.stop());

  const options = (changes: Partial<EngineBuildOptions> = {}): EngineBuildOptions => ({
    tag: 'kdeploy-intermediate:1',
    dockerfile: 'docker/Dockerfile',
    platform: 'linux/amd64',
    buildArguments: { KEDRO_UID: '999', INDEX: 'https://a/?b=c&d' },
    registries: {},
    signal: new AbortController().signal,
    onLine: (line) => lines.push(line),
    session: undefined,
    secrets: [],
    ...changes,
  });
  const build = (changes: Partial<EngineBuildOptions> = {}, context = Readable.from([Buffer.from('the tar')])) =>
    new EngineBuilds(engine.docker).build(context, options(changes));
  const failureOf = async (promise: Promise<unknown>): Promise<Error> =>
    promise.then(
      () => expect.fail('nothing failed'),
      (error: unknown) => error as Error,
    );

  it('sends the context and says what to make of it', async () => {
    engine.on('POST /build', records({ stream: 'Step 1/1 : FROM scratch\n' }));
    await build();
    const { query, body, headers } = engine.only('POST /build');
    expect(body.toString()).to.equal('the tar');
    expect(headers['content-type']).to.equal('application/tar');
    expect(Object.fromEntries(query)).to.deep.equal({
      t: 'kdeploy-intermediate:1',
      dockerfile: 'docker/Dockerfile',
      platform: 'linux/amd64',
      buildargs: '{"KEDRO_UID":"999","INDEX":"https://a/?b=c&d"}',
      rm: 'true',
      forcerm: 'true',
    });
  });

  it('names the secrets that are files of the context, as Podman reads it', async () => {
    engine.on('POST /build', records());
    await build({ secrets: [{ id: 'pip', file: 'secret-1', content: Buffer.from('hunter2') }] });
    const { query, body } = engine.only('POST /build');
    expect(query.get('secrets')).to.equal('["id=pip,src=secret-1"]');
    expect(query.toString() + body.toString()).not.to.contain('hunter2');
  });

  it('builds with BuildKit in the given session', async () => {
    // A vertex that has begun, named `[1/1] RUN make`, which prints `no rule`.
    const step = field(1, field(1, 'd1'), field(3, '[1/1] RUN make'), field(5, ''));
    const aux = Buffer.concat([step, field(3, field(1, 'd1'), field(4, 'no rule'))]).toString('base64');
    engine.on(
      'POST /build',
      records({ id: 'moby.buildkit.trace', aux }, { id: 'moby.image.id', aux: { ID: 'sha256:a' } }),
    );
    await build({ session: 'my-session' });
    const { query } = engine.only('POST /build');
    expect([query.get('version'), query.get('session')]).to.deep.equal(['2', 'my-session']);
    expect(lines).to.deep.equal(['[1/1] RUN make', 'no rule']);
  });

  it('shows credentials in the encoding that the engine can read, and never in the address', async () => {
    engine.on('POST /build', records());
    const registries = { 'registry.example.com': { username: 'me', password: '>>>???hunter2~~~' } };
    await build({ registries });
    const { headers, query } = engine.only('POST /build');
    const header = String(headers['x-registry-config']);
    expect(header).not.to.match(/[+/]/);
    expect(JSON.parse(Buffer.from(header, 'base64url').toString())).to.deep.equal(registries);
    expect(query.toString()).not.to.contain('hunter2');
  });

  it('tells whole lines, however the engine cuts them, and the last words without a line break too', async () => {
    engine.on(
      'POST /build',
      records({ stream: 'Step 1' }, { stream: '/2 : RUN\n\n ---> ' }, { stream: 'abc\nDone' }, { status: 'pulling' }),
    );
    await build();
    expect(lines).to.deep.equal(['Step 1/2 : RUN', ' ---> abc', 'Done']);
  });

  it('fails when the engine reports it in a record, with the last words told before', async () => {
    engine.on(
      'POST /build',
      records({ stream: 'no such package' }, { error: 'returned a non-zero code: 1', errorDetail: { code: 1 } }),
    );
    const error = await failureOf(build());
    expect(error).to.be.instanceOf(EngineStreamError);
    expect(error.message).to.equal('returned a non-zero code: 1');
    expect(lines).to.deep.equal(['no such package']);
  });

  it('fails when the engine refuses the request', async () => {
    engine.on('POST /build', refuse(400, 'dockerfile parse error on line 1'));
    expect(statusOf(await failureOf(build()))).to.equal(400);
  });

  it('fails when the engine goes away in the middle', async () => {
    engine.on('POST /build', hangUp('{"stream":"Step 1"}\n'));
    const error = await failureOf(build());
    expect(error).not.to.be.instanceOf(EngineStreamError);
    expect(lines).to.deep.equal(['Step 1']);
  });

  it('ends when it is interrupted, although the engine says nothing', async () => {
    const interruption = new AbortController();
    engine.on('POST /build', (response) => void response.write('{"stream":"Step 1\\n"}\n'));
    const onLine = (line: string): void => {
      lines.push(line);
      interruption.abort();
    };
    await failureOf(build({ signal: interruption.signal, onLine }));
    expect(lines).to.deep.equal(['Step 1']);
  });

  it('fails when the context cannot be read to its end, instead of sending half of it', async () => {
    engine.on('POST /build', records());
    const context = Readable.from(
      (async function* failing() {
        yield await Promise.resolve(Buffer.from('half'));
        throw new Error('a file vanished');
      })(),
      { objectMode: false },
    );
    expect((await failureOf(build({}, context))).message).to.equal('a file vanished');
    expect(engine.asked).to.deep.equal([]);
  });
});
