import { readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';

import { expect } from 'chai';

import {
  formatRecorded,
  LAYERS_LABEL,
  parseRecorded,
  type RecordedLayer,
} from '../../src/builders/layers/layer-recipe.js';
import { GZIP_FORMS } from '../../src/builders/layers/pack/pack-layer.js';
import { digestOf } from '../../src/image/digest.js';
import type { Image } from '../../src/image/image.js';
import type { Layer } from '../../src/image/layer.js';
import { replaceLayer, withRunConfiguration } from '../../src/image/mutate.js';
import { readLayer } from '../../src/image/read-layer.js';
import { parseReference } from '../../src/image/reference.js';
import { imageIn, readTree, treeOf } from '../../src/image/tree.js';
import { writeTree } from '../../src/image/write-tree.js';
import { RegistryClient } from '../../src/places/registry/client.js';
import { RegistrySink } from '../../src/places/registry/registry-sink.js';
import { RegistrySource } from '../../src/places/registry/registry-source.js';
import { baseInRegistry } from '../support/base-in-registry.js';
import type { Outcome } from '../support/command.js';
import { run } from '../support/environment/commands.js';
import { startContainerd, type Containerd } from '../support/environment/containerd.js';
import { environment } from '../support/environment/mocha.js';
import { startEmptyPodman, type Podman } from '../support/environment/podman.js';
import { commitAll } from '../support/environment/project.js';
import { nightly } from '../support/nightly.js';
import { ensureProgram } from '../support/registries/programs.js';
import { tinyWheel } from '../support/tiny-wheel.js';
import { createWorkspace, type Workspace } from '../support/workspace.js';
import { elf, imageOfLayers, type TestEntry } from '../unit/builders/layers/base/base-images.js';

const SITE = '/opt/venv/lib/python3.11/site-packages';
const HOME = '/home/kedro_docker';
/** Of no user that the image has. */
const ANYBODY = '12345';
const REQUIREMENTS = 'iniconfig==2.1.0\npyyaml==6.0.2\n';
/** What is in it cannot be compiled. */
const BROKEN = tinyWheel('broken', '1.0', { code: 'def broken(:\n' });
const INSECURE = ['--src-tls-verify=false', '--dest-tls-verify=false'];

/** Imports what was installed, and names each folder that somebody else than root could not enter, or could write to. */
const LOOK_AROUND = [
  'import os, iniconfig, yaml',
  'stats = {folder: os.stat(folder) for folder, _, _ in os.walk("/opt/venv")}',
  'odd = [f for f, s in stats.items() if (s.st_mode & 0o7777, s.st_uid, s.st_gid) != (0o755, 0, 0)]',
  'print("imported by", os.getuid(), "of", len(stats) > 10, *odd)',
].join('\n');

/** What others do with images of the builder `layers`: engines, copying tools, later builds, Dockerfiles. */
describe('an image that is built without Docker', () => {
  let workspace: Workspace;
  let project: string;
  let base: string;
  let crane: string;
  const withoutEngine = { DOCKER_HOST: 'unix:///nonexistent/docker.sock' };

  before(async () => {
    workspace = await createWorkspace();
    [base, crane] = [await baseInRegistry(), await ensureProgram('crane')];
    project = await workspace.tinyProject('tiny');
    await rm(path.join(project, 'Dockerfile'));
    await writeFile(path.join(project, '.dockerignore'), 'conf/local\n.git\n');
    await writeFile(path.join(project, 'requirements.txt'), REQUIREMENTS);
    await writeFile(path.join(project, 'src/tiny/answer.py'), 'ANSWER = "old"\n');
    await commitAll(project, 'Need little');
    for (const form of GZIP_FORMS) {
      const cwd = await variant({
        // Where the image has no file of it.
        'conf/local/kdeploy.yml': `image: {layers: {gzip: ${form}}}\n`,
        'requirements.txt': `${REQUIREMENTS}./${BROKEN.filename}\n`,
        [BROKEN.filename]: BROKEN.bytes,
      });
      await built(name(form), { cwd });
    }
  });
  after(() => workspace.remove());

  const tool = (...command: string[]): Promise<string> => run(command, { env: environment().env });
  const docker = (...args: string[]): Promise<string> => tool('docker', ...args);
  const skopeoCopy = (...args: string[]): Promise<string> => tool('skopeo', 'copy', '--quiet', ...args);
  const name = (of: string): string => `${workspace.prefix}/${of}`;

  async function build(
    image: string,
    { cwd = project, env = {}, on = base }: { cwd?: string; env?: Readonly<Record<string, string>>; on?: string } = {},
  ): Promise<Outcome> {
    const args = ['build', '--builder', 'layers', '--no-check', '--self-test', 'never', '--push', '--json'];
    return workspace.kdeploy([...args, '--image', image, '--tag', 'v1', '--base-image', on], {
      cwd,
      env: { ...withoutEngine, ...env },
    });
  }
  /** Builds and pushes, and returns the digest with all that was said. */
  async function built(...args: Parameters<typeof build>): Promise<{ digest: string; stderr: string }> {
    const { exitCode, stdout, stderr } = await build(...args);
    expect(exitCode, stdout + stderr).to.equal(0);
    return { digest: (JSON.parse(stdout) as { readonly digest: string }).digest, stderr };
  }
  async function variant(files: Readonly<Record<string, string | Buffer>>): Promise<string> {
    const copy = await workspace.copyOf(project);
    for (const [file, content] of Object.entries(files)) await writeFile(path.join(copy, file), content);
    return copy;
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
  async function byDocker(image: string, ...dockerfile: string[]): Promise<void> {
    await run(['docker', 'build', '--quiet', '--tag', image, '-'], {
      stdin: 'pipe',
      input: dockerfile.join('\n'),
      env: environment().env,
    });
  }
  const python = (image: string, script: string, ...options: string[]): Promise<string> =>
    docker('run', '--rm', ...options, image, 'python', '-c', script);

  describe('is read', () => {
    let podman: Podman;
    let containerd: Containerd;
    before(async () => {
      [podman, containerd] = [await startEmptyPodman(), await startContainerd()];
    });
    after(async () => {
      await podman.stop();
      await containerd.stop();
    });

    it('with the same layers, in one gzip member or in many', async () => {
      const images = await Promise.all(GZIP_FORMS.map((form) => imageAt(`${name(form)}:v1`)));
      const [many, one] = images.map(({ layers }) => layers.map(({ diffId }) => diffId));
      expect(many).to.deep.equal(one);
      const packages = ({ layers }: Image): string[] =>
        layers
          .filter(({ descriptor }) => descriptor.annotations !== undefined)
          .map(({ descriptor }) => descriptor.digest);
      expect(packages(images[0]!)).to.not.be.empty.and.to.not.deep.equal(packages(images[1]!));
    });

    for (const form of GZIP_FORMS)
      describe(`with ${form === 'single' ? 'one gzip member' : 'many gzip members'} a layer`, () => {
        const image = (): string => `${name(form)}:v1`;
        // One member is what every other image has.
        const sometimes = form === 'single' ? nightly : { it };

        it('by the Docker Engine, for each user, also where nothing can be written', async () => {
          await docker('pull', '--quiet', image());
          const isReadOnly = ['--read-only', '--tmpfs', '/tmp'];
          for (const [user, options] of [
            ['999', []],
            [ANYBODY, ['--user', ANYBODY]],
            [ANYBODY, ['--user', `${ANYBODY}:${ANYBODY}`, ...isReadOnly]],
            ['999', isReadOnly],
          ] as const)
            expect(await python(image(), LOOK_AROUND, ...options)).to.equal(`imported by ${user} of True`);
        });

        sometimes.it('by Podman', async () => {
          const remote = ['podman', '--remote', '--url', podman.host];
          await run([...remote, 'pull', '--quiet', '--tls-verify=false', image()]);
          for (const user of ['999', ANYBODY]) {
            const command = [image(), 'python', '-c', LOOK_AROUND];
            const shown = await run([...remote, 'run', '--rm', '--read-only', '--user', user, ...command]);
            expect(shown).to.equal(`imported by ${user} of True`);
          }
        });

        sometimes.it('by containerd', async () => {
          await containerd.ctr('images', 'pull', '--plain-http', image());
          const command = ['/opt/venv/bin/python', '-c', LOOK_AROUND];
          const shown = await containerd.ctr('run', '--rm', image(), `reads-${form}`, ...command);
          expect(shown).to.equal('imported by 999 of True');
        });

        sometimes.it('by skopeo, which keeps its digest', async () => {
          const copy = `oci:${workspace.folder}/copied-${form}:v1`;
          await skopeoCopy('--src-tls-verify=false', `docker://${image()}`, copy);
          const judged = JSON.parse(await tool('skopeo', 'inspect', copy)) as { readonly Digest: string };
          expect(judged.Digest).to.equal((await imageAt(image())).manifest.digest);
        });

        sometimes.it('by crane, which finds all its digests right', async () => {
          expect(await tool(crane, 'validate', '--remote', image())).to.include('PASS');
        });

        sometimes.it('by docker load, from an archive with the layers as they are', async () => {
          const archive = path.join(workspace.folder, 'pulled.tar');
          await tool(crane, 'pull', image(), archive);
          await docker('rmi', '--force', image());
          await docker('load', '--quiet', '--input', archive);
          expect(await python(image(), LOOK_AROUND)).to.equal('imported by 999 of True');
        });
      });

    it('with an entry for each folder from /opt/venv down, which everybody may enter', async () => {
      const file = path.join(workspace.folder, 'exported.tar');
      await tool(crane, 'export', `${name('members')}:v1`, file);
      const listed = (await tool('tar', '--list', '--verbose', '--numeric-owner', '--file', file)).split('\n');
      const folders = listed.filter((line) => /^d.* opt\/venv(\/|$)/.test(line));
      expect(folders.length).to.be.greaterThan(10);
      expect(folders.filter((line) => !/^drwxr-xr-x +0\/0 /.test(line))).to.deep.equal([]);
    });
  });

  describe('is the cache of a machine that has none:', () => {
    let digest: string;
    let original: Image;
    const first = (): string => `${name('cached')}:first`;
    const now = (): string => `${name('cached')}:v1`;
    before(async () => {
      ({ digest } = await built(name('cached')));
      original = await imageAt(now());
      await put(original, first());
    });

    /** Whether a machine that has nothing downloads wheels, with what the tag stands for now. */
    async function builtCold(): Promise<{ digest: string; hasFetched: boolean }> {
      const cache = path.join(workspace.folder, 'cold');
      await rm(cache, { recursive: true, force: true });
      const next = await built(name('cached'), { env: { KDEPLOY_CACHE_FOLDER: cache } });
      const hasFetched = (await readdir(cache)).includes('wheels');
      expect(next.stderr.includes('; 0 of them new'), next.stderr).to.equal(!hasFetched);
      return { digest: next.digest, hasFetched };
    }

    /** The image with other claims about its layers: each gets some of what is true of another one. */
    async function putForged(forged: (of: RecordedLayer, other: RecordedLayer) => RecordedLayer): Promise<void> {
      const { run: configuration } = original.config.value;
      const recorded = parseRecorded(configuration.labels[LAYERS_LABEL], SITE.slice(1));
      expect(recorded).to.have.length.greaterThan(1);
      const claims = recorded.map((each, at) => forged(each, recorded.at(at - 1)!));
      const labels = { ...configuration.labels, [LAYERS_LABEL]: formatRecorded(claims, SITE.slice(1)) };
      await put(withRunConfiguration(original, { ...configuration, labels }, 'the image'), now());
    }

    const alterations: readonly [what: string, spares: boolean, alter: () => Promise<unknown>][] = [
      [
        'an image that an engine pulled, tagged and pushed',
        true,
        async () => {
          await docker('pull', '--quiet', first());
          await docker('tag', first(), now());
          await docker('push', '--quiet', now());
        },
      ],
      [
        'one that skopeo copied in Docker’s schema',
        true,
        () => skopeoCopy(...INSECURE, '--format', 'v2s2', `docker://${first()}`, `docker://${now()}`),
      ],
      [
        'one that a Dockerfile was built on',
        true,
        async () => {
          await docker('pull', '--quiet', first());
          await byDocker(now(), `FROM ${first()}`, 'USER root', `RUN rm -r ${SITE}/yaml`, 'USER kedro_docker');
          await docker('push', '--quiet', now());
        },
      ],
      ['one whose layers were compressed anew', false, async () => put(await compressedAnew(original), now())],
      [
        'one that claims to have wheels in the layers of others',
        false,
        () => putForged((of, { digest: foreign, size }) => ({ ...of, digest: foreign, size })),
      ],
    ];
    for (const [what, spares, alter] of alterations)
      it(`${what} ${spares ? 'spares it all wheels' : 'spares it nothing'}, and the next one is the same`, async () => {
        await alter();
        expect((await imageAt(now())).manifest.digest).not.to.equal(digest);
        expect(await builtCold()).to.deep.equal({ digest, hasFetched: !spares });
      });
  });

  describe('has wheels for its base', () => {
    const bases: readonly [what: string, architecture: string, entries: readonly TestEntry[], library: string][] = [
      ['with musl on arm64', 'arm64', musl('aarch64', 183), 'aarch64-linux-musl'],
      ['with glibc on arm64', 'arm64', glibc('aarch64', 183), 'aarch64-linux-gnu'],
    ];
    const platform = (architecture: string) => ({
      'conf/local/kdeploy.yml': `image: {platform: linux/${architecture}}\n`,
    });

    for (const [at, [what, architecture, entries, library]] of bases.entries())
      it(what, async () => {
        const on = name(`base-${at}:v1`);
        await put(await imageOfLayers([entries], { architecture }), on);
        const { stderr } = await built(name(`foreign-${at}`), { cwd: await variant(platform(architecture)), on });
        expect(stderr).to.match(/Python 3\.11\.9, (musl 1\.2|glibc 2\.36)/);
        const image = await imageAt(`${name(`foreign-${at}`)}:v1`);
        expect(image.config.value.architecture).to.equal(architecture);
        const files = await filesOf(image);
        expect(files).to.include(`${SITE.slice(1)}/yaml/_yaml.cpython-311-${library}.so`);
        expect(files).to.include(`${SITE.slice(1)}/yaml/__pycache__/loader.cpython-311.pyc`);
      });

    it('or none, where a package has no such wheel, which is named', async () => {
      const on = name('base-without-wheels:v1');
      await put(await imageOfLayers([musl('aarch64', 183)], { architecture: 'arm64' }), on);
      const wheel = tinyWheel('only-glibc', '1.0', { tag: 'cp311-cp311-manylinux_2_17_aarch64' });
      const cwd = await variant({
        ...platform('arm64'),
        'requirements.txt': '--no-index\n--find-links .\nonly-glibc==1.0\n',
        [wheel.filename]: wheel.bytes,
      });
      const { exitCode, stdout } = await build(name('without-wheels'), { cwd, on });
      expect(exitCode, stdout).to.equal(4);
      for (const part of ['only-glibc', 'musl 1.2, aarch64', '"line": 3']) expect(stdout).to.include(part);
    });
  });

  describe('on a base that brings packages', () => {
    it('has them too, also those that a .pth file leads to, and its own where both have one, of which it tells once', async () => {
      const on = name('company:v1');
      const inSite = 'RUN cd "$(python3 -c "import site; print(site.getsitepackages()[0])")" &&';
      const distribution = (of: string, version: string): string =>
        String.raw`${inSite} mkdir ${of}-${version}.dist-info && cd ${of}-${version}.dist-info && printf 'Metadata-Version: 2.1\nName: ${of}\nVersion: ${version}\n' > METADATA && echo '${of}.py,,' > RECORD`;
      await byDocker(
        on,
        `FROM ${environment().baseImage}`,
        distribution('company', '1.0'),
        distribution('iniconfig', '0.1'),
        `${inSite} echo 'WHO = "company"' | tee company.py > iniconfig.py`,
        'RUN mkdir /opt/company && echo \'WHO = "path file"\' | tee /opt/company/elsewhere.py > /opt/company/iniconfig.py',
        `${inSite} echo /opt/company > company.pth`,
      );
      await docker('push', '--quiet', on);
      const { stderr } = await built(name('on-company'), { on });
      expect(stderr.match(/iniconfig 0\.1/g), stderr).to.have.length(1);
      await docker('pull', '--quiet', `${name('on-company')}:v1`);
      const script =
        'import company, elsewhere, iniconfig; print(company.WHO, elsewhere.WHO, hasattr(iniconfig, "WHO"))';
      expect(await python(`${name('on-company')}:v1`, script)).to.equal('company path file False');
    });

    it('has the project where the base has a volume', async () => {
      const on = name('with-volume:v1');
      await byDocker(on, `FROM ${environment().baseImage}`, 'VOLUME /home', 'VOLUME /opt');
      await docker('push', '--quiet', on);
      await built(name('in-volume'), { on });
      await docker('pull', '--quiet', `${name('in-volume')}:v1`);
      const script = `${LOOK_AROUND}\nprint(open("${HOME}/src/tiny/answer.py").read())`;
      for (const user of ['999', ANYBODY])
        expect(await python(`${name('in-volume')}:v1`, script, '--user', user)).to.equal(
          `imported by ${user} of True\nANSWER = "old"\n`,
        );
    });
  });

  describe('that is changed', () => {
    const image = (): string => `${name('members')}:v1`;
    before(() => docker('pull', '--quiet', image()));

    /** What a Dockerfile makes of it. */
    async function changed(...steps: string[]): Promise<string> {
      const child = name('child:v1');
      await byDocker(child, `FROM ${image()}`, 'USER root', ...steps, 'USER kedro_docker');
      return python(
        child,
        'import sys; sys.path.insert(0, "src"); import iniconfig, tiny.answer; print(tiny.answer.ANSWER, hasattr(iniconfig, "NEW"))',
      );
    }

    it('has the project’s own files as they are now', async () => {
      expect(await changed('RUN sed -i s/old/new/ src/tiny/answer.py')).to.equal('new False');
    });

    it('has those of packages when their bytecode is deleted, as the guide says', async () => {
      const edit = `cd ${SITE} && echo "NEW = 1" >> iniconfig/__init__.py`;
      expect(await changed(`RUN ${edit}`)).to.equal('old False');
      expect(await changed(`RUN ${edit} && rm -rf iniconfig/__pycache__`)).to.equal('old True');
    });

    it('has no bytecode of a file that Python cannot compile', async () => {
      const files = await filesOf(await imageAt(image()));
      const of = (module: string): string[] =>
        files.filter(
          (file) => new RegExp(`site-packages/(__pycache__/)?${module}\\b`).test(file) && /\.pyc?$/.test(file),
        );
      expect(of('broken')).to.deep.equal([`${SITE.slice(1)}/broken.py`]);
    });

    it('can be zipped as a whole west of Greenwich', async () => {
      const script = [
        'import os, time, zipfile',
        'assert time.timezone == 8 * 3600',
        'with zipfile.ZipFile("/tmp/all.zip", "w") as archive:',
        `    for top in ("/opt/venv", "/opt/kdeploy", "${HOME}"):`,
        '        for folder, _, files in os.walk(top):',
        '            for each in (folder, *(os.path.join(folder, file) for file in files)): archive.write(each)',
        'print(len(archive.namelist()) > 100)',
      ];
      expect(await python(image(), script.join('\n'), '--env', 'TZ=PST8')).to.equal('True');
    });
  });
});

/** Without the first slash. */
async function filesOf({ layers }: Image): Promise<string[]> {
  const files: string[] = [];
  for (const layer of layers)
    await readLayer(layer.open(), ({ type, path: at }) => {
      if (type === 'file') files.push(at);
    });
  return files;
}

/** The same files, in layers that another tool compressed. */
async function compressedAnew(image: Image): Promise<Image> {
  let made = image;
  // Those of packages alone, for that of the base is large.
  for (const [index, old] of image.layers.entries()) {
    if (old.descriptor.annotations === undefined) continue;
    const chunks: Uint8Array[] = [];
    for await (const chunk of old.open()) chunks.push(chunk);
    const bytes = gzipSync(gunzipSync(Buffer.concat(chunks)), { level: 1 });
    const layer: Layer = {
      descriptor: { ...old.descriptor, digest: digestOf(bytes), size: bytes.length },
      diffId: old.diffId,
      open: async function* () {
        yield await Promise.resolve(bytes);
      },
    };
    made = replaceLayer(made, index, layer, 'the image');
  }
  return made;
}

/** A base with Python and this C library, of which nothing can be started. */
function musl(machine: string, number: number): TestEntry[] {
  const loader = `/lib/ld-musl-${machine}.so.1`;
  return [
    ...pythonFor(loader, number),
    [loader.slice(1), elf([`musl libc (${machine})\nVersion %s\n`, '1.2.4'], number)],
  ];
}

function glibc(machine: string, number: number): TestEntry[] {
  const loader = `/lib/ld-linux-${machine}.so.1`;
  const banner = 'GNU C Library (Debian GLIBC 2.36-9+deb12u14) stable release version 2.36.\n';
  return [
    ...pythonFor(loader, number),
    [loader.slice(1), elf([], number)],
    [`lib/${machine}-linux-gnu/libc.so.6`, elf([banner], number)],
  ];
}

function pythonFor(loader: string, machine: number): TestEntry[] {
  const EXECUTABLE = { mode: 0o755 };
  return [
    ['etc/passwd', 'root:x:0:0:root:/root:/bin/sh\n'],
    ['etc/group', 'root:x:0:\n'],
    ['usr/local/bin/python3.11', elf([loader, 'libpython3.11.so.1.0'], machine), EXECUTABLE],
    ['usr/local/bin/python3', { linkname: 'python3.11' }],
    ['usr/local/bin/python', { linkname: 'python3' }],
    ['usr/local/lib/libpython3.11.so.1.0', elf(['libpython3.11.so.1.0', '3.11.9'], machine), EXECUTABLE],
    ['usr/local/lib/python3.11/site-packages/', { mode: 0o755 }],
  ];
}
