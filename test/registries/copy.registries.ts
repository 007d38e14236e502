import { expect } from 'chai';

import { Promotion } from '../support/registries/promotion.js';
import { CREDENTIALS, REGISTRY_KINDS, Registries } from '../support/registries/registries.js';

/** Each image once through `kdeploy push --to` from each real registry to each, itself included; others judge what came out. */
describe('an image that is promoted', () => {
  const registries = new Registries();
  let promotion: Promotion;

  before(async () => {
    promotion = await Promotion.start();
  });
  after(async () => {
    await registries.stop();
    await promotion.remove();
  });

  for (const from of REGISTRY_KINDS) {
    for (const to of REGISTRY_KINDS) {
      const isWithin = from === to;
      // Its blobs belong to all repositories.
      const isShared = isWithin && from === 'crane';
      const way = isShared ? 'already there' : isWithin ? 'mounted' : 'sent';

      describe(isWithin ? `within ${from}` : `from ${from} to ${to}`, () => {
        for (const [what, words] of [
          ['image', 'image'],
          ['attestedIndex', 'index with attestations'],
        ] as const) {
          it(`keeps its digest as an ${words}, and has its blobs ${way}`, async () => {
            const [source, target] = [await registries.address(from), await registries.address(to)];
            for (const address of [source, target]) await promotion.login(address, CREDENTIALS);
            const sample = await promotion.samples[what](`${from} to ${to}, ${what}`);
            const [old, fresh] = [`${source}/team/${what.toLowerCase()}:v1`, `${target}/prod/${what.toLowerCase()}:v2`];
            await promotion.given(sample, old);
            expect(await promotion.pushed(old, fresh)).to.equal(`${sample.blobs} ${way}`);
            await promotion.judge(fresh, sample);
            expect(await promotion.pushed(old, fresh)).to.equal(`${sample.blobs} already there`);
          });
        }
      });
    }
  }
});
