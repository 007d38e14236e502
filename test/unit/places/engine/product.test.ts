import { expect } from 'chai';
import { engineProduct } from '../../../../src/places/engine/product.js';
import { rejection } from '../../../support/rejection.js';
import { FakeEngine, json, refuse } from './fake-engine.js';

describe('what the engine is', () => {
  let engine: FakeEngine;
  beforeEach(async () => {
    engine = await FakeEngine.start();
  });
  afterEach(() => engine.stop());

  const products: readonly [info: object, version: object, product: string][] = [
    [
      { OperatingSystem: 'Docker Desktop' },
      { Components: [{ Name: 'Engine' }, { Name: 'containerd' }] },
      'Docker Desktop, Engine',
    ],
    [{ OperatingSystem: 'fedora' }, { Components: [{ Name: 'Podman Engine' }] }, 'fedora, Podman Engine'],
    // Engines before 18.06 list no components.
    [{ OperatingSystem: 'Alpine Linux v3.20' }, {}, 'Alpine Linux v3.20'],
    [{}, { Components: [{ Name: 'Engine' }] }, 'Engine'],
    [{}, { Components: [] }, ''],
  ];
  for (const [info, version, product] of products) {
    it(`is said by itself: ${product || 'nothing'}`, async () => {
      engine.on('GET /info', json(info)).on('GET /version', json(version));
      expect(await engineProduct(engine.docker)).to.equal(product);
    });
  }

  it('is not known where it does not say', async () => {
    engine.on('GET /info', json({})).on('GET /version', refuse(403, 'not through this proxy'));
    const error = await rejection(engineProduct(engine.docker));
    expect([error.code, error.message]).to.deep.equal([
      'engine-unreachable',
      'the engine did not say what it is: not through this proxy',
    ]);
  });
});
