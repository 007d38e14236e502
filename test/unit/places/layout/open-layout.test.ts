import { expect } from 'chai';
import { digestOf } from '../../../../src/image/digest.js';
import { parseImageAddress } from '../../../../src/image/address.js';
import { openLayout } from '../../../../src/places/layout/open-layout.js';
import { rejection } from '../../../support/rejection.js';
import { TemporaryFolder } from '../../temporary-folder.js';
import { json, layoutFiles, layoutImage, tarOf } from './sample-layout.js';

describe('opening an image in a file', () => {
  const { entry, files } = layoutImage(['base'], { name: 'v1' });
  const layout = layoutFiles([entry], files);
  let folder: TemporaryFolder;
  before(async () => {
    folder = await TemporaryFolder.create();
    const config = json({ architecture: 'amd64', os: 'linux', rootfs: { diff_ids: [digestOf('base')] } });
    const archive = [
      ['config.json', config],
      ['layer.tar', 'base'],
      ['manifest.json', json([{ Config: 'config.json', RepoTags: null, Layers: ['layer.tar'] }])],
    ] as const;
    await folder.write({
      ...Object.fromEntries(Object.entries(layout).map(([name, content]) => [`dist/${name}`, content])),
      'layout.tar': await tarOf(Object.entries(layout)),
      'saved.tar': await tarOf(archive),
      // Since version 25, what Docker writes is both.
      'both.tar': await tarOf([...Object.entries(layout), ...archive]),
    });
  });
  after(() => folder.remove());

  async function open(prefix: string, rest: string, signal?: AbortSignal) {
    const address = parseImageAddress(`${prefix}:${folder.file(rest)}`);
    if ('reference' in address) throw new TypeError('not a file');
    return openLayout(address, signal);
  }

  for (const [prefix, rest] of [
    ['oci', 'dist'],
    ['oci-archive', 'layout.tar'],
    ['docker-archive', 'saved.tar'],
  ] as const)
    it(`stops to read ${prefix}:${rest} when it is told to`, async () => {
      const stop = new AbortController();
      const source = await open(prefix, rest, stop.signal);
      const reason = new Error('interrupted');
      stop.abort(reason);
      expect(await source.root().catch((error: unknown) => error)).to.equal(reason);
    });

  for (const [prefix, rest] of [
    ['oci', 'dist'],
    ['oci', 'dist:v1'],
    ['oci', `dist@${entry.digest}`],
    ['oci', 'layout.tar:v1'],
    ['oci-archive', 'layout.tar'],
    ['oci-archive', 'dist'],
    ['oci', 'both.tar'],
  ] as const)
    it(`finds the layout of ${prefix}:${rest.replace(/[a-f0-9]{64}/, '…')}`, async () => {
      const source = await open(prefix, rest);
      expect((await source.root()).digest).to.equal(entry.digest);
      expect(source.name).to.equal(`${rest.includes('.tar') ? 'oci-archive' : 'oci'}:${folder.file(rest)}`);
    });

  for (const file of ['saved.tar', 'both.tar'])
    it(`finds the archive of docker-archive:${file}`, async () => {
      const root = await (await open('docker-archive', file)).root();
      expect(root.value.kind === 'image' && root.value.manifest.layers[0]?.digest).to.equal(digestOf('base'));
    });

  for (const [prefix, rest, message, hint] of [
    ['oci', 'missing', /^there is no file or folder /, /correct the path/],
    ['oci', 'saved.tar', /`docker save` wrote it$/, /^name it docker-archive:/],
    ['docker-archive', 'dist', /is a folder, not a file/, /oci:/],
    ['docker-archive', 'layout.tar', /was not written by `docker save`/, /oci-archive:/],
    ['oci', 'dist/index.json', /is not a TAR file/, /correct the path/],
  ] as const)
    it(`says what is wrong with ${prefix}:${rest}`, async () => {
      const failure = await rejection(open(prefix, rest).then((source) => source.root()));
      expect(failure.code).to.equal('image-not-found');
      expect(failure.message).to.match(message);
      expect(failure.hint).to.match(hint);
    });
});
