import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'chai';
import { parseReference } from '../../src/image/reference.js';
import { readTree } from '../../src/image/tree.js';
import { RegistryClient } from '../../src/places/registry/client.js';
import { RegistrySource } from '../../src/places/registry/registry-source.js';
import type { Outcome } from '../support/command.js';
import { run } from '../support/environment/commands.js';
import { environment } from '../support/environment/mocha.js';
import { runsOf } from '../support/mlflow-runs.js';
import { createWorkspace, type Workspace } from '../support/workspace.js';

/** A kept environment's MLflow has the runs of earlier times, too. */
const EXPERIMENT = `baked-again-${Date.now()}`;
const PLANTED_SECRET = 'planted-4b7e-password';

/** One image, built once; from there on nothing is built. */
describe('an image that is baked again', () => {
  let workspace: Workspace;
  let project: string;
  let image: string;
  /** A machine without an engine. */
  const withoutEngine = { DOCKER_HOST: 'unix:///nonexistent/docker.sock', MLFLOW_TRACKING_TOKEN: PLANTED_SECRET };
  const outcomes: Outcome[] = [];

  before(async () => {
    workspace = await createWorkspace();
    project = await workspace.project('spaceflights', { experiment: 'staging' });
    image = `${workspace.prefix}/spaceflights`;
    const local = await readFile(path.join(project, 'conf/local/mlflow.yml'), 'utf8');
    const production = local.replace('name: staging', `name: ${EXPERIMENT}`);
    await run(['mkdir', '--parents', path.join(project, 'conf/prod')], { env: environment().env });
    await writeFile(path.join(project, 'conf/prod/mlflow.yml'), production);
    const { baseImage } = environment();
    await kdeploy({}, 'build', '--image', image, '--tag', 'v1', '--base-image', baseImage, '--push');
  });
  after(() => workspace.remove());

  async function kdeploy(env: Readonly<Record<string, string>>, ...args: string[]): Promise<Outcome> {
    const outcome = await workspace.kdeploy(args, { cwd: project, env });
    expect(outcome.exitCode, outcome.stderr).to.equal(0);
    outcomes.push(outcome);
    return outcome;
  }
  const bakeForProduction = (tag: string, ...more: string[]): Promise<Outcome> =>
    kdeploy(withoutEngine, 'bake', `${image}:${tag}`, '--env', 'prod', ...more);
  const docker = (...args: string[]): Promise<string> =>
    run(['docker', ...args], { env: environment().env, all: true });
  const treeOf = (tag: string) => {
    const { registry } = parseReference(image);
    return readTree(new RegistrySource(new RegistryClient(registry), parseReference(`${image}:${tag}`)));
  };

  it('is pushed from the registry to the registry without an engine, and logs to where it is told to', async () => {
    const { stdout } = await bakeForProduction('v1', '--tag', 'v1-prod', '--push');
    const reference = stdout.trim();
    expect(reference).to.match(/@sha256:[0-9a-f]{64}$/);
    const [before, after] = [await treeOf('v1'), await treeOf('v1-prod')];
    expect(reference).to.equal(`${image}@${after.document.digest}`);
    const layers = [before, after].map(({ blobs }) => blobs.slice(1).map(({ descriptor }) => descriptor.digest));
    expect(layers[0]).to.have.length(layers[1]?.length ?? 0);
    expect(layers[0]?.slice(0, -1)).to.deep.equal(layers[1]?.slice(0, -1));

    await docker('pull', '--quiet', reference);
    await docker('run', '--rm', '--volume', `${project}/data:/home/kedro_docker/data`, reference);
    const [logged, ...others] = await runsOf(environment().mlflowUri, EXPERIMENT);
    expect(others).to.deep.equal([]);
    expect(logged?.info.status).to.equal('FINISHED');
    const inspected = JSON.parse((await kdeploy(withoutEngine, 'inspect', `${image}:v1-prod`, '--json')).stdout) as {
      readonly baked: { readonly env: string; readonly experiment: string };
    };
    expect(inspected.baked).to.include({ env: 'prod', experiment: EXPERIMENT });
  });

  it('is the same image the second time', async () => {
    const { digest } = (await treeOf('v1-prod')).document;
    const { stdout } = await bakeForProduction('v1-prod', '--tag', 'v1-prod', '--push');
    expect(stdout.trim()).to.equal(`${image}@${digest}`);
  });

  it('waits for its push, and is found by its name until then', async () => {
    await bakeForProduction('v1', '--tag', 'waiting');
    const waiting = JSON.parse((await kdeploy(withoutEngine, 'inspect', `${image}:waiting`, '--json')).stdout) as {
      readonly foundIn: string;
      readonly digest: string;
    };
    expect(waiting.foundIn).to.equal('waiting');
    const { stdout } = await kdeploy(withoutEngine, 'push', `${image}:waiting`);
    expect(stdout.trim()).to.equal(`${image}@${waiting.digest}`);
    const pushed = await kdeploy(withoutEngine, 'inspect', `${image}:waiting`, '--json');
    expect(pushed.stdout).to.include('"foundIn": "registry"');
  });

  it('stays on the engine that has it, with kdeploy’s layer exchanged', async () => {
    const { stdout } = await kdeploy({}, 'bake', `${image}:v1`, '--env', 'prod', '--tag', 'on-engine');
    expect(stdout.trim()).to.equal(`${image}:on-engine`);
    const [before, after] = await Promise.all(
      ['v1', 'on-engine'].map((tag) => workspace.docker.getImage(`${image}:${tag}`).inspect()),
    );
    expect(after?.RootFS.Layers).to.have.length(before?.RootFS.Layers?.length ?? 0);
    expect(after?.RootFS.Layers?.slice(0, -1)).to.deep.equal(before?.RootFS.Layers?.slice(0, -1));
    const told = await docker(
      'run',
      '--rm',
      `${image}:on-engine`,
      'python',
      '-c',
      'import os; print(os.environ["MLFLOW_EXPERIMENT_NAME"])',
    );
    expect(told.trim().split('\n').at(-1)).to.equal(EXPERIMENT);
    expect(await docker('images', '--quiet', 'kdeploy-intermediate')).to.equal('');
  });

  it('is found in a new layout without a tag, which other clients read too', async () => {
    const layout = path.join(workspace.folder, 'untagged');
    const { stdout } = await bakeForProduction('v1', '--output', `oci:${layout}`);
    expect(stdout.trim()).to.match(/^oci:.*@sha256:[0-9a-f]{64}$/);
    for (const name of [`oci:${layout}`, stdout.trim()])
      expect((await kdeploy(withoutEngine, 'inspect', name)).stdout, name).to.match(/Kedro environment +prod/);
    await run(['skopeo', 'inspect', `oci:${layout}`], { env: environment().env, all: true });
  });

  it('is written into a layout, baked there in place, pushed from there, and taken by another client', async () => {
    const layout = path.join(workspace.folder, 'dist');
    await bakeForProduction('v1', '--tag', 'a', '--output', `oci:${layout}`);
    const { stdout } = await kdeploy(withoutEngine, 'bake', `oci:${layout}:a`, '--env', 'local', '--tag', 'b');
    expect(stdout.trim()).to.equal(`oci:${layout}:b`);
    await kdeploy(withoutEngine, 'push', `oci:${layout}:b`, '--to', `${image}:from-layout`);
    const judged = await run(['skopeo', 'inspect', '--tls-verify=false', `docker://${image}:from-layout`], {
      env: environment().env,
      all: true,
    });
    expect(judged).to.include('"io.kdeploy.experiment": "staging"');
    const { difference } = JSON.parse(
      (await kdeploy(withoutEngine, 'inspect', '--diff', `oci:${layout}:a`, `${image}:from-layout`, '--json')).stdout,
    ) as { readonly difference: { readonly fields: readonly { readonly name: string }[] } };
    expect(difference.fields.map(({ name }) => name)).to.deep.equal(['baked.experiment', 'baked.env']);
  });

  it('shows what would change, and changes nothing, in a dry run', async () => {
    const { stdout } = await bakeForProduction('v1', '--dry-run');
    expect(stdout).to.include(`staging → ${EXPERIMENT}`);
    const tags = await run(['skopeo', 'list-tags', '--tls-verify=false', `docker://${image}`], {
      env: environment().env,
      all: true,
    });
    expect(JSON.parse(tags)).to.have.property('Tags').that.has.members(['v1', 'v1-prod', 'waiting', 'from-layout']);
  });

  const refused: readonly [what: string, args: readonly string[], words: string][] = [
    ['no tag is given', ['--env', 'prod'], 'no tag is given for the result'],
    ['the place is only read', ['--env', 'prod', '--tag', 'x', '--output', 'docker-archive:x'], 'no place to write to'],
    ['the environment has no set-up', ['--env', 'nowhere', '--tag', 'x'], 'mlflow.yml'],
  ];
  for (const [what, args, words] of refused)
    it(`is left alone where ${what}`, async () => {
      const { exitCode, stderr } = await workspace.kdeploy(['bake', `${image}:v1`, ...args], {
        cwd: project,
        env: withoutEngine,
      });
      expect(exitCode, stderr).to.be.oneOf([1, 2]);
      expect(stderr).to.include(words);
    });

  it('needs another self-test where its authentication changes, and says so', async () => {
    await writeFile(
      path.join(project, 'conf/prod/kdeploy.yml'),
      'run_config:\n  authentication:\n    type: Vars\n    params: [MLFLOW_TRACKING_TOKEN]\n',
    );
    const bake = ['bake', `${image}:v1`, '--env', 'prod', '--tag', 'with-token', '--push'];
    const { exitCode, stderr } = await workspace.kdeploy(bake, { cwd: project, env: withoutEngine });
    expect(exitCode).to.equal(2);
    expect(stderr).to.include('does not cover this bake').and.to.include('--allow-untested');
    await kdeploy(withoutEngine, ...bake, '--allow-untested');
    const { stdout } = await kdeploy(withoutEngine, 'inspect', `${image}:with-token`);
    expect(stdout).to.match(/authentication +Vars/);
  });

  it('shows a secret nowhere', () => {
    for (const { stdout, stderr } of outcomes) expect(stdout + stderr).not.to.include(PLANTED_SECRET);
  });
});
