import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { expect } from 'chai';
import type Docker from 'dockerode';

import { EngineContainers } from '../../src/places/engine/containers.js';
import { EngineImages } from '../../src/places/engine/images.js';
import { parseLocations } from '../../src/image/locations.js';
import { parseReference } from '../../src/image/reference.js';
import { pipelinesOf } from '../../src/inspect/pipelines.js';
import { StateFolder } from '../../src/state-folder.js';
import { run } from '../support/environment/commands.js';
import { environment } from '../support/environment/mocha.js';
import type { Outcome } from '../support/command.js';
import { runsOf, type MlflowRun } from '../support/mlflow-runs.js';
import { createWorkspace, type Workspace } from '../support/workspace.js';

/** A kept environment's MLflow has the runs of earlier times, too. */
const EXPERIMENT = `the-main-job-${Date.now()}`;
const PLANTED_SECRET = 'planted-8c1f-password';

/** The way of a user, one command after the other; each test looks at what one of them left. */
describe('the main job, from a Kedro project to a tracked image in a registry', () => {
  let workspace: Workspace;
  let project: string;
  let image: string;
  const outcomes: Record<string, Outcome> = {};
  let built: Docker.ImageInspectInfo;
  let byKedroDocker: Docker.ImageInspectInfo;
  let container: { readonly output: string; readonly runs: readonly MlflowRun[] };

  before(async () => {
    workspace = await createWorkspace();
    const { baseImage, mlflowUri, env } = environment();
    project = await workspace.project('spaceflights', { experiment: EXPERIMENT });
    await writeFile(path.join(project, 'conf', 'local', 'credentials.yml'), `warehouse: ${PLANTED_SECRET}\n`);
    image = `${workspace.prefix}/spaceflights`;
    const kdeploy = async (...args: string[]): Promise<void> => {
      outcomes[args[0]!] = await workspace.kdeploy(args, {
        cwd: project,
        env: { MLFLOW_TRACKING_TOKEN: PLANTED_SECRET },
      });
    };
    await kdeploy('init');
    await kdeploy('check');
    await kdeploy('build', '--image', image, '--tag', 'v1', '--base-image', baseImage);
    built = await workspace.docker.getImage(`${image}:v1`).inspect();
    await kdeploy('push');

    const docker = (...args: string[]): Promise<string> => run(['docker', ...args], { env, all: true });
    const reference = outcomes.push!.stdout.trim();
    await docker('rmi', '--no-prune', '--force', `${image}:v1`, reference);
    await docker('pull', '--quiet', reference);
    const output = await docker('run', '--rm', '--volume', `${project}/data:/home/kedro_docker/data`, reference);
    container = { output, runs: await runsOf(mlflowUri, EXPERIMENT) };

    const plain = ['--uid', '999', '--gid', '0', '--base-image', baseImage, '--image', `${image}:by-kedro-docker`];
    await run([environment().kedro, 'docker', 'build', ...plain], { cwd: project, env });
    byKedroDocker = await workspace.docker.getImage(`${image}:by-kedro-docker`).inspect();
  });
  after(() => workspace.remove());

  it('succeeds at every step', () => {
    const failed = Object.entries(outcomes).filter(([, { exitCode }]) => exitCode !== 0);
    expect(failed.map(([name, { stderr }]) => `${name}: ${stderr}`)).to.deep.equal([]);
  });

  it('prints nothing but the result on stdout', () => {
    expect(outcomes.init?.stdout).to.equal('conf/base/kdeploy.yml\n');
    expect(outcomes.check?.stdout).to.match(
      /^warning: the image would contain the Git repository .*\[build-context-has-no-git-repository\]\n {4}next: .*echo '\.git' >> \.dockerignore\n$/,
    );
    expect(outcomes.build?.stdout).to.equal(`${image}:v1\n`);
    expect(outcomes.push?.stdout).to.match(/^\S+@sha256:[0-9a-f]{64}\n$/);
    expect(outcomes.push?.stdout.startsWith(`${image}@`)).to.equal(true);
  });

  it('ends in a finished run in MLflow, under the configured experiment, with parameters and metrics', () => {
    expect(container.runs).to.have.length(1);
    const [{ info, data }] = container.runs as [MlflowRun];
    expect(info.status).to.equal('FINISHED');
    expect(data.params.map(({ key }) => key)).to.include('model_options');
    expect(data.metrics.map(({ key }) => key)).to.have.members(['r2', 'mean_absolute_error']);
  });

  it('keeps user, working directory and command as kedro docker gives them', () => {
    const { User, WorkingDir, Cmd, ExposedPorts } = byKedroDocker.Config;
    expect(built.Config).to.deep.include({ User, WorkingDir, Cmd, ExposedPorts });
    expect(built.Config.Entrypoint).to.deep.equal(['python', '-m', 'kdeploy_runtime']);
    expect(built.RootFS.Layers!.slice(0, 3)).to.deep.equal(byKedroDocker.RootFS.Layers!.slice(0, 3));
  });

  it('labels the image with where it came from and where it logs', async () => {
    const revision = await run(['git', '-C', project, 'rev-parse', 'HEAD']);
    const { version } = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8')) as {
      version: string;
    };
    const {
      'io.kdeploy.plan': plan,
      'io.kdeploy.self-test': subject,
      'io.kdeploy.locations': locations,
      'org.opencontainers.image.created': created,
      ...labels
    } = built.Config.Labels;
    for (const digest of [plan, subject]) expect(digest).to.match(/^sha256:[0-9a-f]{64}$/);
    const { owner, real, folders } = parseLocations(locations) ?? {};
    expect(owner).to.deep.equal({ uid: 999, gid: 0 });
    expect(real).to.have.property('/home/kedro_docker/conf', '/home/kedro_docker/conf');
    expect(folders).to.include.keys('/opt', '/home/kedro_docker/conf/base');
    expect(new Date(created!).toISOString()).to.equal(created);
    expect(labels).to.deep.equal({
      // kdeploy.yml, which `init` wrote, is not committed.
      'org.opencontainers.image.revision': `${revision}-dirty`,
      'org.opencontainers.image.title': 'spaceflights',
      'org.opencontainers.image.base.name': `docker.io/${environment().baseImage}`,
      'io.kdeploy.format': '1',
      'io.kdeploy.version': version,
      'io.kdeploy.env': 'local',
      'io.kdeploy.tracking-uri': environment().mlflowUri,
      'io.kdeploy.experiment': EXPERIMENT,
      'io.kdeploy.authentication': '',
    });
  });

  it('tells which nodes and datasets its pipelines have, where they are and what is lost with a container', async () => {
    const reference = parseReference(outcomes.push!.stdout.trim());
    const parts = {
      state: new StateFolder(path.join(workspace.folder, 'state')),
      engine: () =>
        Promise.resolve({
          images: new EngineImages(workspace.docker),
          containers: new EngineContainers(workspace.docker),
          pull: () => Promise.reject(new Error('it was pulled above')),
        }),
    };
    const { signal } = new AbortController();
    const structure = await pipelinesOf(
      reference.withDigest(reference.digest!),
      parts,
      { update: () => undefined },
      signal,
    );
    expect(structure).to.include({ package: 'spaceflights', folder: '/home/kedro_docker' });
    const { __default__: nodes, ...others } = structure.pipelines;
    expect(Object.keys(others)).to.have.members(['data_processing', 'data_science']);
    expect(nodes?.find(({ name }) => name === 'split_data_node')).to.deep.include({
      inputs: ['model_input_table', 'params:model_options'],
      outputs: ['features_train', 'features_test', 'price_train', 'price_test'],
    });
    expect(structure.datasets).to.have.nested.property('features_train.ephemeral', true);
    expect(structure.datasets.companies).to.deep.include({
      ephemeral: false,
      definedBy: 'entry',
      localPaths: ['/home/kedro_docker/data/01_raw/companies.csv'],
    });
    expect(JSON.stringify(structure)).not.to.contain(PLANTED_SECRET);
  });

  it('lets no secret into the image or the output', async () => {
    const history = JSON.stringify(await workspace.docker.getImage(built.Id).history());
    const outputs = Object.values(outcomes).flatMap(({ stdout, stderr }) => [stdout, stderr]);
    for (const text of [JSON.stringify(built), history, container.output, ...outputs]) {
      expect(text).not.to.contain(PLANTED_SECRET);
    }
  });
});
