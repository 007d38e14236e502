import { readFile, writeFile } from 'node:fs/promises';
import { expect } from 'chai';
import { NO_EARLIER_LAYERS, type EarlierLayers } from '../../../../src/builders/layers/earlier-layers.js';
import { knownContests, rememberContests } from '../../../../src/builders/layers/known-contests.js';
import type { RecipeWheel } from '../../../../src/builders/layers/layer-recipe.js';
import type { ComparedWheel, Contest } from '../../../../src/builders/layers/omissions.js';
import { FolderCache } from '../../../../src/cache/file-cache.js';
import { TemporaryFolder } from '../../temporary-folder.js';

const SITE = 'opt/venv/lib/python3.11/site-packages';

const wheel = (name: string, ...roots: readonly string[]): ComparedWheel => ({ name, sha256: `of ${name}`, roots });
const MLFLOW = wheel('mlflow', `${SITE}/mlflow`);
const SKINNY = wheel('mlflow-skinny', `${SITE}/mlflow`);
const GROUP = [MLFLOW, SKINNY];
const FOUND: readonly Contest[] = [{ path: `${SITE}/mlflow/a.py`, winner: 'mlflow-skinny', losers: ['mlflow'] }];

const recorded = ({ name, sha256, roots }: ComparedWheel, ...omitted: readonly string[]): RecipeWheel => ({
  ...{ name, sha256, roots, version: '1.0', omitted },
});
const earlierWith = (...wheels: readonly RecipeWheel[]): EarlierLayers => ({
  layers: new Map(),
  wheels: new Map(wheels.map((each) => [each.sha256, each])),
});

describe('the paths that wheels have with different content', () => {
  let folder: TemporaryFolder;
  let cache: FolderCache;
  beforeEach(async () => {
    folder = await TemporaryFolder.create();
    cache = new FolderCache(folder.file('cache'));
  });
  afterEach(() => folder.remove());

  const known = (group: readonly ComparedWheel[], earlier: EarlierLayers = NO_EARLIER_LAYERS) =>
    knownContests(group, { cache, earlier: () => Promise.resolve(earlier) });
  async function keptFile(): Promise<string> {
    const [entry, ...others] = await cache.entries();
    expect(others).to.deep.equal([]);
    return folder.file(`cache/${entry?.kind ?? ''}/${entry?.key ?? ''}`);
  }

  describe('are kept on this machine', () => {
    it('as they were found, also where there are none', async () => {
      for (const found of [FOUND, [], [{ path: 'x', winner: '__proto__', losers: ['constructor', 'a'] }]]) {
        await rememberContests(GROUP, found, { cache });
        expect(await known(GROUP)).to.deep.equal(found);
      }
    });

    it('and no earlier image is asked then', async () => {
      await rememberContests(GROUP, FOUND, { cache });
      const earlier = () => Promise.reject(new TypeError('an earlier image was read'));
      expect(await knownContests(GROUP, { cache, earlier })).to.deep.equal(FOUND);
    });

    it('for exactly these wheels: each change of one asks anew', async () => {
      await rememberContests(GROUP, FOUND, { cache });
      const others: readonly (readonly ComparedWheel[])[] = [
        [MLFLOW],
        [...GROUP, wheel('mlflow-tracing', `${SITE}/mlflow`)],
        [MLFLOW, { ...SKINNY, sha256: 'of another version' }],
        [MLFLOW, { ...SKINNY, name: 'mlflow-light' }],
        [MLFLOW, { ...SKINNY, roots: ['opt/venv/lib/python3.12/site-packages/mlflow'] }],
        [MLFLOW, { ...SKINNY, roots: [] }],
      ];
      for (const group of others) expect(await known(group), JSON.stringify(group)).to.equal(undefined);
      expect(await known(GROUP)).to.deep.equal(FOUND);
    });

    const damaged = [
      ...['', '{', 'null', '1', '"x"', '{}', '[1]', '[null]', '[[]]', '\u0000', '["x","mlflow",["a"]]'],
      ...['[["x"]]', '[["x","a"]]', '[["x","a","b"]]', '[["x","a",[]]]', '[["x","a",[1]]]', '[["x",null,["b"]]]'],
      ...['[[1,"a",["b"]]]', '[["x","a",["b"]],["y"]]', '{"mlflow":["x"]}'],
    ];
    for (const text of damaged)
      it(`but not believed where what is kept is damaged: ${JSON.stringify(text)}`, async () => {
        await rememberContests(GROUP, FOUND, { cache });
        await writeFile(await keptFile(), text);
        expect(await known(GROUP)).to.equal(undefined);
        await rememberContests(GROUP, FOUND, { cache });
        expect(await known(GROUP)).to.deep.equal(FOUND);
      });

    it('but are unknown where somebody prunes the cache before it is read', async () => {
      await rememberContests(GROUP, FOUND, { cache });
      const gone = `${await keptFile()}-gone`;
      const pruned = Object.assign(new FolderCache(cache.root), { find: () => Promise.resolve(gone) });
      const parts = { cache: pruned, earlier: () => Promise.resolve(NO_EARLIER_LAYERS) };
      expect(await knownContests(GROUP, parts)).to.equal(undefined);
    });

    it('in few words', async () => {
      await rememberContests(GROUP, FOUND, { cache });
      expect(await readFile(await keptFile(), 'utf8')).to.equal(
        JSON.stringify([[`${SITE}/mlflow/a.py`, 'mlflow-skinny', ['mlflow']]]),
      );
    });
  });

  describe('are recorded in the image that the layers come from', () => {
    const A = `${SITE}/mlflow/a.py`;

    it('where these very wheels were compared with each other', async () => {
      expect(await known(GROUP, earlierWith(recorded(MLFLOW, A), recorded(SKINNY)))).to.deep.equal(FOUND);
      expect(await known(GROUP, earlierWith(recorded(MLFLOW), recorded(SKINNY)))).to.deep.equal([]);
    });

    it('beside wheels that share nothing with them, also where names only begin in the same way', async () => {
      const others = [wheel('mlflow-x', `${SITE}/mlflow-x`, `${SITE}/mlflo`), wheel('numpy', `${SITE}/numpy`)];
      const earlier = earlierWith(recorded(MLFLOW, A), recorded(SKINNY), ...others.map((each) => recorded(each)));
      expect(await known(GROUP, earlier)).to.deep.equal(FOUND);
    });

    const unknown: readonly (readonly [what: string, earlier: EarlierLayers])[] = [
      ['nothing is recorded', NO_EARLIER_LAYERS],
      ['one of them is not', earlierWith(recorded(MLFLOW, A))],
      ['one is there in another version', earlierWith(recorded(MLFLOW, A), recorded({ ...SKINNY, sha256: 'other' }))],
      ...[`${SITE}/mlflow`, `${SITE}/mlflow/store`, SITE].map(
        (root) =>
          [
            `one that may have won is no longer asked for: ${root}`,
            earlierWith(recorded(MLFLOW, A), recorded(SKINNY), recorded(wheel('mlflow-tracing', root))),
          ] as const,
      ),
      [
        'one of the same name that may have won had another content',
        earlierWith(recorded(MLFLOW, A), recorded(SKINNY), recorded({ ...SKINNY, sha256: 'other' })),
      ],
    ];
    for (const [what, earlier] of unknown)
      it(`but not where ${what}`, async () => {
        expect(await known(GROUP, earlier)).to.equal(undefined);
      });

    it('with the winner, where a single other one can have the path', async () => {
      const [a, b, c] = ['a', 'b', 'c'].map((name) => wheel(name, `${SITE}/x`, `${SITE}/${name}`)) as [
        ComparedWheel,
        ComparedWheel,
        ComparedWheel,
      ];
      const X = `${SITE}/x/1.py`;
      const cases: readonly (readonly [wheels: readonly RecipeWheel[], winner: string | undefined])[] = [
        [[recorded(a, X), recorded(b)], 'b'],
        [[recorded(a), recorded(b, X)], 'a'],
        [[recorded(a, X), recorded(b, X), recorded(c)], 'c'],
        // It is said of one of the two, and not of which.
        [[recorded(a, X), recorded(b), recorded(c)], undefined],
        // One is a neighbour by another path.
        [[recorded(a, X), recorded(b), recorded(wheel('c', `${SITE}/b`, `${SITE}/x-y`))], 'b'],
        [[recorded(a, X), recorded(wheel('b', X)), recorded(wheel('c', `${SITE}/x/2.py`, `${SITE}/a`))], 'b'],
        // What an image cannot say in earnest.
        [[recorded(a, X), recorded(b, X)], undefined],
      ];
      for (const [wheels, winner] of cases) {
        const losers = wheels.filter(({ omitted }) => omitted.length > 0).map(({ name }) => name);
        expect(await known(wheels, earlierWith(...wheels))).to.deep.equal([{ path: X, winner, losers }]);
      }
    });

    it('by path', async () => {
      const [one, two] = [`${SITE}/mlflow/1`, `${SITE}/mlflow/2`];
      const found = await known(GROUP, earlierWith(recorded(MLFLOW, two), recorded(SKINNY, one)));
      expect(found?.map(({ path, winner }) => [path, winner])).to.deep.equal([
        [one, 'mlflow'],
        [two, 'mlflow-skinny'],
      ]);
    });

    it('and what this machine keeps comes first', async () => {
      await rememberContests(GROUP, [], { cache });
      expect(await known(GROUP, earlierWith(recorded(MLFLOW, A), recorded(SKINNY)))).to.deep.equal([]);
    });
  });
});
