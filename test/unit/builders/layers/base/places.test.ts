import { expect } from 'chai';
import { foldersAbove, placesIn, resolvePlace } from '../../../../../src/builders/layers/base/places.js';
import { treeOfLayers, type TestEntry } from './base-images.js';

const ENTRIES: readonly TestEntry[] = [
  ['home', { linkname: 'var/home' }],
  ['var/home/', { mode: 0o711, uid: 1, gid: 2 }],
  ['opt', { linkname: '/data/deep/er/opt' }],
  ['data/deep/er/opt/venv/bin/', {}],
  ['data/', { mode: 0o700 }],
  ['usr/lib/python3/', {}],
  ['srv', 'a file'],
  ['mnt', { linkname: 'tnm' }],
  ['tnm', { linkname: 'mnt' }],
  ['empty', { linkname: 'not/there' }],
];

describe('the places of a base', () => {
  const cases: readonly [path: string, expected: string][] = [
    ['home/kedro_docker', 'var/home/kedro_docker, which is missing'],
    ['home', 'var/home, a folder 711 1:2'],
    ['opt/venv', 'data/deep/er/opt/venv, a folder 755 0:0'],
    ['opt/other', 'data/deep/er/opt/other, which is missing'],
    ['usr/lib', 'usr/lib, a folder 755 0:0'],
    ['srv', 'srv, a file'],
    ['srv/a', 'nowhere'],
    ['mnt', 'nowhere'],
    ['mnt/a', 'nowhere'],
    ['empty/a', 'not/there/a, which is missing'],
    ['missing/a', 'missing/a, which is missing'],
    ['constructor', 'constructor, which is missing'],
  ];
  for (const [path, expected] of cases)
    it(`are known, also after they were kept: ${path} is ${expected}`, async () => {
      const places = placesIn(await treeOfLayers(ENTRIES), ['opt/venv', 'home/kedro_docker']);
      for (const each of [places, JSON.parse(JSON.stringify(places)) as typeof places])
        expect(told(resolvePlace({ places: each }, path))).to.equal(expected);
    });

  it('are the first two levels, and the way to what is written', async () => {
    const places = Object.keys(placesIn(await treeOfLayers(ENTRIES), ['opt/venv']));
    expect(places).to.include.members(['data', 'data/deep/er', 'data/deep/er/opt/venv', 'usr/lib', 'srv']);
    for (const deeper of ['usr/lib/python3', 'data/deep/er/opt/venv/bin']) expect(places).to.not.include(deeper);
  });

  it('are listed above what is written, with the modes of the base', async () => {
    const places = placesIn(await treeOfLayers(ENTRIES), ['opt/venv']);
    const above = (path: string) =>
      foldersAbove({ places }, path).map(
        ({ path: folder, mode, uid, gid }) => `${folder} ${mode.toString(8)} ${uid}:${gid}`,
      );
    expect(above('data/deep/x')).to.deep.equal(['data 700 0:0', 'data/deep 755 0:0']);
    expect(above('var/home/kedro_docker')).to.deep.equal(['var 755 0:0', 'var/home 711 1:2']);
    expect(above('new/x')).to.deep.equal(['new 755 0:0']);
    expect(above('etc')).to.deep.equal([]);
  });
});

function told(found: ReturnType<typeof resolvePlace>): string {
  if (found === undefined) return 'nowhere';
  const { path, place } = found;
  if (place === undefined) return `${path}, which is missing`;
  if (place.type === 'file') return `${path}, a file`;
  return `${path}, a folder ${place.mode.toString(8)} ${place.uid}:${place.gid}`;
}
