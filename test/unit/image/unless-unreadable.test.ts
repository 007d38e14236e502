import { expect } from 'chai';
import { KdeployError } from '../../../src/errors.js';
import { unlessUnreadable } from '../../../src/image/unless-unreadable.js';
import { rejection } from '../../support/rejection.js';

describe('what may be unreadable', () => {
  it('is there, or is not', async () => {
    expect(await unlessUnreadable(Promise.resolve(1))).to.equal(1);
    const error = new KdeployError('image-not-found', 'no such image');
    expect(await unlessUnreadable(Promise.reject<number>(error))).to.equal(undefined);
  });

  it('hides neither an interruption nor a defect', async () => {
    const interruption = new KdeployError('interrupted', 'interrupted');
    expect(await rejection(unlessUnreadable(Promise.reject(interruption)))).to.equal(interruption);
    const defect = new TypeError('a defect');
    const found = await unlessUnreadable(Promise.reject(defect)).catch((error: unknown) => error);
    expect(found).to.equal(defect);
  });
});
