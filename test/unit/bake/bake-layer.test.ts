import { expect } from 'chai';
import { gunzipSync } from 'node:zlib';
import { bakeLayer } from '../../../src/bake/bake-layer.js';
import { digestOf } from '../../../src/image/digest.js';
import type { Locations } from '../../../src/image/locations.js';
import { MEDIA_TYPES } from '../../../src/image/manifest.js';
import { tarEntries } from './tar-entries.js';

const LOCATIONS: Locations = {
  owner: { uid: 999, gid: 7 },
  real: { '/home/kedro/conf': '/data/conf' },
  sitePackages: [],
  folders: {
    '/data': { uid: 0, gid: 0, mode: 0o755, mtime: 1_700_000_000 },
    '/data/conf': { uid: 5, gid: 6, mode: 0o2750, mtime: 1_700_000_001 },
    '/data/conf/base': { uid: 5, gid: 6, mode: 0o700, mtime: 1 },
    '/opt': { uid: 0, gid: 0, mode: 0o755, mtime: 2 },
  },
};
const FILES = [
  { path: '/opt/kdeploy/lib/a.py', content: Buffer.from('a') },
  { path: '/home/kedro/conf/prod/mlflow.yml', content: Buffer.from('server: {}') },
];

describe('the layer of a bake', () => {
  const make = (type: string = MEDIA_TYPES.ociManifest, files = FILES) => bakeLayer(files, LOCATIONS, type);

  it('repeats the folders of the image as they are, makes the others, and puts files at their real paths', async () => {
    const layer = await make();
    const chunks: Uint8Array[] = [];
    for await (const chunk of layer.open()) chunks.push(chunk);
    const bytes = Buffer.concat(chunks);
    expect(layer.descriptor).to.deep.equal({
      mediaType: MEDIA_TYPES.ociLayerGzip,
      digest: digestOf(bytes),
      size: bytes.length,
    });
    const tar = gunzipSync(bytes);
    expect(layer.diffId).to.equal(digestOf(tar));
    const entries = (await tarEntries(tar)).map(({ header: { name, uid, gid, mode } }) => [name, uid, gid, mode]);
    expect(entries).to.deep.equal([
      ['data/', 0, 0, 0o755],
      ['data/conf/', 5, 6, 0o2750],
      ['opt/', 0, 0, 0o755],
      ['data/conf/prod/', 999, 7, 0o755],
      ['data/conf/prod/mlflow.yml', 999, 7, 0o644],
      ['opt/kdeploy/', 999, 7, 0o755],
      ['opt/kdeploy/lib/', 999, 7, 0o755],
      ['opt/kdeploy/lib/a.py', 999, 7, 0o644],
    ]);
  });

  it('is the same whatever the order of the files', async () => {
    expect((await make(MEDIA_TYPES.ociManifest, FILES.toReversed())).descriptor).to.deep.equal(
      (await make()).descriptor,
    );
  });

  it('has the media type of the image’s family', async () => {
    expect((await make(MEDIA_TYPES.dockerManifest)).descriptor.mediaType).to.equal(MEDIA_TYPES.dockerLayerGzip);
  });
});
