import { expect } from 'chai';
import { KdeployError } from '../../../../src/errors.js';
import { NotTaken, notTaken, reasonOf } from '../../../../src/places/registry/not-taken.js';
import { RegistryError } from '../../../../src/places/registry/registry-error.js';

describe('a registry’s refusal', () => {
  const answer = (status: number) =>
    new RegistryError({ status, method: 'PUT', url: 'https://r.io/v2/', problems: [{ code: 'NO', message: 'no' }] });
  const failed = (cause: unknown) => new KdeployError('push-failed', 'failed', { cause });

  it('that is for good is told by its status, in the registry’s words', () => {
    for (const status of [400, 404, 415]) {
      const reason = notTaken(failed(reasonOf(answer(status))));
      expect([reason?.status, reason?.message]).to.deep.equal([status, answer(status).message]);
    }
  });

  it('that is for now is none of that kind, nor is any other error', () => {
    for (const status of [429, 500, 503]) expect(notTaken(failed(reasonOf(answer(status))))).to.equal(undefined);
    for (const error of [new NotTaken('bare'), failed(undefined), undefined])
      expect(notTaken(error)).to.equal(undefined);
  });
});
