import { expect } from 'chai';
import { formatLocations, parseLocations, type Locations } from '../../../src/image/locations.js';

const LOCATIONS: Locations = {
  owner: { uid: 999, gid: 0 },
  real: { '/home/kedro/conf': '/data/conf', '/opt/kdeploy/lib': '/opt/kdeploy/lib' },
  sitePackages: ['/usr/local/lib/python3.11/site-packages'],
  folders: { '/data': { uid: 0, gid: 0, mode: 0o755, mtime: 1_700_000_000 } },
};
const document = JSON.parse(formatLocations(LOCATIONS)) as Record<string, unknown>;

describe('the locations that an image records', () => {
  it('are read as they were written', () => {
    expect(parseLocations(formatLocations(LOCATIONS))).to.deep.equal(LOCATIONS);
  });

  const wrong: readonly (readonly [string, string | undefined])[] = [
    ['nothing', undefined],
    ['an empty label, as an engine leaves one that was taken away', ''],
    ['no JSON', '{'],
    ['a list', '[]'],
    ['no owner', JSON.stringify({ ...document, owner: undefined })],
    ['an owner by name', JSON.stringify({ ...document, owner: ['kedro', 'kedro'] })],
    ['a negative owner', JSON.stringify({ ...document, owner: [-1, 0] })],
    ['a path that leads up', JSON.stringify({ ...document, real: { '/a': '/opt/../etc' } })],
    ['a relative path', JSON.stringify({ ...document, site_packages: ['lib'] })],
    ['the root', JSON.stringify({ ...document, folders: { '/': [0, 0, 493, 1] } })],
    ['a folder with half an entry', JSON.stringify({ ...document, folders: { '/a': [0, 0, 493] } })],
    ['a folder with more than numbers', JSON.stringify({ ...document, folders: { '/a': [0, 0, '493', 1] } })],
  ];
  for (const [what, text] of wrong)
    it(`are not believed where the label has ${what}`, () => expect(parseLocations(text)).to.equal(undefined));
});
