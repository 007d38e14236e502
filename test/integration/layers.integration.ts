import { appendFile, cp, readFile, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { expect } from 'chai';

import { parseReference } from '../../src/image/reference.js';
import { imageIn, readTree } from '../../src/image/tree.js';
import type { Image } from '../../src/image/image.js';
import { RegistryClient } from '../../src/places/registry/client.js';
import { RegistrySource } from '../../src/places/registry/registry-source.js';
import type { Outcome } from '../support/command.js';
import { run } from '../support/environment/commands.js';
import { environment } from '../support/environment/mocha.js';
import { baseInRegistry, copied } from '../support/base-in-registry.js';
import { keepWheels, lendWheels } from '../support/kept-wheels.js';
import { artifactsOf, runsOf, type MlflowRun } from '../support/mlflow-runs.js';
import { nightly } from '../support/nightly.js';
import { packedRepository } from '../support/packed-repository.js';
import { createWorkspace, type Workspace } from '../support/workspace.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** A kept environment's MLflow has the runs of earlier times, too. */
const EXPERIMENT = `layers-${Date.now()}`;
const PLANTED_SECRET = 'planted-9d3c-password';
const ARBITRARY_USER = '1000660000:0';
const HOME = '/home/kedro_docker';

/** What a process in the image finds, each by a command of the shell; bytecode is nothing that a project brings. */
const FOUND = {
  packages: 'python -m pip freeze',
  user: 'id',
  accounts: 'cat /etc/passwd',
  groups: 'cat /etc/group',
  folder: 'pwd',
  files: `find ${HOME} /opt/kdeploy -name __pycache__ -prune -o -printf '%p %u:%g %m %y %l\\n' | sort`,
  contents: `find ${HOME} /opt/kdeploy -name __pycache__ -prune -o -type f -print0 | sort -z | xargs -0 sha256sum`,
} as const;
type Found = Readonly<Record<keyof typeof FOUND, string>>;

/** One image, built once without Docker; from there on it is looked at, and built again where little is left to do. */
describe('an image that is built without Docker', () => {
  let workspace: Workspace;
  let project: string;
  let image: string;
  let base: string;
  /** A machine without an engine. */
  const withoutEngine = { DOCKER_HOST: 'unix:///nonexistent/docker.sock', MLFLOW_TRACKING_TOKEN: PLANTED_SECRET };
  const outcomes: Outcome[] = [];

  before(async () => {
    workspace = await createWorkspace();
    project = await workspace.project('spaceflights', { experiment: EXPERIMENT });
    await appendFile(path.join(project, '.dockerignore'), '\n.git\n');
    image = `${workspace.prefix}/spaceflights`;
    base = await baseInRegistry();
    await lendWheels(workspace.cache);
    const home = workspace.env.HOME ?? '';
    const netrc = ['pypi.org', '127.0.0.1'].map(
      (machine) => `machine ${machine} login me password ${PLANTED_SECRET}\n`,
    );
    await writeFile(path.join(home, '.netrc'), netrc.join(''), { mode: 0o600 });
    await build('--tag', 'v1', '--push');
    await keepWheels(workspace.cache);
  });
  after(() => workspace.remove());

  async function kdeploy(
    args: readonly string[],
    { env = withoutEngine, cwd = project }: { env?: Readonly<Record<string, string>>; cwd?: string } = {},
  ): Promise<Outcome> {
    const outcome = await workspace.kdeploy(args, { cwd, env });
    outcomes.push(outcome);
    return outcome;
  }
  async function succeeding(...[args, options]: Parameters<typeof kdeploy>): Promise<Outcome> {
    const outcome = await kdeploy(args, options);
    expect(outcome.exitCode, outcome.stdout + outcome.stderr).to.equal(0);
    return outcome;
  }
  const buildArguments = (name: string, ...more: string[]): string[] => [
    ...['build', '--builder', 'layers', '--image', name, '--base-image', base],
    ...more,
  ];
  const build = (...more: string[]): Promise<Outcome> => succeeding(buildArguments(image, ...more));
  const docker = (...args: string[]): Promise<string> => run(['docker', ...args], { env: environment().env });
  const skopeo = (...args: string[]): Promise<string> => run(['skopeo', ...args], { env: environment().env });
  async function imageAt(name: string): Promise<Image> {
    const reference = parseReference(name);
    return imageIn(await readTree(new RegistrySource(new RegistryClient(reference.registry), reference)), name);
  }
  async function tagsOf(name: string): Promise<readonly string[]> {
    const listed = await skopeo('list-tags', '--tls-verify=false', `docker://${name}`);
    return (JSON.parse(listed) as { readonly Tags: readonly string[] }).Tags;
  }
  const digests = ({ layers }: Image): string[] => layers.map(({ descriptor }) => descriptor.digest);
  /** Those with packages, which are above the base and below the project and the bake. */
  async function packageLayersOf(name: string): Promise<string[]> {
    const [made, below] = [await imageAt(name), await imageAt(base)];
    return digests(made).slice(below.layers.length, -2);
  }

  describe('compared with one of kedro docker', () => {
    let byLayers: Found;
    let byKedro: Found;
    const names = { layers: '', kedro: '' };
    before(async () => {
      names.layers = `${image}:v1`;
      names.kedro = `${image}:by-kedro`;
      await docker('pull', '--quiet', names.layers);
      const args = ['build', '--builder', 'kedro', '--image', image, '--tag', 'by-kedro', '--self-test', 'never'];
      await succeeding([...args, '--base-image', environment().baseImage], { env: {} });
      [byLayers, byKedro] = [await foundIn(names.layers), await foundIn(names.kedro)];
    });

    async function foundIn(name: string): Promise<Found> {
      const script = Object.values(FOUND).join('; echo ===; ');
      const parts = (await docker('run', '--rm', '--entrypoint', 'sh', name, '-c', script)).split('===\n');
      return Object.fromEntries(Object.keys(FOUND).map((what, at) => [what, parts[at]])) as Found;
    }
    const lines = (text: string): string[] => text.split('\n').filter((line) => line !== '');
    const configOf = async (name: string) => (await workspace.docker.getImage(name).inspect()).Config;

    it('has the same packages, uv apart, by which kedro docker installs them', () => {
      const installed = lines(byKedro.packages).filter((line) => !line.startsWith('uv=='));
      expect(lines(byLayers.packages)).to.deep.equal(installed);
      expect(installed.length).to.be.greaterThan(50);
    });

    it('has the same files, with the same owners, modes and contents', () => {
      expect(lines(byLayers.files)).to.deep.equal(lines(byKedro.files));
      expect(lines(byLayers.contents)).to.deep.equal(lines(byKedro.contents));
    });

    it('has the same user, a real one', () => {
      const { user, accounts, groups, folder } = byKedro;
      expect(byLayers).to.include({ user, accounts, groups, folder });
      expect(accounts).to.include(`kedro_docker:x:999:0::${HOME}:`);
    });

    it('has the same configuration', async () => {
      const [ours, theirs] = [await configOf(names.layers), await configOf(names.kedro)];
      const { User, Cmd, Entrypoint, WorkingDir, ExposedPorts } = theirs;
      expect(ours).to.deep.include({ User, Cmd, Entrypoint, WorkingDir, ExposedPorts });
      const variables = ({ Env }: { readonly Env: string[] }): string[] =>
        Env.filter((line) => !/^(PATH|VIRTUAL_ENV|KDEPLOY_\w+)=/.test(line)).sort();
      expect(variables(ours)).to.deep.equal(variables(theirs));
      expect(ours.Env.find((line) => line.startsWith('PATH='))).to.match(/^PATH=\/opt\/venv\/bin:/);
    });

    it('logs the same run to MLflow', async () => {
      const [theirs, ours] = [await loggedBy(names.kedro), await loggedBy(names.layers)];
      expect(ours).to.deep.equal(theirs);
      expect(ours).to.include({ status: 'FINISHED' });
      expect(ours.metrics).to.have.members(['r2', 'mean_absolute_error']);
    });

    async function loggedBy(name: string) {
      await docker('run', '--rm', '--volume', `${project}/data:${HOME}/data`, name);
      const [logged] = (await runsOf(environment().mlflowUri, EXPERIMENT)) as [MlflowRun];
      const keys = (pairs: readonly { readonly key: string }[]): string[] => pairs.map(({ key }) => key).sort();
      const { params, metrics, tags } = logged.data;
      return {
        status: logged.info.status,
        ...{ params: keys(params), metrics: keys(metrics), tags: keys(tags) },
        artifacts: await artifactsOf(environment().mlflowUri, logged.info.run_id),
      };
    }

    it('runs with a root that is read only, as a user whom no file knows', async () => {
      // What a run before this one wrote there, as another user.
      await run(['chmod', '--recursive', 'a+rwX', path.join(project, 'data')], { env: environment().env });
      const asAnybody = ['--read-only', '--tmpfs', '/tmp', '--user', ARBITRARY_USER];
      await docker('run', '--rm', ...asAnybody, '--volume', `${project}/data:${HOME}/data`, names.layers);
      const [logged] = await runsOf(environment().mlflowUri, EXPERIMENT);
      expect(logged?.info.status).to.equal('FINISHED');
    });

    it('has packages that every user can import', async () => {
      const imports = ['python', '-c', 'import pandas, sklearn, mlflow, kedro_mlflow; print("imported")'];
      for (const user of ['999', '0', ARBITRARY_USER])
        expect(await docker('run', '--rm', '--user', user, names.layers, ...imports), user).to.include('imported');
    });

    it('has times that a zip file can say in every time zone', async () => {
      const script = [
        'import os, zipfile, yaml, spaceflights',
        'with zipfile.ZipFile("/tmp/x.zip", "w") as z:',
        '    for module in (yaml, spaceflights): z.write(module.__file__)',
        `    z.write("${HOME}/pyproject.toml")`,
        'print("zipped")',
      ];
      const zone = ['--env', 'TZ=America/Los_Angeles', '--env', `PYTHONPATH=${HOME}/src:/opt/kdeploy/lib`];
      const command = ['run', '--rm', ...zone, names.layers, 'python', '-c', script.join('\n')];
      expect(await docker(...command)).to.include('zipped');
    });

    it('counts a project’s source that is mounted over its own, and an edited file of a package only without its bytecode', async () => {
      const source = path.join(project, 'src/spaceflights');
      const edited = path.join(workspace.folder, 'edited');
      await cp(source, edited, { recursive: true });
      await appendFile(path.join(edited, '__init__.py'), '\nEDITED = "yes"\n');
      const shown = await docker(
        ...['run', '--rm', '--env', `PYTHONPATH=${HOME}/src:/opt/kdeploy/lib`],
        ...['--volume', `${edited}:${HOME}/src/spaceflights`, names.layers],
        ...['python', '-c', 'import spaceflights; print(spaceflights.EDITED)'],
      );
      expect(shown).to.include('yes');
      const script = [
        'cd /opt/venv/lib/python3.*/site-packages/yaml',
        'echo "EDITED = 1" >> __init__.py',
        'python -c "import yaml; print(hasattr(yaml, \'EDITED\'))"',
        'rm __pycache__/__init__.*.pyc',
        'python -c "import yaml; print(hasattr(yaml, \'EDITED\'))"',
      ];
      const seen = await docker(
        ...['run', '--rm', '--user', '0', '--entrypoint', 'sh', names.layers, '-c', script.join(' && ')],
      );
      expect(seen).to.equal('False\nTrue');
    });
  });

  it('takes all layers of packages from the registry where the cache is empty, and downloads no wheel', async () => {
    const elsewhere = `${workspace.prefix}/cold`;
    await skopeo('copy', ...insecure, `docker://${image}:v1`, `docker://${elsewhere}:v1`);
    const cache = await buildCold(elsewhere, 'cold-cache');
    expect(await packageLayersOf(`${elsewhere}:v1`)).to.deep.equal(await packageLayersOf(`${image}:v1`));
    expect(await readdir(cache)).not.to.include.members(['wheels', 'layers']);
  });
  const insecure = ['--src-tls-verify=false', '--dest-tls-verify=false'];

  it('is not tested again on a machine that has nothing, where the image in the registry passed with the same content', async () => {
    const nothing = {
      KDEPLOY_CACHE_FOLDER: path.join(workspace.folder, 'untested-cache'),
      KDEPLOY_STATE_FOLDER: path.join(workspace.folder, 'untested-state'),
    };
    const args = buildArguments(image, '--tag', 'v1', '--push', '--json');
    const { stdout, stderr } = await succeeding(args, { env: { ...withoutEngine, ...nothing } });
    expect(JSON.parse(stdout)).to.include({ selfTest: 'known to pass' });
    expect(stderr).to.include(`nothing it depends on has changed since ${image}:v1 passed it`);
  });

  /** Builds on a machine that has nothing, and returns its cache. */
  async function buildCold(name: string, folder: string): Promise<string> {
    const cache = path.join(workspace.folder, folder);
    const args = buildArguments(name, '--tag', 'v1', '--self-test', 'never', '--push');
    await succeeding(args, { env: { ...withoutEngine, KDEPLOY_CACHE_FOLDER: cache } });
    return cache;
  }

  describe('by kdeploy in a container of its own', () => {
    let kdeployImage: string;
    before(async () => {
      kdeployImage = `${workspace.prefix}/kdeploy:v1`;
      const dockerfile = path.join(root, 'docker/kdeploy/Dockerfile');
      const given = ['--build-arg', `BASE=${environment().baseImage}`, '--build-arg', 'VERSION=1.2.3'];
      const wheels = path.dirname((await packedRepository()).wheel);
      await docker('build', '--quiet', '--file', dockerfile, ...given, '--tag', kdeployImage, wheels);
    });
    const mounted = () => ['--rm', '--network', 'host', '--volume', `${project}:/work:ro`];
    /** A user whom nothing belongs to, on a root that is read only. */
    const anybody = ['--read-only', '--tmpfs', '/tmp', '--tmpfs', '/home/kdeploy', '--user', '12345:54321'];
    const contained = (...args: string[]) => docker('run', ...mounted(), ...anybody, kdeployImage, ...args);

    it('says what it is', async () => {
      const { version } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8')) as { version: string };
      expect(JSON.parse(await contained('--version', '--json'))).to.include({
        kdeploy: version,
        installation: 'wheel',
      });
      const { Config } = await workspace.docker.getImage(kdeployImage).inspect();
      expect(Config.Labels).to.include({
        'org.opencontainers.image.title': 'kdeploy',
        'org.opencontainers.image.version': '1.2.3',
        'org.opencontainers.image.base.name': environment().baseImage,
      });
      expect(Config.User).not.to.be.oneOf(['', 'root', '0']);
    });

    it('is checked, by a shell of a CI system as well, which replaces the entrypoint', async () => {
      const { projects } = JSON.parse(await contained('check', '--json')) as { projects: { findings: unknown[] }[] };
      expect(projects.map(({ findings }) => findings)).to.deep.equal([[]]);
      const script = 'kdeploy check 2>&1 && git log -1';
      const printed = await docker('run', ...mounted(), '--entrypoint', '', kdeployImage, 'sh', '-c', script);
      expect(printed)
        .to.match(/no problems; logs to http/)
        .and.to.include('Build an image');
    });

    it('is the same image, whoever the work tree belongs to', async () => {
      const { digest } = (await imageAt(`${image}:v1`)).manifest;
      const built = await contained(...buildArguments(image, '--tag', 'v1', '--push', '--json'));
      expect(JSON.parse(built)).to.include({ digest, selfTest: 'known to pass' });
    });

    nightly.it('is tested there', async () => {
      const args = buildArguments(image, '--tag', 'tested', '--push', '--self-test', 'always', '--json');
      expect(JSON.parse(await contained(...args))).to.include({ selfTest: 'passed' });
    });
  });

  // For every change, layers-readers has a small image do the same in both cases.
  nightly.it('takes them as well where a copy in another format lost their annotations', async () => {
    const elsewhere = `${workspace.prefix}/v2s2`;
    await skopeo('copy', ...insecure, '--format', 'v2s2', `docker://${image}:v1`, `docker://${elsewhere}:v1`);
    const cache = await buildCold(elsewhere, 'v2s2-cache');
    expect(await packageLayersOf(`${elsewhere}:v1`)).to.deep.equal(await packageLayersOf(`${image}:v1`));
    expect(await readdir(cache)).not.to.include.members(['wheels', 'layers']);
  });

  nightly.it('is the same where an engine pushed the earlier image, compressed anew', async () => {
    const elsewhere = `${workspace.prefix}/through-engine`;
    await docker('pull', '--quiet', `${image}:v1`);
    await copied(`${image}:v1`, `${elsewhere}:v1`);
    await buildCold(elsewhere, 'engine-cache');
    const [before, after] = [await imageAt(`${image}:v1`), await imageAt(`${elsewhere}:v1`)];
    const diffIds = ({ layers }: Image): string[] => layers.map(({ diffId }) => diffId).slice(0, -1);
    expect(diffIds(after)).to.deep.equal(diffIds(before));
  });

  describe('with one more dependency', () => {
    let edited: string;
    let next: string;
    before(async () => {
      edited = await workspace.copyOf(project);
      next = `${workspace.prefix}/next`;
      await appendFile(path.join(edited, 'requirements.txt'), 'iniconfig\n');
      await succeeding(buildArguments(next, '--tag', 'v2'), { cwd: edited });
    });

    it('waits for its push, and is found by its name', async () => {
      const { stdout } = await succeeding(['inspect', `${next}:v2`, '--json'], { cwd: edited });
      expect(JSON.parse(stdout)).to.include({ foundIn: 'waiting' });
      const command = ['run', `${next}:v2`, '--', 'python', '-c', 'import iniconfig; print("imported")'];
      expect((await succeeding(command, { cwd: edited, env: {} })).stdout).to.include('imported');
    });

    it('has one layer of packages that is new', async () => {
      await succeeding(['push', `${next}:v2`], { cwd: edited });
      const [before, after] = [await packageLayersOf(`${image}:v1`), await packageLayersOf(`${next}:v2`)];
      const fresh = after.filter((digest) => !before.includes(digest));
      expect(fresh).to.have.length(1);
      expect(before.filter((digest) => !after.includes(digest))).to.have.length.lessThanOrEqual(1);
    });
  });

  it('is loaded into an engine under its ID', async () => {
    const { stdout } = await succeeding(buildArguments(image, '--tag', 'loaded', '--load', '--json'), { env: {} });
    const { id, place } = JSON.parse(stdout) as { readonly id: string; readonly place: string };
    expect(place).to.equal('engine');
    expect(await workspace.imageId(`${image}:loaded`)).to.equal(id);
  });

  it('is described by an SBOM and its provenance, and has the verdict of its self-test, which inspect finds', async () => {
    const { stdout } = await succeeding(['inspect', '--remote', `${image}:v1`, '--json']);
    const { referrers, digest } = JSON.parse(stdout) as {
      readonly digest: string;
      readonly referrers: readonly { readonly kind: string; readonly components: number | null }[];
    };
    expect(referrers.map(({ kind }) => kind)).to.have.members(['sbom', 'provenance', 'self-test']);
    expect(referrers.find(({ kind }) => kind === 'sbom')?.components).to.be.greaterThan(50);
    expect(await tagsOf(image)).to.include(digest.split('@').at(-1)?.replace(':', '-'));
  });

  describe('of a project that would not log', () => {
    for (const [what, file, text] of [
      ['its settings raise an error', 'src/spaceflights/settings.py', 'raise RuntimeError("no settings today")\n'],
      ['its hook is switched off', 'src/spaceflights/settings.py', 'DISABLE_HOOKS_FOR_PLUGINS = ("kedro_mlflow",)\n'],
    ] as const)
      it(`is not there: ${what}`, async () => {
        const broken = await workspace.copyOf(project);
        await appendFile(path.join(broken, file), text);
        const args = buildArguments(`${workspace.prefix}/broken`, '--tag', 'v1', '--push', '--no-check');
        const { exitCode, stderr } = await kdeploy(args, { cwd: broken });
        expect(exitCode, stderr).to.equal(4);
        const listed = await skopeo('list-tags', '--tls-verify=false', `docker://${workspace.prefix}/broken`).catch(
          (error: unknown) => String(error),
        );
        expect(listed).not.to.include('v1"');
      });
  });

  describe('written into a layout', () => {
    let layout: string;
    before(async () => {
      layout = path.join(workspace.folder, 'layout');
      await build('--tag', 'v1', '--output', `oci:${layout}`);
    });

    it('is the same, and is read by other clients', async () => {
      const judged = JSON.parse(await skopeo('inspect', `oci:${layout}:v1`)) as { readonly Digest: string };
      expect(judged.Digest).to.equal((await imageAt(`${image}:v1`)).manifest.digest);
    });

    it('has no secret, nor has the cache, and none was shown', async () => {
      for (const { stdout, stderr } of outcomes) expect(stdout + stderr).not.to.include(PLANTED_SECRET);
      const kept = ['--recursive', '--files-with-matches', PLANTED_SECRET, layout, workspace.cache];
      expect(await run(['grep', ...kept], { reject: false })).to.equal('');
      // Those of wheels alone are larger, and the same for everybody.
      const search = `find "$1" -type f -size -2000k | while read -r file; do zcat -f "$file"; done | grep -c "$2"`;
      const blobs = path.join(layout, 'blobs');
      expect(await run(['sh', '-c', search, 'sh', blobs, PLANTED_SECRET], { reject: false })).to.equal('0');
      expect(await run(['sh', '-c', search, 'sh', blobs, 'kedro_mlflow'], { reject: false })).not.to.equal('0');
    });
  });
});
