import { readFile, writeFile } from 'node:fs/promises';
import { expect } from 'chai';
import { keepBase, keptBase } from '../../../../../src/builders/layers/base/kept-bases.js';
import { FolderCache } from '../../../../../src/cache/file-cache.js';
import { digestOf } from '../../../../../src/image/digest.js';
import { TemporaryFolder } from '../../../temporary-folder.js';
import { DEBIAN_FACTS } from './facts.js';

const DIGEST = digestOf('a manifest');

describe('what is kept of a base', () => {
  let folder: TemporaryFolder;
  let cache: FolderCache;

  beforeEach(async () => {
    folder = await TemporaryFolder.create();
    cache = new FolderCache(folder.path);
  });

  afterEach(() => folder.remove());

  it('is found again, by its manifest alone', async () => {
    expect(await keptBase(cache, DIGEST)).to.equal(undefined);
    await keepBase(cache, DIGEST, DEBIAN_FACTS);
    expect(await keptBase(cache, DIGEST)).to.deep.equal(DEBIAN_FACTS);
    expect(await keptBase(cache, digestOf('another manifest'))).to.equal(undefined);
  });

  const damages: readonly [what: string, damage: (text: string) => string][] = [
    ['it ends early', (text) => text.slice(0, -10)],
    ['it is empty', () => ''],
    ['a fact was changed', (text) => text.replace('/usr/bin/python3.11', '/usr/bin/python3.12')],
    ['its format is an older one', (text) => text.replace('"format":3', '"format":2')],
    ['it is no record', () => 'null'],
    ['it has no facts', () => '{"format":3}'],
  ];
  for (const [what, damage] of damages)
    it(`is ignored where ${what}`, async () => {
      await keepBase(cache, DIGEST, DEBIAN_FACTS);
      const [entry] = await cache.entries();
      const file = (await cache.find(entry!.kind, entry!.key))!;
      const text = await readFile(file, 'utf8');
      expect(damage(text)).to.not.equal(text);
      await writeFile(file, damage(text));
      expect(await keptBase(cache, DIGEST)).to.equal(undefined);
    });

  it('is ignored where it belongs to another base', async () => {
    await keepBase(cache, DIGEST, DEBIAN_FACTS);
    const [entry] = await cache.entries();
    const text = await readFile((await cache.find(entry!.kind, entry!.key))!, 'utf8');
    const other = digestOf('another manifest');
    await cache.keep(entry!.kind, other.replace(':', '-'), text);
    expect(await keptBase(cache, other)).to.equal(undefined);
  });
});
