import { expect } from 'chai';
import { countOf, findLeftovers, sweepLeftovers, type Here } from '../../../../src/places/engine/leftovers.js';
import { EngineImages } from '../../../../src/places/engine/images.js';
import { FakeEngine, json, nothing, refuse } from './fake-engine.js';

const HERE: Here = { machine: '0123456789ab', seconds: 2_000_000_000, isAlive: (pid) => pid === 7 };
const ALIVE = '0123456789ab-7-1999999990-aaaaaaaaaaaa';
const DEAD = '0123456789ab-8-1999999990-aaaaaaaaaaaa';
const ELSEWHERE = 'ba9876543210-8-1999999990-aaaaaaaaaaaa';
const LONG_AGO = 'ba9876543210-8-1999900000-aaaaaaaaaaaa';
const ID = `sha256:${'a'.repeat(64)}`;

describe('what a killed command left on the engine', () => {
  let engine: FakeEngine;
  beforeEach(async () => {
    engine = await FakeEngine.start();
    engine.on('GET /containers/json', json([])).on('GET /images/json', json([]));
  });
  afterEach(() => engine.stop());

  const containers = (...names: string[]): void =>
    void engine.on('GET /containers/json', json(names.map((name) => ({ Id: `id-of-${name}`, Names: [`/${name}`] }))));
  const images = (...tags: string[]): void =>
    void engine.on('GET /images/json', json(tags.map((tag) => ({ Id: ID, RepoTags: [tag] }))));

  const cases: readonly [mark: string, isLeft: boolean, why: string][] = [
    [DEAD, true, 'its process is gone'],
    [ALIVE, false, 'its process is alive'],
    [ELSEWHERE, false, 'it is of another machine, whose processes cannot be seen'],
    [LONG_AGO, true, 'it is of another machine, and more than a day old'],
    ['0123456789ab', false, 'it is of nobody that is known'],
  ];
  for (const [mark, isLeft, why] of cases) {
    it(`${isLeft ? 'is' : 'is not'} a container or a tag where ${why}`, async () => {
      containers(`kdeploy-self-test-${mark}`, `kdeploy-bake-${mark}`, 'my-kdeploy-database');
      images(`kdeploy-intermediate:${mark}`, `localhost/kdeploy-intermediate:${mark}-baked`, 'app:v1');
      const found = await findLeftovers(engine.docker, HERE);
      expect(countOf(found)).to.equal(isLeft ? 4 : 0);
      expect(found.images.map(({ id }) => id)).to.deep.equal(isLeft ? [ID, ID] : []);
    });
  }

  it('is not a pipeline that still runs', async () => {
    const Names = [`/kdeploy-run-${DEAD}`];
    for (const [State, count] of [
      ['running', 0],
      ['exited', 1],
    ]) {
      engine.on('GET /containers/json', json([{ Id: 'c1', Names, State }]));
      expect(countOf(await findLeftovers(engine.docker, HERE))).to.equal(count);
    }
  });

  it('is asked for by name, stopped containers too', async () => {
    await findLeftovers(engine.docker, HERE);
    const { query } = engine.only('GET /containers/json');
    expect([query.get('all'), query.get('filters')]).to.deep.equal(['true', '{"name":["kdeploy-"]}']);
    expect(engine.only('GET /images/json').query.get('filters')).to.equal('{"reference":["kdeploy-intermediate"]}');
  });

  it('is removed, and what cannot be removed keeps nothing else from it', async () => {
    containers(`kdeploy-bake-${DEAD}`, `kdeploy-read-back-${DEAD}`);
    images(`kdeploy-intermediate:${DEAD}`, `kdeploy-intermediate:${ALIVE}`);
    engine
      .on(`DELETE /containers/id-of-kdeploy-bake-${DEAD}`, refuse(500, 'device is busy'))
      .on(`DELETE /containers/id-of-kdeploy-read-back-${DEAD}`, nothing())
      .on(`DELETE /images/kdeploy-intermediate:${DEAD}`, json([]));
    expect(await sweepLeftovers(engine.docker, new EngineImages(engine.docker), HERE)).to.equal(3);
    expect(engine.asked.filter((each) => each.startsWith('DELETE'))).to.deep.equal([
      `DELETE /containers/id-of-kdeploy-bake-${DEAD}`,
      `DELETE /containers/id-of-kdeploy-read-back-${DEAD}`,
      `DELETE /images/kdeploy-intermediate:${DEAD}`,
      `DELETE /images/${ID}`,
    ]);
  });
});
