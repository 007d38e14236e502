import { readdir } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { expect } from 'chai';
import { extract } from 'tar-stream';
import { placeValue, type PlaceValueParts, type ValuePlace } from '../../../src/builders/place-value.js';
import { KdeployError } from '../../../src/errors.js';
import { digestOf } from '../../../src/image/digest.js';
import type { Image } from '../../../src/image/image.js';
import { MEDIA_TYPES } from '../../../src/image/manifest.js';
import { parseReference } from '../../../src/image/reference.js';
import type { ReferrerSink } from '../../../src/image/sink.js';
import { imageIn, readTree } from '../../../src/image/tree.js';
import { waitingImages } from '../../../src/locate/locate-parts.js';
import { openLayout } from '../../../src/places/layout/open-layout.js';
import type { Target } from '../../../src/promote/publish-tree.js';
import { StateFolder } from '../../../src/state-folder.js';
import { attachReferrers } from '../../../src/supply-chain/attach.js';
import { provenanceReferrer, sbomReferrer } from '../../../src/supply-chain/referrer.js';
import { outputAddress } from '../../../src/ui/image-address.js';
import { rejection } from '../../support/rejection.js';
import { sampleImage } from '../image/sample-image.js';
import { FakeEngine, json, nothing, records, refuse } from '../places/engine/fake-engine.js';
import { bytesOf } from '../places/layout/sample-layout.js';
import { RecordingProgress } from '../recording-progress.js';
import { TemporaryFolder } from '../temporary-folder.js';

const CREATED = '2026-01-02T03:04:05Z';
const APP = parseReference('registry.example.com/team/app');
const TARGETS = ['v1', 'latest'].map((tag) => APP.withTag(tag) as Target);
const NAMES = ['registry.example.com/team/app:v1', 'registry.example.com/team/app:latest'];
const FAILURE = new KdeployError('self-test-failed', 'the image logs nowhere');

type Place = Exclude<ValuePlace, { readonly kind: 'registry' }>;

describe('where an image that was built without an engine goes', () => {
  let folder: TemporaryFolder;
  let progress: RecordingProgress;
  beforeEach(async () => {
    [folder, progress] = [await TemporaryFolder.create(), new RecordingProgress()];
  });
  afterEach(() => folder.remove());

  const base = sampleImage(['base']);
  const image = sampleImage(['base', 'packages', 'project']);
  const { digest } = image.manifest;
  const { signal } = new AbortController();
  const state = () => new StateFolder(folder.file('state'));
  const attach = async (sink: ReferrerSink): Promise<void> => {
    const subject = { mediaType: MEDIA_TYPES.ociManifest, digest, size: image.manifest.bytes.length };
    const referrers = [
      sbomReferrer(Buffer.from('{"bomFormat":"CycloneDX"}'), subject, CREATED),
      provenanceReferrer(Buffer.from('{"_type":"x"}'), subject, CREATED),
    ];
    await attachReferrers(referrers, { sink, note: (text) => progress.note(text), isRequired: true });
  };
  const place = (where: Place, parts: Partial<PlaceValueParts> = {}, what: Image = image) =>
    placeValue(
      where,
      what,
      {
        ...{ targets: TARGETS, attach, test: Promise.resolve(), state: state(), plainHttp: false },
        base: { image: base, from: undefined },
        ...parts,
      },
      progress,
      signal,
    );
  const layout = (name: string) => ({ kind: 'layout', address: outputAddress(name) }) as const;
  const read = async (path: string, name?: string) => {
    const source = await openLayout({ place: 'layout', path, ...(name !== undefined && { name }) });
    const found = await imageIn(await readTree(source), source.name);
    for (const { descriptor } of found.layers) await bytesOf(source.blob(descriptor));
    const types = (await source.referrers?.(digest))?.map(({ artifactType }) => artifactType);
    return { digest: found.manifest.digest, types };
  };
  /** A test that takes long, and what is in the folder meanwhile. */
  const slowTest = (outcome: () => void) => {
    const seen: Record<string, string[]> = {};
    const test = setTimeout(100).then(async () => {
      seen.names = (await readdir(folder.path)).sort();
      outcome();
    });
    test.catch(() => undefined);
    return { test, seen };
  };
  const fail = () => {
    throw FAILURE;
  };

  for (const [what, transport, name] of [
    ['a folder', 'oci', 'dist'],
    ['a TAR file', 'oci-archive', 'app.tar'],
  ] as const)
    describe(`into a layout in ${what}`, () => {
      const output = () => `${transport}:${folder.file(name)}`;

      it('under its tags, with what describes it', async () => {
        const placed = await place(layout(output()));
        expect(placed).to.deep.equal({ place: 'layout', names: [`${output()}:v1`, `${output()}:latest`] });
        for (const tag of ['v1', 'latest', digest])
          expect(await read(folder.file(name), tag)).to.deep.equal({
            digest,
            types: ['application/vnd.cyclonedx+json', 'application/vnd.in-toto+json'],
          });
        expect(progress.said).to.include(`step write ${output()}`);
        expect(progress.said.at(-1)).to.equal('update 4 of 4 blobs');
        expect(await readdir(folder.path)).to.deep.equal([name]);
      });

      it('under the name that the user gives it besides, each once', async () => {
        const named = await place(layout(`${output()}:mine`));
        expect(named.names).to.deep.equal(['mine', 'v1', 'latest'].map((tag) => `${output()}:${tag}`));
        const again = await place(layout(`${output()}:latest`));
        expect(again.names).to.deep.equal(['latest', 'v1'].map((tag) => `${output()}:${tag}`));
        expect((await read(folder.file(name), 'v1')).digest).to.equal(digest);
      });

      it('is not found before its test has passed', async () => {
        const { test, seen } = slowTest(() => undefined);
        await place(layout(output()), { test });
        expect(seen.names?.filter((each) => !each.startsWith('.kdeploy-'))).to.deep.equal(
          transport === 'oci' ? ['dist'] : [],
        );
        expect((await read(folder.file(name), 'v1')).digest).to.equal(digest);
      });

      it('is not found at all where its test fails', async () => {
        const { test } = slowTest(fail);
        expect(await rejection(place(layout(output()), { test }))).to.equal(FAILURE);
        expect(await readdir(folder.path)).to.deep.equal(transport === 'oci' ? ['dist'] : []);
        if (transport === 'oci')
          expect((await rejection(read(folder.file(name), 'v1'))).message).to.include('no index.json');
      });

      it('leaves what was there before where its test fails', async () => {
        await place(layout(output()));
        const other = sampleImage(['other']);
        expect(await rejection(place(layout(output()), { test: slowTest(fail).test }, other))).to.equal(FAILURE);
        expect((await read(folder.file(name), 'v1')).digest).to.equal(digest);
        expect(await readdir(folder.path)).to.deep.equal([name]);
      });

      it('is where it was asked for, or nowhere, where a layer cannot be read', async () => {
        const gone = new KdeployError('registry-unreachable', 'the registry has gone');
        const [first, ...others] = image.layers;
        const broken = {
          ...first!,
          // eslint-disable-next-line @typescript-eslint/require-await
          async *open(): AsyncGenerator<Uint8Array> {
            yield Buffer.from('b');
            throw gone;
          },
        };
        const failure = place(layout(output()), {}, { ...image, layers: [broken, ...others] });
        expect(await rejection(failure)).to.equal(gone);
        expect(await readdir(folder.path)).to.deep.equal(transport === 'oci' ? ['dist'] : []);
      });
    });

  it('into a TAR file replaces the file as a whole, with images of other names', async () => {
    const path = folder.file('app.tar');
    await place(layout(`oci-archive:${path}:old`));
    await place(layout(`oci-archive:${path}`), {}, sampleImage(['other']));
    expect((await rejection(read(path, 'old'))).code).to.equal('image-not-found');
  });

  describe('waits on this machine', () => {
    const find = (name: Target) => waitingImages({ state: state(), signal }).find(name);

    it('under all its names', async () => {
      expect(await place({ kind: 'waiting' })).to.deep.equal({ place: 'waiting', names: NAMES });
      for (const target of TARGETS) {
        const source = await find(target);
        expect((await source?.root())?.digest).to.equal(digest);
        expect(await source?.referrers?.(digest)).to.have.length(2);
      }
      expect(progress.said[0]).to.equal(`step keep ${NAMES.join(', ')} for the push`);
    });

    it('without the layers that its base has in its registry', async () => {
      const repository = parseReference('registry.example.com/python');
      const from = repository.withDigest(digestOf('python'));
      const [first, ...others] = image.layers;
      const built = { ...image, layers: [{ ...first!, from: repository }, ...others] };
      await place({ kind: 'waiting' }, { base: { image: base, from } }, built);
      const blobs = await readdir(folder.file('state/waiting-images/blobs/sha256'));
      expect(blobs).not.to.include(digestOf('base').slice('sha256:'.length));
      expect(blobs).to.include(digestOf('project').slice('sha256:'.length));
    });

    it('under none where its test fails', async () => {
      const { test } = slowTest(fail);
      expect(await rejection(place({ kind: 'waiting' }, { test }))).to.equal(FAILURE);
      for (const target of TARGETS) expect(await find(target)).to.equal(undefined);
    });
  });

  describe('into the engine', () => {
    let engine: FakeEngine;
    let before: string | undefined;
    beforeEach(async () => {
      engine = await FakeEngine.start();
      engine.on('GET /_ping', nothing(200));
      before = process.env.DOCKER_HOST;
      process.env.DOCKER_HOST = `unix://${engine.socket}`;
    });
    afterEach(async () => {
      if (before === undefined) delete process.env.DOCKER_HOST;
      else process.env.DOCKER_HOST = before;
      await engine.stop();
    });

    /** As an engine that gets the image by its archive, and moves tags. */
    const takeIn = (id: string) => {
      const described = json({ Id: id, Config: {}, RootFS: { Layers: image.layers.map(({ diffId }) => diffId) } });
      engine.on('POST /images/load', (response, request) => {
        void archivedTag(request.body).then((tag) => {
          engine.on(`GET /images/${tag}/json`, described).on(`DELETE /images/${tag}`, nothing(200));
          records({ stream: 'Loaded image' })(response, request);
        });
      });
      engine.on(`POST /images/${id}/tag`, (response, request) => {
        const name = `${request.query.get('repo') ?? ''}:${request.query.get('tag') ?? ''}`;
        engine.on(`GET /images/${name}/json`, described);
        nothing(201)(response, request);
      });
    };

    it('under its names, and waits under none of them any more', async () => {
      await place({ kind: 'waiting' });
      const { digest: id } = image.config;
      takeIn(id);
      expect(await place({ kind: 'engine' })).to.deep.equal({ place: 'engine', names: NAMES, engineId: id });
      const tags = engine.requests.filter(({ path }) => path === `/images/${id}/tag`);
      expect(tags.map(({ query }) => [query.get('repo'), query.get('tag')])).to.deep.equal([
        ['registry.example.com/team/app', 'v1'],
        ['registry.example.com/team/app', 'latest'],
      ]);
      for (const target of TARGETS)
        expect(await waitingImages({ state: state(), signal }).find(target)).to.equal(undefined);
    });

    it('not at all where it does not answer as one, with what waits left as it is', async () => {
      await place({ kind: 'waiting' });
      engine.on('POST /images/load', refuse(500, 'no space left on device'));
      const { code, message } = await rejection(place({ kind: 'engine' }));
      expect([code, message.includes('no space left on device')]).to.deep.equal(['engine-unreachable', true]);
      expect(await waitingImages({ state: state(), signal }).find(TARGETS[0]!)).not.to.equal(undefined);
    });

    it('is not even asked where the test fails', async () => {
      const { test } = slowTest(fail);
      expect(await rejection(place({ kind: 'engine' }, { test }))).to.equal(FAILURE);
      expect(engine.asked).to.deep.equal([]);
    });
  });
});

/** The tag that the manifest.json of `docker save` gives the image. */
async function archivedTag(archive: Buffer): Promise<string> {
  const tar = extract();
  tar.end(archive);
  let tag = '';
  for await (const entry of tar) {
    const content = (await bytesOf(entry as AsyncIterable<Uint8Array>)).toString();
    if (entry.header.name === 'manifest.json') [tag] = (JSON.parse(content) as [{ RepoTags: [string] }])[0].RepoTags;
  }
  return tag;
}
