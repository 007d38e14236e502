import { expect } from 'chai';
import { slug } from '../../../src/graph/slug.js';

describe('an ID', () => {
  for (const [text, id] of [
    ['features.clean', 'features-clean'],
    ['load-x_2', 'load-x_2'],
    ['_private', '_private'],
    ['modèle Größe', 'modele-Gro-e'],
    [' (a) ', 'a'],
    ['模型', ''],
  ] as const)
    it(`of ${JSON.stringify(text)} is ${JSON.stringify(id)}`, () => {
      expect(slug(text)).to.equal(id);
    });
});
