import { expect } from 'chai';
import fc from 'fast-check';
import { didYouMean } from '../../../../src/config/settings/suggestion.js';

const KEYS = ['image', 'build', 'mlflow', 'run_config', 'tracking_uri'];

describe('did you mean', () => {
  for (const [word, meant] of [
    ['imge', 'image'],
    ['images', 'image'],
    ['Image', 'image'],
    ['runConfig', 'run_config'],
    ['run-config', 'run_config'],
    ['mflow', 'mlflow'],
    ['tracking_url', 'tracking_uri'],
    ['kubernetes', undefined],
    ['x', undefined],
    ['', undefined],
  ] as const) {
    it(`finds ${meant ?? 'nothing'} for ${JSON.stringify(word)}`, async () => {
      expect(await didYouMean(word, KEYS)).to.equal(meant);
    });
  }

  it('finds a short word in which two letters were swapped, and no other', async () => {
    const flags = ['tag', 'env', 'fix'];
    for (const [word, meant] of [
      ['tga', 'tag'],
      ['nev', 'env'],
      ['fxi', 'fix'],
      ['gat', undefined],
    ] as const)
      expect(await didYouMean(word, flags), word).to.equal(meant);
  });

  it('finds nothing among nothing', async () => {
    expect(await didYouMean('image', [])).to.equal(undefined);
  });

  it('finds every word that has one letter too many', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...KEYS), fc.nat(20), fc.constantFrom('q', '7'), async (key, at, letter) => {
        expect(await didYouMean(key.slice(0, at) + letter + key.slice(at), KEYS)).to.equal(key);
      }),
    );
  });

  it('only ever answers with a candidate', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string(), fc.array(fc.string()), async (word, candidates) => {
        expect([undefined, ...candidates]).to.include(await didYouMean(word, candidates));
      }),
    );
  });
});
