import { readFile, writeFile } from 'node:fs/promises';
import { expect } from 'chai';
import { NO_EARLIER_LAYERS, type EarlierLayers } from '../../../../src/builders/layers/earlier-layers.js';
import { knownOmissions, rememberOmissions } from '../../../../src/builders/layers/known-omissions.js';
import type { RecipeWheel } from '../../../../src/builders/layers/layer-recipe.js';
import type { ComparedWheel, Omissions } from '../../../../src/builders/layers/omissions.js';
import { FolderCache } from '../../../../src/cache/file-cache.js';
import { TemporaryFolder } from '../../temporary-folder.js';

const SITE = 'opt/venv/lib/python3.11/site-packages';

const wheel = (name: string, ...roots: readonly string[]): ComparedWheel => ({ name, sha256: `of ${name}`, roots });
const MLFLOW = wheel('mlflow', `${SITE}/mlflow`);
const SKINNY = wheel('mlflow-skinny', `${SITE}/mlflow`);
const GROUP = [MLFLOW, SKINNY];
const FOUND: Omissions = { mlflow: [`${SITE}/mlflow/a.py`] };

const recorded = ({ name, sha256, roots }: ComparedWheel, ...omitted: readonly string[]): RecipeWheel => ({
  ...{ name, sha256, roots, version: '1.0', omitted },
});
const earlierWith = (...wheels: readonly RecipeWheel[]): EarlierLayers => ({
  layers: new Map(),
  wheels: new Map(wheels.map((each) => [each.sha256, each])),
});

describe('which paths wheels leave to one another', () => {
  let folder: TemporaryFolder;
  let cache: FolderCache;
  beforeEach(async () => {
    folder = await TemporaryFolder.create();
    cache = new FolderCache(folder.file('cache'));
  });
  afterEach(() => folder.remove());

  const known = (group: readonly ComparedWheel[], earlier: EarlierLayers = NO_EARLIER_LAYERS) =>
    knownOmissions(group, { cache, earlier: () => Promise.resolve(earlier) });
  async function keptFile(): Promise<string> {
    const [entry, ...others] = await cache.entries();
    expect(others).to.deep.equal([]);
    return folder.file(`cache/${entry?.kind ?? ''}/${entry?.key ?? ''}`);
  }

  describe('is kept on this machine', () => {
    it('as it was found, also where there is nothing to leave', async () => {
      for (const found of [FOUND, {}, { constructor: ['x'] }] as Omissions[]) {
        await rememberOmissions(GROUP, found, { cache });
        expect(JSON.stringify(await known(GROUP))).to.equal(JSON.stringify(found));
      }
    });

    it('and no earlier image is asked then', async () => {
      await rememberOmissions(GROUP, FOUND, { cache });
      const earlier = () => Promise.reject(new TypeError('an earlier image was read'));
      expect(await knownOmissions(GROUP, { cache, earlier })).to.deep.equal(FOUND);
    });

    it('for exactly these wheels: each change of one asks anew', async () => {
      await rememberOmissions(GROUP, FOUND, { cache });
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
      ...['', '{', 'null', '1', '"x"', '[]', '[["mlflow",[]]]', '\u0000', '{"mlflow":null}', '{"mlflow":"x"}'],
      ...['{"mlflow":{}}', '{"mlflow":[1]}', '{"mlflow":["x",null]}', '{"mlflow":["x"],"mlflow-skinny":1}'],
    ];
    for (const text of damaged)
      it(`but not believed where it is damaged: ${JSON.stringify(text)}`, async () => {
        await rememberOmissions(GROUP, FOUND, { cache });
        await writeFile(await keptFile(), text);
        expect(await known(GROUP)).to.equal(undefined);
        await rememberOmissions(GROUP, FOUND, { cache });
        expect(await known(GROUP)).to.deep.equal(FOUND);
      });

    it('but is unknown where somebody prunes the cache before it is read', async () => {
      await rememberOmissions(GROUP, FOUND, { cache });
      const gone = `${await keptFile()}-gone`;
      const pruned = Object.assign(new FolderCache(cache.root), { find: () => Promise.resolve(gone) });
      const parts = { cache: pruned, earlier: () => Promise.resolve(NO_EARLIER_LAYERS) };
      expect(await knownOmissions(GROUP, parts)).to.equal(undefined);
    });

    it('in few words', async () => {
      await rememberOmissions(GROUP, FOUND, { cache });
      expect(await readFile(await keptFile(), 'utf8')).to.equal(JSON.stringify(FOUND));
    });
  });

  describe('is recorded in the image that the layers come from', () => {
    const A = `${SITE}/mlflow/a.py`;

    it('where these very wheels were compared with each other', async () => {
      expect(await known(GROUP, earlierWith(recorded(MLFLOW, A), recorded(SKINNY)))).to.deep.equal(FOUND);
      expect(await known(GROUP, earlierWith(recorded(MLFLOW), recorded(SKINNY)))).to.deep.equal({});
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

    it('and what this machine keeps comes first', async () => {
      await rememberOmissions(GROUP, {}, { cache });
      expect(await known(GROUP, earlierWith(recorded(MLFLOW, A), recorded(SKINNY)))).to.deep.equal({});
    });
  });
});
