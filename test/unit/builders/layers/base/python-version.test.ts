import { expect } from 'chai';
import { pythonVersion } from '../../../../../src/builders/layers/base/python-version.js';
import { elf, GLIBC_LOADER, treeOfLayers, type TestEntry } from './base-images.js';

const LINKED = elf([GLIBC_LOADER, 'libpython3.11.so.1.0', '/opt/3.11.1']);
const library = (version: string, machine?: number): Buffer => elf(['libpython3.11.so.1.0', version], machine);

async function versionOf(path: string, entries: readonly TestEntry[], declared?: string): Promise<string> {
  const tree = await treeOfLayers(entries.map(([name, content]) => [name, content ?? '', { mode: 0o755 }]));
  const node = tree.resolve(path)?.node;
  if (node?.type !== 'file') throw new Error(`no ${path}`);
  return pythonVersion(tree, { path, prefix: path.replace(/\/?bin\/[^/]+$/, ''), file: node }, declared);
}

describe('the version of a Python', () => {
  // prettier-ignore
  const cases: readonly [what: string, path: string, entries: TestEntry[], expected: string, declared?: string][] = [
    ['in the program', 'usr/bin/python3.11', [['usr/bin/python3.11', elf(['3.2.0', '3.11.2'])]], '3.11.2'],
    ['in the library beside it', 'usr/bin/python3.11', [['usr/bin/python3.11', LINKED], ['usr/lib/libpython3.11.so.1.0', library('3.11.9')]], '3.11.9'],
    ['in lib64', 'usr/bin/python3.11', [['usr/bin/python3.11', LINKED], ['usr/lib64/libpython3.11.so.1.0', library('3.11.9')]], '3.11.9'],
    ['in the folder of its machine', 'usr/bin/python3.11', [['usr/bin/python3.11', LINKED], ['usr/lib/x86_64-linux-gnu/libpython3.11.so.1.0', library('3.11.9')]], '3.11.9'],
    ['of two libraries in the nearer one', 'a/bin/python3.11', [['a/bin/python3.11', LINKED], ['usr/lib/libpython3.11.so.1.0', library('3.11.9')], ['a/lib/libpython3.11.so.1.0', library('3.11.4')]], '3.11.4'],
    ['in a library anywhere', 'a/bin/python3.11', [['a/bin/python3.11', LINKED], ['b/c/libpython3.11.so.1.0', library('3.11.9')]], '3.11.9'],
    ['not in the library of another machine', 'usr/bin/python3.11', [['usr/bin/python3.11', LINKED], ['usr/lib/libpython3.11.so.1.0', library('3.11.9', 183)]], '3.11.1'],
    ['in the header', 'usr/bin/python3.11', [['usr/bin/python3.11', elf([])], ['usr/include/python3.11/patchlevel.h', '#define PY_MINOR_VERSION 11\n#define PY_VERSION      \t"3.11.2+"\n']], '3.11.2'],
    ['in the environment', 'usr/bin/python3.11', [['usr/bin/python3.11', elf([])]], '3.11.6', '3.11.6'],
    ['for a release candidate', 'usr/bin/python3.13', [['usr/bin/python3.13', elf(['3.13.0rc2'])]], '3.13.0rc2'],
    ['by the library where the name has none', 'usr/bin/python', [['usr/bin/python', LINKED], ['usr/lib/libpython3.11.so.1.0', library('3.11.9')]], '3.11.9'],
    ['by the folder of its modules where the name has none', 'usr/bin/python3', [['usr/bin/python3', elf(['3.9.2', '3.11.2'])], ['usr/lib/python3.11/x/'], ['usr/lib/python3/']], '3.11.2'],
    ['for one that is too old, as far as it goes', 'usr/bin/python3.6', [['usr/bin/python3.6', elf([])]], '3.6'],
  ];
  for (const [what, path, entries, expected, declared] of cases)
    it(`is found ${what}`, async () => {
      expect(await versionOf(path, entries, declared)).to.equal(expected);
    });

  // prettier-ignore
  const unknown: readonly [what: string, path: string, entries: TestEntry[], declared?: string][] = [
    ['nothing has it', 'usr/bin/python3.11', [['usr/bin/python3.11', elf(['3.10.2', '3.1.12'])]]],
    ['what is declared is another one', 'usr/bin/python3.11', [['usr/bin/python3.11', elf([])]], '3.12.1'],
    ['there is no name, and modules of two versions', 'usr/bin/python3', [['usr/bin/python3', elf(['3.11.2'])], ['usr/lib/python3.11/x/'], ['usr/lib/python3.9/x/']]],
  ];
  for (const [what, path, entries, declared] of unknown)
    it(`is unknown where ${what}`, async () => {
      const error = await versionOf(path, entries, declared).catch((thrown: unknown) => thrown);
      expect(error).to.include({ code: 'configuration' });
    });
});
