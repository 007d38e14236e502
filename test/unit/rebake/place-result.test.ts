import { expect } from 'chai';
import { parseImageAddress } from '../../../src/image/address.js';
import { digestOf } from '../../../src/image/digest.js';
import { parseReference, type PinnedReference } from '../../../src/image/reference.js';
import { readTree, treeOf, type ManifestTree } from '../../../src/image/tree.js';
import type { LocatedImage } from '../../../src/locate/locate-image.js';
import { openLayout } from '../../../src/places/layout/open-layout.js';
import type { Target } from '../../../src/promote/publish-tree.js';
import { placeResult, requireWritable, type PlaceParts } from '../../../src/rebake/place-result.js';
import { rejection } from '../../support/rejection.js';
import { sampleImage } from '../image/sample-image.js';
import { treeSource } from '../image/tree-source.js';
import { TemporaryFolder } from '../temporary-folder.js';

const REPOSITORY = parseReference('registry.example.com/team/app');
const TARGETS = [REPOSITORY.withTag('prod') as Target];

describe('the result of a bake', () => {
  const before = treeOf(sampleImage(['base']));
  const after = treeOf(sampleImage(['base', 'kdeploy']));
  let folder: TemporaryFolder;
  beforeEach(async () => {
    folder = await TemporaryFolder.create();
  });
  afterEach(() => folder.remove());

  const place = async (
    located: LocatedImage,
    { from, ...parts }: Partial<PlaceParts> & { readonly from?: PinnedReference } = {},
  ) => {
    const kept: { tree: ManifestTree; names: string[]; from: string }[] = [];
    const source = treeSource(before, 'app:v1', REPOSITORY);
    const placed = await placeResult(
      { source, before, after, from, platforms: [] },
      {
        address: parseImageAddress('registry.example.com/team/app:v1'),
        located,
        targets: TARGETS,
        tags: ['prod'],
        waiting: {
          keep: (tree, names, origin) => {
            kept.push({ tree, names: names.map(String), from: String(origin) });
            return Promise.resolve();
          },
        },
        ...parts,
      },
    );
    return { placed, kept };
  };

  for (const where of ['registry', 'waiting'] as const)
    it(`waits on this machine where the image ${where === 'registry' ? 'is in a registry' : 'waits itself'}`, async () => {
      const from = where === 'registry' ? REPOSITORY.withDigest(digestOf('asked')) : undefined;
      const source = treeSource(before, 'app:v1', REPOSITORY);
      const located = { place: where, source, reference: REPOSITORY.withTag('v1') };
      const { placed, kept } = await place(located, from === undefined ? {} : { from });
      expect(placed).to.deep.equal({ place: 'waiting', names: ['registry.example.com/team/app:prod'] });
      const origin = from ?? REPOSITORY.withDigest(before.document.digest);
      expect(kept).to.deep.equal([
        { tree: after, names: ['registry.example.com/team/app:prod'], from: origin.toString() },
      ]);
    });

  it('goes into the layout that the image is in, beside it', async () => {
    const address = parseImageAddress(`oci:${folder.file('dist')}:v1`);
    const source = treeSource(before, 'oci:dist:v1');
    const { placed } = await place({ place: 'layout', source, reference: undefined }, { address });
    expect(placed).to.deep.equal({ place: 'layout', names: [`oci:${folder.file('dist')}:prod`] });
    const read = await readTree(await openLayout({ place: 'layout', path: folder.file('dist'), name: 'prod' }));
    expect(read.document.digest).to.equal(after.document.digest);
  });

  it('has no place in a file, which is only read', async () => {
    await folder.write({ 'app.tar': 'x' });
    for (const prefix of ['docker-archive', 'oci-archive', 'oci']) {
      const name = `${prefix}:${folder.file('app.tar')}`;
      const error = await rejection(requireWritable(parseImageAddress(name)));
      expect([error.code, error.hint]).to.deep.equal([
        'usage',
        'push the result with --push, or write it elsewhere: --output oci:FOLDER, --output oci-archive:FILE',
      ]);
      expect(error.message).to.include(folder.file('app.tar'));
    }
  });

  for (const name of ['oci:dist', 'oci:missing', 'registry.example.com/team/app:v1', 'docker://team/app:v1'])
    it(`may have a place where ${name} is`, async () => {
      await requireWritable(parseImageAddress(name));
    });
});
