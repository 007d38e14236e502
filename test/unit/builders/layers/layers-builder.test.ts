import { rm, symlink } from 'node:fs/promises';
import { expect } from 'chai';
import { bakeLayer } from '../../../../src/bake/bake-layer.js';
import type { AddedLayer } from '../../../../src/builders/layers/assemble-image.js';
import type { BaseFacts } from '../../../../src/builders/layers/base/base-facts.js';
import { LAYERS_LABEL, parseRecorded, type RecordedLayer } from '../../../../src/builders/layers/layer-recipe.js';
import {
  buildProjectImage,
  environmentOf,
  type ImageParts,
  type ProjectImage,
} from '../../../../src/builders/layers/layers-builder.js';
import { digestOf } from '../../../../src/image/digest.js';
import type { Image } from '../../../../src/image/image.js';
import type { Layer } from '../../../../src/image/layer.js';
import { layerSteps } from '../../../../src/image/layer-steps.js';
import { readLayer } from '../../../../src/image/read-layer.js';
import { rejection } from '../../../support/rejection.js';
import { descriptorOf, sampleImage } from '../../image/sample-image.js';
import { TemporaryFolder } from '../../temporary-folder.js';
import { DEBIAN_FACTS } from './base/facts.js';

const SITE = 'opt/venv/lib/python3.11/site-packages';
const FOLDER = { type: 'folder', mode: 0o755, uid: 0, gid: 0 } as const;
const FILES = {
  '.dockerignore': '.dockerignore\n',
  'pyproject.toml': '[tool.kedro]\n',
  ...{ 'conf/base/deep/catalog.yml': '{}', 'conf/local/.gitkeep': '', 'src/flights/nodes.py': 'x = 1\n' },
};
/** A base in which the folders that kdeploy writes into are elsewhere. */
const LINKED_FACTS: BaseFacts = {
  ...DEBIAN_FACTS,
  places: {
    ...DEBIAN_FACTS.places,
    home: { type: 'link', path: 'data/home' },
    opt: { type: 'link', path: 'data/opt' },
    data: { ...FOLDER, mode: 0o751 },
    'data/home': { ...FOLDER, mode: 0o750 },
    'data/opt': { ...FOLDER, gid: 50 },
  },
};

function added(text: string): AddedLayer {
  const open = async function* () {
    yield await Promise.resolve(Buffer.from(text));
  };
  const layer: Layer = { descriptor: descriptorOf(text), diffId: digestOf(`tar of ${text}`), open };
  return { layer, step: { createdBy: `kdeploy layers: ${text}` }, annotations: { of: text } };
}

const RECORDED: RecordedLayer = {
  ...{ key: 'a'.repeat(64), digest: digestOf('kedro'), diffId: digestOf('tar of kedro'), size: 5 },
  wheels: [{ name: 'kedro', version: '1.0', sha256: 'b'.repeat(64), roots: [`${SITE}/kedro`], omitted: [] }],
};

interface Entry {
  readonly path: string;
  /** Type, mode and owner: `directory 755 999:0`. */
  readonly shown: string;
  readonly text: string;
}

async function entriesOf(layer: Layer | undefined): Promise<Entry[]> {
  const entries: Entry[] = [];
  await readLayer(layer?.open() ?? expect.fail('no layer'), async ({ path, type, mode, uid, gid, content }) => {
    const shown = `${type ?? ''} ${mode.toString(8)} ${uid}:${gid}`;
    entries.push({ path: path.replace(/\/$/, ''), shown, text: type === 'file' ? (await content()).toString() : '' });
  });
  return entries;
}

const shownIn = (entries: readonly Entry[]) => entries.map(({ path, shown }) => `${path} ${shown}`);

describe('the image of a project', () => {
  let folder: TemporaryFolder;
  beforeEach(async () => {
    folder = await (await TemporaryFolder.create()).write(FILES);
  });
  afterEach(() => folder.remove());

  const build = (changes: Partial<ImageParts> = {}): Promise<ProjectImage> => {
    const facts = changes.facts ?? DEBIAN_FACTS;
    return buildProjectImage({
      ...{ base: sampleImage(['debian', 'python']), facts, venv: environmentOf(facts) },
      packages: { added: ['kedro', 'pandas'].map(added), recorded: [RECORDED] },
      ...{ project: folder.path, dockerfile: 'Dockerfile', confSource: 'conf', ids: { uid: 999, gid: 0 } },
      ...{ gzip: 'members', created: '2026-03-04T05:06:07Z', what: 'python:3.11' },
      ...changes,
    });
  };
  const runOf = ({ image }: ProjectImage) => image.config.value.run;
  const on = (config: object | null): Promise<ProjectImage> => build({ base: sampleImage(['debian'], { config }) });

  it('is run as kedro docker’s is', async () => {
    const built = await on({ Cmd: ['python3'], User: 'root', WorkingDir: '/', Env: ['A=1'] });
    expect(runOf(built)).to.deep.include({ user: 'kedro_docker', workingDirectory: '/home/kedro_docker' });
    expect(runOf(built)).to.deep.include({ cmd: ['kedro', 'run'], entrypoint: [] });
    const { config } = JSON.parse(built.image.config.bytes.toString()) as { config: { ExposedPorts: object } };
    expect(config.ExposedPorts).to.deep.equal({ '8888/tcp': {} });
  });

  it('keeps what the base starts its command with, and its variables', async () => {
    const run = runOf(await on({ Entrypoint: ['tini', '--'], Cmd: ['python3'], Env: ['A=1', 'PATH=/x:/y', 'B=2'] }));
    expect([run.entrypoint, run.cmd]).to.deep.equal([['tini', '--'], ['kedro', 'run']]); // prettier-ignore
    expect(run.env.toSorted()).to.deep.equal(['A=1', 'B=2', 'PATH=/opt/venv/bin:/x:/y']);
  });

  it('has the environment before the PATH that engines give a base without one', async () => {
    for (const config of [null, {}, { Env: ['PATHS=/x'] }])
      expect(runOf(await on(config)).env).to.include(
        'PATH=/opt/venv/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      );
  });

  it('says what its layers are made of, beside the labels of the base', async () => {
    const { labels } = runOf(await on({ Labels: { maintainer: 'team', [LAYERS_LABEL]: 'of another image' } }));
    expect(labels.maintainer).to.equal('team');
    expect(parseRecorded(labels[LAYERS_LABEL], SITE)).to.deep.equal([RECORDED]);
  });

  it('refuses a base whose steps only a build with Docker can run', async () => {
    const error = await rejection(on({ OnBuild: ['COPY . /app'] }));
    expect([error.code, error.message]).to.deep.equal([
      ...['configuration', 'python:3.11 has ONBUILD instructions, which only a build with Docker can run'],
    ]);
    expect(error.hint).to.contain('image.base').and.contain('--builder kedro');
    for (const config of [null, {}, { OnBuild: null }, { OnBuild: [] }]) await on(config);
  });

  describe('has layers', () => {
    it('of the base, the user and the empty environment, the packages, and the project, in this order', async () => {
      const { image, projectLayer, installed } = await build();
      const diffIds = image.layers.map(({ diffId }) => diffId);
      const known = (text: string) => digestOf(`tar of ${text}`);
      expect([0, 1, 3, 4].map((index) => diffIds[index])).to.deep.equal(
        ['debian', 'python', 'kedro', 'pandas'].map(known),
      );
      expect([diffIds.length, diffIds.at(-1)]).to.deep.equal([6, projectLayer.diffId]);
      expect(installed).to.deep.equal(diffIds.slice(0, -1));
      const steps = layerSteps(image.config.value.history, image.layers.length)?.slice(2);
      expect(steps?.map(({ createdBy }) => createdBy)).to.deep.equal([
        'kedro_docker, the user of the project, and /opt/venv',
        ...['kdeploy layers: kedro', 'kdeploy layers: pandas', 'COPY . . # kdeploy layers'],
      ]);
      expect(image.layers[3]?.descriptor.annotations).to.deep.equal({ of: 'kedro' });
    });

    it('with the user and the environment, and each path once', async () => {
      const { image } = await build({ ids: { uid: 1234, gid: 5678 } });
      const entries = await entriesOf(image.layers[2]);
      const paths = entries.map(({ path }) => path);
      expect(new Set(paths).size).to.equal(paths.length);
      expect(entries.find(({ path }) => path === 'etc/passwd')?.text).to.contain('kedro_docker:x:1234:5678:');
      expect(shownIn(entries)).to.include.members([
        ...['home directory 755 0:0', 'home/kedro_docker directory 755 1234:5678'],
        ...['opt directory 755 0:0', 'opt/venv directory 755 0:0', `${SITE} directory 755 0:0`],
      ]);
    });

    it('whose environment shows the packages of the base', async () => {
      const { image } = await build();
      const file = (await entriesOf(image.layers[2])).find(({ path }) => path === 'opt/venv/pyvenv.cfg');
      expect(file?.text).to.contain('include-system-site-packages = true\n');
    });

    it('of the project’s files, with the folders that lead to them as they are below', async () => {
      const { projectLayer } = await build({ ids: { uid: 1234, gid: 5678 } });
      const home = 'home/kedro_docker';
      const folders = ['conf', 'conf/base', 'conf/base/deep', 'conf/local', 'src', 'src/flights'];
      const files = ['conf/base/deep/catalog.yml', 'conf/local/.gitkeep', 'pyproject.toml', 'src/flights/nodes.py'];
      const entries = shownIn(await entriesOf(projectLayer));
      expect(entries.slice(0, 2)).to.deep.equal(['home directory 755 0:0', `${home} directory 755 1234:5678`]);
      expect(entries.slice(2)).to.have.members([
        ...folders.map((path) => `${home}/${path} directory 755 1234:5678`),
        ...files.map((path) => `${home}/${path} file 644 1234:5678`),
      ]);
    });

    it('that leave the working directory as the base has it', async () => {
      const places = { ...DEBIAN_FACTS.places, 'home/kedro_docker': { ...FOLDER, mode: 0o1777, uid: 7, gid: 8 } };
      const { image, projectLayer, locations } = await build({ facts: { ...DEBIAN_FACTS, places } });
      const shown = 'home/kedro_docker directory 1777 7:8';
      expect(shownIn(await entriesOf(projectLayer))).to.include(shown);
      expect(shownIn(await entriesOf(image.layers[2])).join()).not.to.contain('home/kedro_docker');
      expect(locations.folders['/home/kedro_docker']).to.deep.include({ mode: 0o1777, uid: 7, gid: 8 });
    });
  });

  describe('tells a bake', () => {
    const ROOT = { uid: 0, gid: 0, mode: 0o755, mtime: Date.UTC(2020, 0, 1) / 1000 };
    const OWN = { ...ROOT, uid: 999 };

    it('where its files are, and what leads to the folders of configuration and packages', async () => {
      const { locations } = await build();
      const { folders, ...others } = locations;
      expect(others).to.deep.equal({
        owner: { uid: 999, gid: 0 },
        real: { '/home/kedro_docker/conf': '/home/kedro_docker/conf', '/opt/kdeploy/lib': '/opt/kdeploy/lib' },
        sitePackages: [`/${SITE}`],
      });
      const conf = '/home/kedro_docker/conf';
      expect(folders).to.deep.equal({
        ...{ '/home': ROOT, '/home/kedro_docker': OWN, [conf]: OWN, [`${conf}/base`]: OWN, [`${conf}/local`]: OWN },
        ...{ '/opt': ROOT, '/opt/venv': ROOT, '/opt/venv/lib': ROOT, '/opt/venv/lib/python3.11': ROOT },
        [`/${SITE}`]: ROOT,
      });
    });

    it('of another folder of configuration, where the project has one', async () => {
      await folder.write({ 'settings/eu/base/catalog.yml': '{}' });
      const { locations } = await build({ confSource: 'settings/eu' });
      const conf = '/home/kedro_docker/settings/eu';
      expect(locations.real).to.include({ [conf]: conf });
      expect(locations.folders).to.include.keys('/home/kedro_docker/settings', conf, `${conf}/base`);
      expect(locations.folders).not.to.include.keys('/home/kedro_docker/conf');
    });

    it('where a link in the place of the folder of configuration leads, and one in the place of an environment', async () => {
      await folder.write({ 'deploy/settings/base/catalog.yml': '{}', 'deploy/eu/mlflow.yml': '' });
      await symlink('deploy/settings', folder.file('linked'));
      await symlink('../eu', folder.file('deploy/settings/prod'));
      const { locations, image } = await build({ confSource: 'linked' });
      const deploy = '/home/kedro_docker/deploy';
      expect(locations.real).to.deep.include({
        '/home/kedro_docker/linked/prod': `${deploy}/eu`,
        '/home/kedro_docker/linked': `${deploy}/settings`,
      });
      expect(locations.folders).to.include.keys(
        deploy,
        `${deploy}/settings`,
        `${deploy}/settings/base`,
        `${deploy}/eu`,
      );
      const content = Buffer.from('x');
      const files = ['linked/prod/mlflow.yml', 'linked/local/mlflow.yml'];
      const baked = files.map((file) => ({ path: `/home/kedro_docker/${file}`, content }));
      const written = (await entriesOf(await bakeLayer(baked, locations, image.manifest.mediaType))).map(
        ({ path }) => path,
      );
      expect(written).to.include.members([
        'home/kedro_docker/deploy/eu/mlflow.yml',
        'home/kedro_docker/deploy/settings/local/mlflow.yml',
      ]);
      expect(written.filter((path) => path.includes('linked') || path.includes('prod'))).to.deep.equal([]);
    });

    it('that such a link leads out of the image', async () => {
      await folder.write({ '.dockerignore': '.dockerignore\ndeploy\n', 'deploy/base/catalog.yml': '{}' });
      for (const target of ['deploy', '/etc/conf']) {
        await symlink(target, folder.file('linked'));
        const { code, message, hint } = await rejection(build({ confSource: 'linked' }));
        const place = target.startsWith('/') ? target : `/home/kedro_docker/${target}`;
        expect([code, message]).to.deep.equal([
          'bake-failed',
          `linked is a link to ${place}, which the image does not have`,
        ]);
        expect(hint).to.contain('.dockerignore');
        await rm(folder.file('linked'));
      }
    });

    it('nothing of a folder of configuration that is left out', async () => {
      await folder.write({ '.dockerignore': '.dockerignore\nconf\n' });
      expect((await build()).locations.folders).not.to.have.property('/home/kedro_docker/conf');
    });
  });

  describe('on a base with links', () => {
    it('has its files behind them, and no entry in their place', async () => {
      const { image, projectLayer } = await build({ facts: LINKED_FACTS });
      for (const layer of [image.layers[2], projectLayer])
        for (const { path } of await entriesOf(layer)) expect(path).not.to.match(/^(?:home|opt)(?:\/|$)/);
      expect(shownIn(await entriesOf(image.layers[2]))).to.include.members([
        ...['data directory 751 0:0', 'data/home directory 750 0:0', 'data/home/kedro_docker directory 755 999:0'],
        ...['data/opt directory 755 0:50', `data/${SITE} directory 755 0:0`],
      ]);
      expect(shownIn(await entriesOf(projectLayer)).slice(0, 3)).to.deep.equal([
        ...['data directory 751 0:0', 'data/home directory 750 0:0', 'data/home/kedro_docker directory 755 999:0'],
      ]);
    });

    it('is run by the names that the links have', async () => {
      const run = runOf(await build({ facts: LINKED_FACTS }));
      expect(run.workingDirectory).to.equal('/home/kedro_docker');
      expect(run.env.join()).to.contain('PATH=/opt/venv/bin:');
    });

    it('tells where folders really are, those of the runtime too, and knows no link on the way', async () => {
      const { locations, real } = await build({ facts: LINKED_FACTS });
      expect(locations.real).to.deep.equal({
        '/home/kedro_docker/conf': '/data/home/kedro_docker/conf',
        '/opt/kdeploy/lib': '/data/opt/kdeploy/lib',
      });
      expect(real).to.deep.equal({
        ...locations.real,
        ...{ '/opt/venv': '/data/opt/venv', '/home/kedro_docker': '/data/home/kedro_docker' },
      });
      expect(locations.sitePackages).to.deep.equal([`/data/${SITE}`]);
      expect(locations.folders).to.include.keys('/data', '/data/opt', `/data/${SITE}`, '/data/home/kedro_docker/conf');
      for (const path of Object.keys(locations.folders)) expect(path).to.match(/^\/data(?:\/|$)/);
    });

    it('is baked behind them: a folder in the place of the link would hide the environment', async () => {
      const { image, locations } = await build({ facts: LINKED_FACTS });
      const paths = ['/opt/kdeploy/lib/kdeploy_runtime/__init__.py', '/home/kedro_docker/conf/base/mlflow.yml'];
      const files = paths.map((path) => ({ path, content: Buffer.from(path) }));
      const layer = await bakeLayer(files, locations, image.manifest.mediaType);
      const entries = await entriesOf(layer);
      expect(entries.filter(({ text }) => text !== '').map(({ path }) => path)).to.have.members(
        paths.map((path) => `data${path}`),
      );
      for (const { path } of entries) expect(path).to.match(/^data(?:\/|$)/);
    });
  });

  describe('is the same', () => {
    const digestOfImage = ({ image }: { readonly image: Image }) => image.manifest.digest;

    it('for the same parts, in whichever folder the project is', async () => {
      const first = digestOfImage(await build());
      const elsewhere = await (await TemporaryFolder.create()).write(FILES);
      try {
        expect(digestOfImage(await build({ project: elsewhere.path }))).to.equal(first);
      } finally {
        await elsewhere.remove();
      }
    });

    it('but for its last layer, where only a file was edited', async () => {
      const before = await build();
      await folder.write({ 'src/flights/nodes.py': 'x = 2\n' });
      const after = await build();
      expect(after.installed).to.deep.equal(before.installed);
      expect(after.projectLayer.diffId).not.to.equal(before.projectLayer.diffId);
      expect(digestOfImage(after)).not.to.equal(digestOfImage(before));
    });

    it('in none of these cases', async () => {
      const changes: readonly Partial<ImageParts>[] = [
        {},
        { created: '2026-03-04T05:06:08Z' },
        { ids: { uid: 999, gid: 5 } },
        { gzip: 'single' },
        { facts: LINKED_FACTS },
        { packages: { added: [], recorded: [] } },
      ];
      const digests = [];
      for (const change of changes) digests.push(digestOfImage(await build(change)));
      expect(new Set(digests).size).to.equal(changes.length);
    });
  });
});
