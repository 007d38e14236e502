import { appendFile, mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';

import { expect } from 'chai';

import { digestOf } from '../../src/image/digest.js';
import type { Image } from '../../src/image/image.js';
import type { Layer } from '../../src/image/layer.js';
import { MEDIA_TYPES } from '../../src/image/manifest.js';
import { append } from '../../src/image/mutate.js';
import { parseReference } from '../../src/image/reference.js';
import { imageIn, readTree, treeOf } from '../../src/image/tree.js';
import { writeTree } from '../../src/image/write-tree.js';
import { RegistryClient } from '../../src/places/registry/client.js';
import { RegistrySink } from '../../src/places/registry/registry-sink.js';
import { RegistrySource } from '../../src/places/registry/registry-source.js';
import type { Outcome } from '../support/command.js';
import { run } from '../support/environment/commands.js';
import { environment } from '../support/environment/mocha.js';
import { baseInRegistry } from '../support/base-in-registry.js';
import { projectOfFewPackages } from '../support/few-packages.js';
import { createWorkspace, type Workspace } from '../support/workspace.js';
import { layerOf } from '../unit/builders/layers/base/base-images.js';

/** What does not depend on how many packages a project has: a few small ones, no self-test. */
describe('a small image that is built without Docker', () => {
  let workspace: Workspace;
  let project: string;
  let base: string;
  const withoutEngine = { DOCKER_HOST: 'unix:///nonexistent/docker.sock' };

  before(async () => {
    workspace = await createWorkspace();
    base = await baseInRegistry();
    project = await projectOfFewPackages(workspace);
  });
  after(() => workspace.remove());

  const docker = (...args: string[]): Promise<string> => run(['docker', ...args], { env: environment().env });
  const name = (of: string): string => `${workspace.prefix}/${of}`;
  const argumentsFor = (image: string, ...more: string[]): string[] => [
    ...['build', '--builder', 'layers', '--no-check', '--self-test', 'never', '--image', image, '--tag', 'v1'],
    ...(more.includes('--base-image') ? [] : ['--base-image', base]),
    ...more,
  ];
  async function build(
    args: readonly string[],
    { env = {}, cwd = project }: { env?: Readonly<Record<string, string>>; cwd?: string } = {},
  ): Promise<Outcome> {
    return workspace.kdeploy(args, { cwd, env: { ...withoutEngine, ...env } });
  }
  async function built(...[args, options]: Parameters<typeof build>): Promise<Outcome> {
    const outcome = await build(args, options);
    expect(outcome.exitCode, outcome.stdout + outcome.stderr).to.equal(0);
    return outcome;
  }
  async function imageAt(image: string): Promise<Image> {
    const reference = parseReference(image);
    return imageIn(await readTree(new RegistrySource(new RegistryClient(reference.registry), reference)), image);
  }
  async function put(image: Image, at: string): Promise<void> {
    const reference = parseReference(at);
    const sink = new RegistrySink(new RegistryClient(reference.registry), reference);
    await writeTree(treeOf(image), sink, [reference.tag ?? '']);
  }
  /** The project with other requirements and files. */
  async function variant(files: Readonly<Record<string, string>>): Promise<string> {
    const copy = await workspace.copyOf(project);
    for (const [file, text] of Object.entries(files)) await writeFile(path.join(copy, file), text);
    return copy;
  }

  describe('of a project whose conf is a link', () => {
    let docked: string;
    let linked: string;
    const create = async (folder: string) => {
      const dockerfile = ['ARG BASE_IMAGE', 'FROM $BASE_IMAGE', 'WORKDIR /home/kedro_docker', 'COPY . .'];
      const created = await workspace.tinyProject(folder, dockerfile);
      await mkdir(path.join(created, 'deploy'));
      await rename(path.join(created, 'conf'), path.join(created, 'deploy/kedro'));
      await symlink('deploy/kedro', path.join(created, 'conf'));
      await writeFile(path.join(created, 'requirements.txt'), 'iniconfig==2.1.0\n');
      return created;
    };
    before(async () => {
      docked = await create('docked');
      linked = await create('linked');
      await rm(path.join(linked, 'Dockerfile'));
    });
    const withDocker = (...more: string[]) =>
      workspace.buildTiny(docked, name('docked'), '--tag', 'v1', '--base-image', environment().baseImage, ...more);

    it('keeps the link and has what is baked behind it, as an image that Docker built', async () => {
      await withDocker();
      await built(argumentsFor(name('linked'), '--push'), { cwd: linked });
      const look = 'readlink conf; cd conf/ && find . -type f | sort; grep -c uri local/mlflow.yml';
      const [engine, layers] = await Promise.all(
        ['docked', 'linked'].map((image) =>
          docker('run', '--rm', '--entrypoint', 'sh', `${name(image)}:v1`, '-c', look),
        ),
      );
      expect(layers).to.equal(engine);
      expect(layers).to.match(/^deploy\/kedro\n(?:\.\/.*\n)*\.\/local\/mlflow\.yml\n/);
    });

    it('is refused where .dockerignore leaves out what the link leads to, with either builder', async () => {
      for (const each of [docked, linked]) await appendFile(path.join(each, '.dockerignore'), 'deploy\n');
      const { exitCode, stderr } = await build(argumentsFor(name('dangling')), { cwd: linked });
      expect(exitCode).to.equal(4);
      expect(stderr).to.contain('conf is a link to /home/kedro_docker/deploy/kedro, which the image does not have');
      const refused: unknown = await withDocker().catch((error: unknown) => error);
      expect(String(refused)).to.contain(
        'Error: /home/kedro_docker/conf is a link to a folder, which the image does not have',
      );
    });
  });

  // That it is the same each time, wherever it is built: node-versions.integration.ts.
  describe('is dated', () => {
    it('by its commit, or by SOURCE_DATE_EPOCH', async () => {
      await built(argumentsFor(name('dated'), '--push'));
      const commit = await run(['git', '-C', project, 'log', '-1', '--format=%ct']);
      expect((await imageAt(`${name('dated')}:v1`)).config.value.created).to.satisfy(
        (created: string) => Date.parse(created) === Number(commit) * 1000,
      );
      await built(argumentsFor(name('dated'), '--push'), { env: { SOURCE_DATE_EPOCH: '1700000000' } });
      expect((await imageAt(`${name('dated')}:v1`)).config.value.created).to.match(/^2023-11-14T22:13:20/);
    });

    it('to the first day that zip files know, and says so, where it would be older', async () => {
      const { stderr } = await built(argumentsFor(name('old'), '--push'), { env: { SOURCE_DATE_EPOCH: '0' } });
      expect(stderr).to.include('SOURCE_DATE_EPOCH').and.to.include('1980-01-02');
      expect((await imageAt(`${name('old')}:v1`)).config.value.created).to.match(/^1980-01-02T/);
    });
  });

  describe('on a base of ninety layers', () => {
    it('leaves nothing out, and is a base itself', async () => {
      const high = name('high:v1');
      await put(await withMoreLayers(await imageAt(base), 85), high);
      const { stderr } = await built(argumentsFor(name('on-high'), '--push', '--base-image', high));
      const { layers } = await imageAt(`${name('on-high')}:v1`);
      expect(layers.length, stderr).to.be.within(88, 122);
      const context = path.join(workspace.folder, 'child');
      await run(['mkdir', context]);
      await writeFile(path.join(context, 'file'), '');
      const child = Array.from({ length: 5 }, (_, at) => `COPY file /srv/child${at}`);
      await writeFile(path.join(context, 'Dockerfile'), [`FROM ${name('on-high')}:v1`, ...child].join('\n'));
      await docker('build', '--quiet', '--tag', name('child:v1'), context);
      const script = 'import yaml, iniconfig; print("imported")';
      expect(await docker('run', '--rm', name('child:v1'), 'python', '-c', script)).to.include('imported');
    });
  });

  describe('is not built', () => {
    const expectFailure = ({ exitCode, stdout, stderr }: Outcome, words: readonly (string | RegExp)[]): void => {
      expect(exitCode, stderr).to.be.oneOf([1, 2, 3, 4]);
      expect(stdout).to.equal('');
      for (const each of words) expect(stderr).to.match(typeof each === 'string' ? new RegExp(each) : each);
      expect(stderr).not.to.match(/\n {4}at |unexpected|report this/i);
    };

    it('with a package that does not exist, and the line that asks for it', async () => {
      const cwd = await variant({ 'requirements.txt': 'pyyaml\nkdeploy-there-is-no-such-package==1.0\n' });
      expectFailure(await build(argumentsFor(name('bad')), { cwd }), [
        'kdeploy-there-is-no-such-package',
        /requirements\.txt:2/,
      ]);
    });

    it('with versions that do not go together', async () => {
      const cwd = await variant({ 'requirements.txt': 'iniconfig==2.1.0\niniconfig==2.0.0\n' });
      expectFailure(await build(argumentsFor(name('bad')), { cwd }), [/iniconfig==2\.1\.0/, /requirements\.txt/]);
    });

    it('with a Dockerfile of its own', async () => {
      const cwd = await variant({ Dockerfile: 'FROM python:3.11\nRUN apt-get install -y jq\n' });
      expectFailure(await build(argumentsFor(name('bad')), { cwd }), ['Dockerfile', 'base image', '--builder kedro']);
    });

    it('on a base that does not exist', async () => {
      const missing = name('there-is-no-such-base:v1');
      expectFailure(await build(argumentsFor(name('bad'), '--base-image', missing)), ['there-is-no-such-base']);
    });

    it('on a base without Python', async () => {
      const empty = name('empty:v1');
      await run(['docker', 'build', '--quiet', '--tag', empty, '-'], {
        stdin: 'pipe',
        input: 'FROM scratch\nLABEL a=b\nCOPY --from=0 / /',
        env: environment().env,
        reject: false,
      });
      const tiny = await workspace.tinyProject('empty', ['FROM scratch', 'COPY pyproject.toml /']);
      await docker('build', '--quiet', '--tag', empty, tiny);
      await docker('push', '--quiet', empty);
      expectFailure(await build(argumentsFor(name('bad'), '--base-image', empty)), [/no Python|without.*Python/i]);
    });

    it('with a place that its builder does not know', async () => {
      const args = ['build', '--builder', 'kedro', '--no-check', '--output', 'oci:x', '--image', name('bad')];
      const outcome = await build(args);
      expectFailure(outcome, ['--output is for the builder layers']);
      expect(outcome.exitCode).to.equal(2);
    });
  });

  it('has a user of its own where another one in the base has the ID', async () => {
    const outcome = await build(argumentsFor(name('taken'), '--push', '--uid', '1'));
    // useradd refuses it as well, so kedro docker has no image either.
    expect(outcome.exitCode, outcome.stderr).not.to.equal(0);
    expect(outcome.stderr)
      .to.match(/\b1\b/)
      .and.to.match(/daemon|taken|exists/);
  });
});

/** As `COPY` adds them, of a file each. */
async function withMoreLayers(image: Image, count: number): Promise<Image> {
  let made = image;
  for (let at = 0; at < count; at++) {
    const tar = await layerOf([[`srv/file${at}`, String(at)]]);
    const bytes = gzipSync(tar);
    const layer: Layer = {
      descriptor: { mediaType: MEDIA_TYPES.ociLayerGzip, digest: digestOf(bytes), size: bytes.length },
      diffId: digestOf(tar),
      open: async function* () {
        yield await Promise.resolve(bytes);
      },
    };
    made = append(made, layer, { createdBy: `COPY file${at} /srv` }, 'the base');
  }
  return made;
}
