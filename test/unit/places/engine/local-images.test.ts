import { expect } from 'chai';
import type { EngineSurroundings } from '../../../../src/places/engine/connection.js';
import { foundNowhere, localImages } from '../../../../src/places/engine/local-images.js';
import { KdeployError } from '../../../../src/errors.js';
import { rejection } from '../../../support/rejection.js';
import { FakeEngine, hangUp, type Answer } from './fake-engine.js';

describe('the images of this machine', () => {
  const around = (DOCKER_HOST?: string, patience = 10_000): EngineSurroundings => ({
    environment: DOCKER_HOST === undefined ? {} : { DOCKER_HOST },
    home: '/nowhere',
    platform: 'linux',
    exists: () => false,
    patience,
  });
  const answering = async (answer: Answer, patience?: number) => {
    const engine = (await FakeEngine.start()).on('GET /_ping', answer);
    const asked = localImages(undefined, around(`unix://${engine.socket}`, patience));
    await asked.catch(() => undefined);
    await engine.stop();
    return asked;
  };

  it('are the engine’s', async () => {
    const { images, unreachable } = await answering((response) => response.writeHead(200).end('OK'));
    expect(images).not.to.equal(undefined);
    expect(unreachable).to.equal(undefined);
  });

  it('are none where there is no engine, or none that can be connected to, and it is said why', async () => {
    for (const asked of [
      localImages(undefined, around()),
      localImages(undefined, around('unix:///nowhere.sock')),
      answering(hangUp()),
    ]) {
      const { images, unreachable } = await asked;
      expect(images).to.equal(undefined);
      expect(unreachable?.code).to.equal('engine-unreachable');
    }
  });

  it('are not known where an engine does not answer, or something else does: that is an error', async () => {
    expect((await rejection(answering(() => undefined, 20))).message).to.match(/does not answer$/);
    const page: Answer = (response) => response.writeHead(200, { 'Content-Type': 'text/html' }).end('<html>');
    expect((await rejection(answering(page))).message).to.match(/is not a Docker engine$/);
  });

  describe('and a registry that does not give an image either', () => {
    const missing = new KdeployError('image-not-found', 'a.b has no image app:v1', { hint: 'check the name' });
    const off = new KdeployError('engine-unreachable', 'it is off', { hint: 'start it' });
    const refused = new KdeployError('credentials', 'a.b wants credentials');
    const nowhere = 'app:v1 is not on the local Docker Engine, and could not be read from its registry: ';
    const unknown =
      'app:v1 could not be looked up on the local Docker Engine (it is off), and could not be read from its registry: ';
    const cases = [
      [
        'mean that there is none',
        undefined,
        missing,
        ['image-not-found', `${nowhere}${missing.message}`, 'check the name'],
      ],
      [
        'mean that an engine is missing, which may have it',
        off,
        missing,
        ['engine-unreachable', `${unknown}${missing.message}`, 'start it'],
      ],
      [
        'mean what the registry says of itself',
        undefined,
        refused,
        ['credentials', `${nowhere}${refused.message}`, undefined],
      ],
      [
        'mean what the registry says of itself, where both fail',
        off,
        refused,
        ['credentials', `${unknown}${refused.message}`, undefined],
      ],
    ] as const;
    for (const [what, unreachable, remote, expected] of cases) {
      it(what, () => {
        const error = foundNowhere('app:v1', unreachable === undefined ? {} : { unreachable }, remote);
        expect([error.code, error.message, error.hint]).to.deep.equal(expected);
        expect(error.cause).to.equal(remote);
      });
    }
  });
});
