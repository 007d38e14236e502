import { expect } from 'chai';
import { readBaseTree, type BaseFolder, type BaseTree } from '../../../../../src/builders/layers/base/base-tree.js';
import { imageOfLayers, type TestEntry } from './base-images.js';

const fold = async (...layers: readonly (readonly TestEntry[])[]): Promise<BaseTree> => {
  const tree = await readBaseTree(await imageOfLayers(layers), {
    interestIn: (path) => (path.endsWith('.skip') ? undefined : 'content'),
  });
  return tree ?? expect.fail('unreadable');
};

/** `a/`, `a/b=content`, `a/c>target`. */
function listed(folder: BaseFolder, above = ''): string[] {
  return [...folder.children]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([name, node]) => {
      const path = `${above}${name}`;
      if (node.type === 'link') return [`${path}>${node.target}`];
      if (node.type === 'file') return [`${path}=${node.content?.toString() ?? ''}`];
      return [`${path}/`, ...listed(node, `${path}/`)];
    });
}

const link = (linkname: string) => ({ linkname });
const hardLink = (linkname: string) => ({ type: 'link', linkname }) as const;

describe('the file system of a base', () => {
  const cases: readonly [what: string, layers: TestEntry[][], expected: string[]][] = [
    ['a later layer replaces a file', [[['a', '1']], [['a', '2']]], ['a=2']],
    // prettier-ignore
    ['a later entry of a layer replaces an earlier one', [[['a', '1'], ['a', '2']]], ['a=2']],
    ['a folder that is named again keeps what is in it', [[['a/b', '1']], [['a/']]], ['a/', 'a/b=1']],
    ['a file replaces a folder', [[['a/b', '1']], [['a', '2']]], ['a=2']],
    ['a folder replaces a file', [[['a', '1']], [['a/']]], ['a/']],
    // prettier-ignore
    ['a folder replaces a link', [[['b/c', '1'], ['a', link('b')]], [['a/']]], ['a/', 'b/', 'b/c=1']],
    ['a link replaces a folder', [[['a/b', '1']], [['a', link('c')]]], ['a>c']],
    ['a file without interest replaces what was there', [[['a.skip/b', '1']], [['a.skip', '2']]], []],
    ['a file without interest makes no folder', [[['a/b.skip', '1']]], []],
    // prettier-ignore
    ['a whiteout deletes a file', [[['a/b', '1'], ['a/c', '1']], [['a/.wh.b']]], ['a/', 'a/c=1']],
    ['a whiteout deletes a folder', [[['a/b/c', '1']], [['a/.wh.b']]], ['a/']],
    // prettier-ignore
    ['a whiteout deletes a link, not what it leads to', [[['b', '1'], ['a', link('b')]], [['.wh.a']]], ['b=1']],
    ['a whiteout of nothing does nothing', [[['a', '1']], [['b/.wh.c'], ['.wh.ab']]], ['a=1']],
    // prettier-ignore
    ['a whiteout leaves what its own layer brings, before it or after it', [[['a/x', '1']], [['a/y', '2'], ['.wh.a'], ['a/z', '3']]], ['a/', 'a/y=2', 'a/z=3']],
    // prettier-ignore
    ['an opaque folder has only what its own layer brings', [[['a/b/c', '1'], ['a/x', '1'], ['d', '1']], [['a/y', '2'], ['a/.wh..wh..opq']]], ['a/', 'a/y=2', 'd=1']],
    ['the root may be opaque', [[['a/b', '1']], [['.wh..wh..opq'], ['c', '2']]], ['c=2']],
    ['a deleted path may come again', [[['a', '1']], [['.wh.a']], [['a', '3']]], ['a=3']],
    // prettier-ignore
    ['a hard link is the same file', [[['a', '1'], ['b/c', hardLink('./a')]]], ['a=1', 'b/', 'b/c=1']],
    ['a hard link leads into a layer below', [[['a', '1']], [['b', hardLink('/a')]]], ['a=1', 'b=1']],
    // prettier-ignore
    ['a hard link keeps what it had when its target is deleted', [[['a', '1'], ['b', hardLink('a')]], [['.wh.a']]], ['b=1']],
    ['a hard link to nothing is nothing', [[['b', hardLink('a')]]], []],
    // prettier-ignore
    ['what is put below a link goes where it leads', [[['usr/lib/'], ['lib', link('usr/lib')]], [['lib/a', '1']]], ['lib>usr/lib', 'usr/', 'usr/lib/', 'usr/lib/a=1']],
    // prettier-ignore
    ['names are cleaned up', [[['./a/', {}], ['/a//./b', '1']]], ['a/', 'a/b=1']],
    // prettier-ignore
    ['no entry leads out of the root', [[['../a', '1'], ['b/../../c', '1']]], []],
    ['devices have no content', [[['a', { type: 'character-device' }]]], ['a=']],
  ];
  for (const [what, layers, expected] of cases)
    it(`is right where ${what}`, async () => {
      expect(listed((await fold(...layers)).root)).to.deep.equal(expected);
    });

  it('has modes and owners, those of the last layer', async () => {
    const tree = await fold(
      [
        ['opt/', { mode: 0o755 }],
        ['opt/a', 'x', { mode: 0o4711, uid: 5, gid: 6 }],
      ],
      [['opt/', { mode: 0o1777, uid: 1, gid: 2 }]],
    );
    expect(tree.resolve('opt')?.node).to.include({ mode: 0o1777, uid: 1, gid: 2 });
    expect(tree.resolve('opt/a')?.node).to.include({ mode: 0o4711, uid: 5, gid: 6, size: 1 });
    // A folder that no entry names.
    expect((await fold([['a/b', '']])).resolve('a')?.node).to.include({ mode: 0o755, uid: 0, gid: 0 });
  });

  const links: readonly [path: string, expected: string | undefined][] = [
    ['lib', 'usr/lib'],
    ['/lib/a', 'usr/lib/a'],
    ['lib/missing/b', 'usr/lib/missing/b'],
    ['first', 'usr/lib/a'],
    ['usr/up', 'other'],
    ['usr/out', 'etc'],
    ['usr/lib/../lib/./a', 'usr/lib/a'],
    ['nowhere/b', 'gone/b'],
    ['circle/a', undefined],
    ['itself', undefined],
    ['', ''],
  ];
  for (const [path, expected] of links)
    it(`resolves ${path || 'the root'} to ${expected ?? 'nothing'}`, async () => {
      const tree = await fold([
        ['usr/lib/a', '1'],
        ['etc/'],
        ['other/'],
        ['lib', link('/usr/lib')],
        ['first', link('second')],
        ['second', link('lib/a')],
        ['usr/up', link('../other')],
        ['usr/out', link('../../../etc')],
        ['nowhere', link('gone')],
        ['circle', link('elcric')],
        ['elcric', link('circle')],
        ['itself', link('./itself')],
      ]);
      expect(tree.resolve(path)?.path).to.equal(expected);
    });

  it('reads each layer once, and one that comes twice has its effect twice', async () => {
    const twice: TestEntry[] = [['a', '1'], ['b/.wh.c']];
    // prettier-ignore
    const image = await imageOfLayers([[['b/c', '0']], twice, [['a', '2'], ['b/c', '3']], twice]);
    const progress: number[] = [];
    const tree = await readBaseTree(image, {
      interestIn: () => 'content',
      onProgress: (bytes, total) => progress.push(bytes / total),
    });
    expect(listed(tree?.root ?? expect.fail())).to.deep.equal(['a=1', 'b/']);
    expect(image.opened).to.have.length(3);
    expect(new Set(image.opened).size).to.equal(3);
    expect(progress.at(-1)).to.equal(1);
  });

  it('keeps no content of a file that is too large to be what it is called', async () => {
    const tree = await fold([['etc/passwd', Buffer.alloc(9_000_000)]]);
    const { node } = tree.resolve('etc/passwd') ?? {};
    expect(node?.type === 'file' ? [node.size, node.content] : undefined).to.deep.equal([9_000_000, undefined]);
  });
});
