import { expect } from 'chai';
import fc from 'fast-check';
import { KdeployError } from '../../../src/errors.js';
import { parseTree } from '../../../src/git/tree.js';

function entry(mode: string, name: string | Buffer, byte: number, idBytes = 20): Buffer {
  return Buffer.concat([Buffer.from(`${mode} `), Buffer.from(name), Buffer.from([0]), Buffer.alloc(idBytes, byte)]);
}

describe('a tree object', () => {
  it('has files, folders, links and submodules', () => {
    const tree = parseTree(
      Buffer.concat([
        entry('100644', 'a', 1),
        entry('100755', 'b', 2),
        entry('40000', 'c', 3),
        entry('120000', 'd', 4),
        entry('160000', 'e', 5),
      ]),
      20,
    );
    expect([...tree].map(([name, { kind, id }]) => [name, kind, id.slice(0, 2)])).to.deep.equal([
      ['a', 'file', '01'],
      ['b', 'file', '02'],
      ['c', 'folder', '03'],
      ['d', 'link', '04'],
      ['e', 'submodule', '05'],
    ]);
  });

  it('has ids of 32 bytes in a repository with SHA-256', () => {
    const tree = parseTree(Buffer.concat([entry('100644', 'a', 1, 32), entry('100644', 'b', 2, 32)]), 32);
    expect(tree.get('b')?.id).to.equal('02'.repeat(32));
  });

  it('has names as they are: with spaces, line breaks, quotes, and bytes that are no UTF-8', () => {
    const names = ['a b', 'a\nb', '"a"', 'ä/'.slice(0, 1), 'ü.yml'];
    const tree = parseTree(
      Buffer.concat([...names.map((name) => entry('100644', name, 1)), entry('100644', Buffer.from([0xff]), 1)]),
      20,
    );
    expect([...tree.keys()]).to.deep.equal([...names, '\ufffd']);
  });

  it('has no names that lead elsewhere, however it was made', () => {
    const names = ['..', '.', 'a/b', '../x', ''];
    expect(parseTree(Buffer.concat(names.map((name) => entry('100644', name, 1))), 20).size).to.equal(0);
  });

  for (const [what, bytes] of [
    ['without an end', entry('100644', 'a', 1).subarray(0, 15)],
    ['with an unknown mode', entry('777', 'a', 1)],
    ['of no form at all', Buffer.from('tree of life')],
  ] as const) {
    it(`${what} is an error that says what to do`, () => {
      expect(() => parseTree(bytes, 20))
        .to.throw(KdeployError)
        .with.property('hint')
        .that.contains('git fsck');
    });
  }

  it('of any bytes is read or refused, and never hangs', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          parseTree(Buffer.from(bytes), 20);
        } catch (error) {
          expect(error).to.be.instanceOf(KdeployError);
        }
      }),
    );
  });
});
