import { expect } from 'chai';
import { bakedTags } from '../../../src/rebake/baked-tags.js';

const REVISION = '37231f68fffdb31b5050fca96d5c93174faeb7bb';

describe('the tags of an image that is baked again', () => {
  const cases: readonly [what: string, templates: readonly string[], revision: string | undefined, tags: string[]][] = [
    ['stay as they are written', ['v1', 'latest'], undefined, ['v1', 'latest']],
    ['have the commit of the image', ['{git.sha}-{env}'], REVISION, ['37231f68fffd-prod']],
    ['say that it had uncommitted changes', ['{git.sha}'], `${REVISION}-dirty`, ['37231f68fffd-dirty']],
    ['are there once', ['v1', 'v1'], undefined, ['v1']],
    ['are none', [], REVISION, []],
  ];
  for (const [what, templates, revision, tags] of cases)
    it(what, () => {
      expect(bakedTags({ templates, revision, env: 'prod' })).to.deep.equal(tags);
    });

  const refused: readonly [what: string, template: string, words: string][] = [
    ['a commit that the image does not record', '{git.sha}', 'the image does not record its commit'],
    ['a branch', '{git.branch}', 'an image does not record its branch'],
    ['a version', 'v{version}', 'a bake does not know it'],
    ['a placeholder that is unknown', '{git.sah}', 'unknown placeholder'],
    ['what no registry takes', 'a b', 'a b'],
  ];
  for (const [what, template, words] of refused)
    it(`are refused with ${what}`, () => {
      expect(() => bakedTags({ templates: [template], revision: undefined, env: 'prod' })).to.throw(words);
    });
});
