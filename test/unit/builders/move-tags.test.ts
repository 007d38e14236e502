import Docker from 'dockerode';
import { expect } from 'chai';
import { moveTags, TagsAstrayError } from '../../../src/builders/move-tags.js';
import { superviseCalls } from '../../../src/places/engine/calls.js';
import { EngineImages } from '../../../src/places/engine/images.js';
import { FAULTS, FaultProxy, type Fault } from '../../faults/fault-proxy.js';
import { rejection } from '../../support/rejection.js';
import { FakeEngine, json, nothing, refuse } from '../places/engine/fake-engine.js';
import { TemporaryFolder } from '../temporary-folder.js';

const NEW = `sha256:${'b'.repeat(64)}`;
const OLD = `sha256:${'0'.repeat(64)}`;
const TARGETS = [
  { repository: 'app', tag: 'v1' },
  { repository: 'app', tag: 'latest' },
];

describe('the tags of a build', () => {
  let folder: TemporaryFolder;
  let engine: FakeEngine;
  let proxy: FaultProxy;
  let images: EngineImages;
  let tags: Map<string, string>;

  /** An engine of tags in memory. */
  const serve = (): void => {
    for (const { repository, tag } of TARGETS) {
      const name = `${repository}:${tag}`;
      engine
        .on(`GET /images/${name}/json`, (...asked) => {
          const id = tags.get(name);
          if (id === undefined) refuse(404, `No such image: ${name}`)(...asked);
          else json({ Id: id, Os: 'linux', Architecture: 'amd64', Size: 1, RepoTags: [name] })(...asked);
        })
        .on(`DELETE /images/${name}`, (...asked) => {
          tags.delete(name);
          json([])(...asked);
        });
    }
    for (const id of [NEW, OLD])
      engine.on(`POST /images/${id}/tag`, (response, request) => {
        tags.set(`${request.query.get('repo')}:${request.query.get('tag')}`, id);
        nothing(201)(response, request);
      });
  };

  beforeEach(async () => {
    folder = await TemporaryFolder.create();
    engine = await FakeEngine.start();
    proxy = await FaultProxy.start(folder.file('proxy.sock'), engine.socket);
    const docker = new Docker({ socketPath: proxy.socket, host: undefined });
    superviseCalls(docker, undefined, { answer: 1000, change: 1000 });
    images = new EngineImages(docker);
    tags = new Map([['app:latest', OLD]]);
    serve();
  });
  afterEach(async () => {
    await proxy.stop();
    await engine.stop();
    await folder.remove();
  });

  const before = [['app:latest', OLD]];

  it('are moved, and read back', async () => {
    await moveTags(images, NEW, TARGETS);
    expect([...tags]).to.deep.equal([
      ['app:latest', NEW],
      ['app:v1', NEW],
    ]);
  });

  for (const fault of Object.keys(FAULTS) as Fault[]) {
    for (const [step, routes] of [
      ['moved', new RegExp(`^POST /images/${NEW}/tag`)],
      ['looked up', /^GET .*\/json$/],
    ] as const) {
      it(`end where they were, or where they should be, when one is ${step} and meets ${fault}`, async () => {
        for (const skipped of fault === 'no answer at all' ? [1] : [0, 1, 2, 3]) {
          tags = new Map(before as [string, string][]);
          proxy.spoil(fault, routes, 1, skipped);
          const failure = await moveTags(images, NEW, TARGETS).then(
            () => undefined,
            (error: unknown) => error as Error,
          );
          expect(failure).not.to.be.instanceOf(TagsAstrayError);
          const isMoved = [...tags.values()].every((id) => id === NEW) && tags.size === 2;
          if (failure === undefined) expect(isMoved, `${skipped}`).to.equal(true);
          else expect([...tags], `${skipped}`).to.deep.equal(before);
        }
      });
    }
  }

  it('are said to be astray, with the way back, where the engine is gone after one was moved', async () => {
    proxy.spoil('done, and cut before the answer', new RegExp(`^POST /images/${NEW}/tag`), Infinity, 1);
    engine.on(`POST /images/${OLD}/tag`, refuse(500, 'no space left on device'));
    const error = await rejection(moveTags(images, NEW, TARGETS));
    expect(error).to.be.instanceOf(TagsAstrayError);
    expect(error.message).to.equal(
      'the engine could not tag app:latest: the connection was closed before the answer was complete (socket hang up); ' +
        `app:latest may no longer name ${OLD}, as before`,
    );
    expect([error.exitCode, error.hint]).to.deep.equal([3, `put it back: \`docker tag ${OLD} app:latest\``]);
    expect([...tags]).to.deep.equal([['app:latest', NEW]]);
  });

  it('are said to be astray where one that did not exist before could not be removed', async () => {
    proxy.spoil('status 500', /^(?:DELETE .*|POST .*\/tag)$/, Infinity, 1);
    const error = await rejection(moveTags(images, NEW, TARGETS));
    expect(error.message).to.contain('app:v1, which did not exist before, may name the new image');
    expect(error.hint).to.contain('`docker rmi app:v1`');
    expect([...tags]).to.deep.equal([
      ['app:latest', OLD],
      ['app:v1', NEW],
    ]);
  });
});
