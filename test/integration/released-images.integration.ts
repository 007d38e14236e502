import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';

import { expect } from 'chai';

import { recordedImage, recordedVersions, releasedImage } from '../../scripts/release/released-image.js';
import { readStructure } from '../../src/graph/read-structure.js';
import type { Image } from '../../src/image/image.js';
import { bakedLayer } from '../../src/image/mutate.js';
import { EngineContainers } from '../../src/places/engine/containers.js';
import { uniqueName } from '../../src/places/engine/intermediate.js';
import type { Outcome } from '../support/command.js';
import { run } from '../support/environment/commands.js';
import { environment } from '../support/environment/mocha.js';
import { readRun } from '../support/mlflow-run.js';
import { nightly } from '../support/nightly.js';
import { createWorkspace, type Workspace } from '../support/workspace.js';

/** As the recorded ones are baked (scripts/release/released-image.ts). */
const VARIABLES = { MLFLOW_TRACKING_USERNAME: 'me', MLFLOW_TRACKING_PASSWORD: 'planted-5e1d-password' };

const THIS_COMMIT = 'this commit';
const versions = [...(await recordedVersions()), THIS_COMMIT];

/** What released versions baked has a base below it here, and is run by today's kdeploy. */
describe('an image of a released version', () => {
  let workspace: Workspace;
  /** All that the runtime needs to join a run, for a command that is not kedro's. */
  let base: string;
  before(async () => {
    workspace = await createWorkspace();
    base = `${workspace.prefix}/base:v1`;
    const input = `FROM ${environment().baseImage}\nRUN python -m pip install --quiet requests\n`;
    await run(['docker', 'build', '--quiet', '--tag', base, '-'], { env: environment().env, stdin: 'pipe', input });
  });
  after(() => workspace.remove());

  const kdeploy = async (args: readonly string[], cwd = workspace.folder): Promise<Outcome> => {
    const outcome = await workspace.kdeploy(args, { cwd, env: VARIABLES });
    expect(outcome.exitCode, outcome.stdout + outcome.stderr).to.equal(0);
    expect(outcome.stdout + outcome.stderr).not.to.include(VARIABLES.MLFLOW_TRACKING_PASSWORD);
    return outcome;
  };

  for (const [index, version] of versions.entries())
    describe(`of ${version}`, () => {
      let released: Image;
      before(async () => {
        released = version === THIS_COMMIT ? await releasedImage('0.0.0') : await recordedImage(version);
      });

      /** Layer and configuration as they were released, on an image of the engine. */
      async function onto(below: string, name: string): Promise<string> {
        const layer = released.layers[bakedLayer(released) ?? -1];
        if (layer === undefined) throw new Error('no layer is kdeploy’s own');
        const tar = gunzipSync(await buffer(layer.open()));
        const configuration = released.config.value.run;
        const options = { image: below, name: uniqueName('bake'), configuration };
        const image = `${workspace.prefix}/${name}:v${index}`;
        await new EngineContainers(workspace.docker).using(options, async (container) => {
          await container.putArchive('/', tar);
          await container.commit(configuration, 'kdeploy bake', image);
        });
        return image;
      }
      /** Where the tests have an MLflow. */
      const server = () => ['-e', `MLFLOW_TRACKING_URI=${environment().mlflowUri}`];

      it('joins a run with its own runtime, and ends it', async () => {
        const image = await onto(base, 'runtime');
        const key = `released-${index}-${Date.now()}`;
        const options = [...server(), '-e', `KDEPLOY_RUN_KEY=${key}`];
        const script = 'import os; print("joined", os.environ["MLFLOW_RUN_ID"])';
        const { stdout } = await kdeploy(['run', image, ...options, '--', 'python', '-c', script]);
        const [, id = ''] = /^joined ([0-9a-f]{32})$/m.exec(stdout) ?? [];
        const joined = await readRun(environment().mlflowUri, id);
        const { labels } = released.config.value.run;
        expect(joined.status).to.equal('RUNNING');
        expect(joined.tags).to.include({
          'kdeploy.version': labels['io.kdeploy.version'],
          'kdeploy.git_revision': labels['org.opencontainers.image.revision'],
        });
        await kdeploy(['run', image, ...options, '--', 'finish-run', '--status', 'FINISHED']);
        expect((await readRun(environment().mlflowUri, id)).status).to.equal('FINISHED');
      });

      nightly.it('runs a pipeline, and describes it', async () => {
        const project = await workspace.project(`project-${index}`);
        const own = `${workspace.prefix}/project:v${index}`;
        const given = ['--build-arg', `BASE_IMAGE=${environment().baseImage}`];
        await run(['docker', 'build', '--quiet', ...given, '--tag', own, project], { env: environment().env });
        const image = await onto(own, 'pipeline');
        const { stderr } = await kdeploy(['run', image, ...server()], project);
        const [address = ''] = /^MLflow run: \S+$/m.exec(stderr) ?? [];
        const logged = await readRun(environment().mlflowUri, address);
        expect(logged).to.include({ status: 'FINISHED', experiment: 'flights' });
        expect(logged.metrics).to.have.property('r2');
        const { stdout } = await kdeploy(['run', image, '--', 'describe', '--json'], project);
        const lines = stdout.trim().split('\n');
        expect(readStructure(JSON.parse(lines.at(-1) ?? '')).pipelines).to.have.property('__default__');
      });
    });
});
