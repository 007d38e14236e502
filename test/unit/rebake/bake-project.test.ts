import { access, readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'chai';
import { parseImageAddress, type FileAddress, type OutputAddress } from '../../../src/image/address.js';
import { parseReference } from '../../../src/image/reference.js';
import { readTree, treeOf, type ManifestTree } from '../../../src/image/tree.js';
import { writeTree } from '../../../src/image/write-tree.js';
import { LayoutSink } from '../../../src/places/layout/layout-sink.js';
import { openLayout } from '../../../src/places/layout/open-layout.js';
import { writeOutput } from '../../../src/places/layout/write-output.js';
import { bakeProject, type BakeProjectOptions } from '../../../src/rebake/bake-project.js';
import { StateFolder } from '../../../src/state-folder.js';
import { outputAddress } from '../../../src/ui/image-address.js';
import { rejection } from '../../support/rejection.js';
import { settingsWith } from '../../support/settings.js';
import { bakedSample } from '../bake/baked-sample.js';
import { AMD64, ARM64, sampleIndex, UNKNOWN } from '../image/sample-index.js';
import { sampleImage } from '../image/sample-image.js';
import { RecordingProgress } from '../recording-progress.js';
import { TemporaryFolder } from '../temporary-folder.js';

const ALLOWANCES = { allowUnbaked: false, allowLostRuns: false, allowSecrets: false };

describe('an image of a project that is baked again', () => {
  let folder: TemporaryFolder;
  let progress: RecordingProgress;
  let dist: string;

  beforeEach(async () => {
    [folder, progress] = [await TemporaryFolder.create(), new RecordingProgress()];
    dist = folder.file('dist');
    await put(treeOf(bakedSample()));
  });
  afterEach(() => folder.remove());

  const put = (tree: ManifestTree, tag = 'v1') => writeTree(tree, new LayoutSink(dist), [tag]);
  const layout = (name: string) => parseImageAddress(`oci:${folder.file(name)}`) as FileAddress;
  const into = (name: string, transport: OutputAddress['transport'] = 'oci'): OutputAddress =>
    outputAddress(`${transport}:${folder.file(name)}`);
  const bake = (changes: Partial<BakeProjectOptions> = {}) =>
    bakeProject(
      {
        address: layout('dist:v1'),
        settings: settingsWith(),
        report: {
          tracking: {
            uri: 'https://production.example.com',
            registryUri: undefined,
            experiment: 'flights',
            source: undefined,
            registrySource: undefined,
          },
          trackingConfig: undefined,
        },
        ...{ env: 'local', isDefaultEnv: true, confSource: 'conf', kdeployVersion: '1.2.3', allowUntested: true },
        ...{ tags: ['prod'], repository: undefined, output: undefined, push: undefined },
        ...{ isDryRun: false, plainHttp: false, environment: {} },
        state: new StateFolder(folder.file('state')),
        ...changes,
      },
      progress,
      new AbortController().signal,
    );
  const read = async (name: string) => readTree(await openLayout(layout(name)));
  /** All that is in the folder, by its content. */
  const content = async () => {
    const names = await readdir(folder.path, { recursive: true });
    const files = names.sort().map(async (name) => {
      const file = path.join(folder.path, name);
      return [name, (await stat(file)).isFile() ? (await readFile(file)).toString('latin1') : ''] as const;
    });
    return Promise.all(files);
  };
  const exists = (name: string) =>
    access(folder.file(name)).then(
      () => true,
      () => false,
    );

  it('goes into the layout that it is in, beside what it was', async () => {
    const before = await read('dist:v1');
    const { baked, ...placed } = await bake();
    expect(placed).to.deep.equal({ place: 'layout', id: undefined, names: [`oci:${dist}:prod`], pushed: undefined });
    expect((await read('dist:v1')).document.digest).to.equal(before.document.digest);
    expect((await read('dist:prod')).document.digest).to.equal(baked.after.document.digest);
    expect(baked.after.document.digest).not.to.equal(before.document.digest);
    expect(baked.platforms[0]?.after.config.value.run.env).to.include(
      'MLFLOW_TRACKING_URI=https://production.example.com',
    );
  });

  it('takes the place of what it was under the same tag', async () => {
    const { baked } = await bake({ tags: ['v1'] });
    expect((await read('dist:v1')).document.digest).to.equal(baked.after.document.digest);
  });

  it('is the same image again where it is baked so already, which is said', async () => {
    const { baked } = await bake();
    const again = await bake({ address: layout('dist:prod') });
    expect(again.baked.after.document.digest).to.equal(baked.after.document.digest);
    expect(progress.said).to.include('result it is baked so already');
  });

  it('gets tags with its own commit filled in', async () => {
    expect((await bake({ tags: ['{git.sha}-{env}', 'latest'] })).names).to.deep.equal([
      `oci:${dist}:abc-local`,
      `oci:${dist}:latest`,
    ]);
  });

  it('says nowhere that it comes from a repository, for it was in a file', async () => {
    const { baked } = await bake();
    expect(baked.from).to.equal(undefined);
    expect(baked.platforms[0]?.after.config.value.run.labels).not.to.have.property('io.kdeploy.baked-from');
  });

  describe('is called', () => {
    const names: readonly [what: string, changes: Partial<BakeProjectOptions>, name: string][] = [
      [
        'as the user says',
        {
          repository: parseReference('registry.example.com/team/other'),
          settings: settingsWith({ image: { name: 'registry.example.com/team/configured' } }),
        },
        'registry.example.com/team/other:prod',
      ],
      [
        'as the project is configured',
        { settings: settingsWith({ image: { name: 'registry.example.com/team/configured' } }) },
        'registry.example.com/team/configured:prod',
      ],
      ['as before by default', {}, 'registry.example.com/team/app:staging'],
    ];
    for (const [what, changes, name] of names)
      it(what, async () => {
        const { baked } = await bake(changes);
        expect(baked.platforms[0]?.after.config.value.run.env).to.include(`KDEPLOY_IMAGE=${name}`);
      });
  });

  describe('goes into another layout', () => {
    it('under its tags, and leaves the one that it is in alone', async () => {
      const before = await readFile(path.join(dist, 'index.json'), 'utf8');
      const { baked, place, names } = await bake({ output: into('out'), tags: ['a', 'b'] });
      expect([place, names]).to.deep.equal(['layout', [`oci:${folder.file('out')}:a`, `oci:${folder.file('out')}:b`]]);
      for (const tag of ['a', 'b'])
        expect((await read(`out:${tag}`)).document.digest).to.equal(baked.after.document.digest);
      expect(await readFile(path.join(dist, 'index.json'), 'utf8')).to.equal(before);
    });

    it('under the name that the layout’s address has, and its tags, each once', async () => {
      const { names, baked } = await bake({ output: into('out:named'), tags: ['a', 'named'] });
      expect(names).to.deep.equal(['named', 'a'].map((name) => `oci:${folder.file('out')}:${name}`));
      expect((await read('out:a')).document.digest).to.equal(baked.after.document.digest);
    });

    it('without a name, and is found there by what is told', async () => {
      const { baked, names } = await bake({ output: into('out'), tags: [] });
      const { digest } = baked.after.document;
      expect(names).to.deep.equal([`oci:${folder.file('out')}@${digest}`]);
      for (const name of ['out', `out@${digest}`]) expect((await read(name)).document.digest).to.equal(digest);
    });

    it('with all its platforms', async () => {
      await put(
        sampleIndex([AMD64, treeOf(bakedSample())], [ARM64, treeOf(bakedSample({ architecture: 'arm64' }))]),
        'both',
      );
      const { baked } = await bake({ address: layout('dist:both'), output: into('out') });
      expect(baked.platforms.map(({ platform }) => platform)).to.deep.equal(['linux/amd64', 'linux/arm64']);
      const written = await read('out:prod');
      expect(written.children.map(({ entry }) => entry.platform)).to.deep.equal([AMD64, ARM64]);
    });
  });

  describe('goes into a TAR file', () => {
    it('under the name that its address has, and its tags', async () => {
      const { baked, place, names } = await bake({ output: into('out.tar:named', 'oci-archive'), tags: ['a'] });
      const path = folder.file('out.tar');
      expect([place, names]).to.deep.equal(['layout', [`oci-archive:${path}:named`, `oci-archive:${path}:a`]]);
      for (const tag of ['named', 'a'])
        expect((await read(`out.tar:${tag}`)).document.digest).to.equal(baked.after.document.digest);
      expect(progress.said).to.include(`step write oci-archive:${path}`);
    });

    it('without a name, in the place of what it was baked from, with all its platforms', async () => {
      const both = sampleIndex([AMD64, treeOf(bakedSample())], [ARM64, treeOf(bakedSample({ architecture: 'arm64' }))]);
      const output = into('both.tar', 'oci-archive');
      await writeOutput(both, output, { tags: ['v1'] }, new AbortController().signal);
      const { baked, names } = await bake({ address: layout('both.tar:v1'), output, tags: [] });
      const { digest } = baked.after.document;
      expect(digest).not.to.equal(both.document.digest);
      expect(names).to.deep.equal([`oci-archive:${output.path}@${digest}`]);
      const written = await read('both.tar');
      expect(written.document.digest).to.equal(digest);
      expect(written.children.map(({ entry }) => entry.platform)).to.deep.equal([AMD64, ARM64]);
      expect((await readdir(folder.path)).sort()).to.deep.equal(['both.tar', 'dist']);
    });

    it('of a folder that exists, or the image is not even looked for', async () => {
      const output = into('missing/out.tar', 'oci-archive');
      const { code, message } = await rejection(bake({ address: layout('dist:v9'), output }));
      expect([code, message.includes('there is no folder')]).to.deep.equal(['usage', true]);
    });
  });

  it('is shown in a dry run, and written nowhere', async () => {
    const before = await content();
    const { baked, ...placed } = await bake({ isDryRun: true, tags: [] });
    expect(placed).to.deep.equal({ place: undefined, id: undefined, names: [], pushed: undefined });
    expect(baked.after.document.digest).not.to.equal(baked.before.document.digest);
    expect(await content()).to.deep.equal(before);
  });

  describe('is refused, with nothing written,', () => {
    const untracked = { tracking: undefined, trackingConfig: undefined };
    const cases: readonly [what: string, changes: () => Partial<BakeProjectOptions>, code: string, words: string][] = [
      ['by a project that logs nowhere', () => ({ report: untracked }), 'configuration', 'set up to log nowhere'],
      ['with a tag that cannot be filled in', () => ({ tags: ['{git.branch}'] }), 'configuration', 'branch'],
      ['with a tag that no registry takes', () => ({ tags: ['a b'] }), 'usage', 'a b'],
      ['where it is not there', () => ({ address: layout('dist:v9') }), 'image-not-found', 'v9'],
      ['where there is no layout', () => ({ address: layout('lost') }), 'image-not-found', 'no file or folder'],
      [
        'where no name is given to push it under',
        () => ({ push: ALLOWANCES }),
        'usage',
        'has no name to push it under',
      ],
      ['where its self-test covers less', () => ({ allowUntested: false }), 'image-unusable', 'does not cover'],
      ['by an older kdeploy', () => ({ kdeployVersion: '1.2.2' }), 'image-unusable', 'newer than this one'],
    ];
    for (const [what, changes, code, words] of cases)
      for (const output of ['in place', 'into another layout'])
        it(`${what}, ${output}`, async () => {
          const before = await content();
          const error = await rejection(bake({ ...(output !== 'in place' && { output: into('out') }), ...changes() }));
          expect([error.code, error.message.includes(words)], error.message).to.deep.equal([code, true]);
          expect(await content()).to.deep.equal(before);
        });

    it('in a dry run, too, with a tag that cannot be filled in', async () => {
      expect((await rejection(bake({ isDryRun: true, tags: ['{version}'] }))).code).to.equal('configuration');
    });

    it('where one of its platforms cannot be baked', async () => {
      const foreign = treeOf(sampleImage(['base'], { architecture: 'arm64' }));
      await put(sampleIndex([AMD64, treeOf(bakedSample())], [ARM64, foreign]), 'both');
      const before = await content();
      const error = await rejection(bake({ address: layout('dist:both'), output: into('out') }));
      expect(error.message).to.include('(linux/arm64) was not built by kdeploy');
      expect(await content()).to.deep.equal(before);
    });

    it('where there is nothing but attestations', async () => {
      await put(sampleIndex([UNKNOWN, treeOf(sampleImage(['sbom']))]), 'sbom');
      expect((await rejection(bake({ address: layout('dist:sbom') }))).message).to.include(
        'is an index without any image',
      );
    });

    it('where the other layout’s folder has something else in it', async () => {
      await folder.write({ 'out/notes.txt': 'mine' });
      const error = await rejection(bake({ output: into('out') }));
      expect(error.code).to.equal('usage');
      expect(await readdir(folder.file('out'))).to.deep.equal(['notes.txt']);
      expect(await exists('state')).to.equal(false);
    });
  });
});
