import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';

import { expect } from 'chai';

import { parseReference } from '../../src/image/reference.js';
import { RegistryClient } from '../../src/places/registry/client.js';
import { run } from '../support/environment/commands.js';
import { environment } from '../support/environment/mocha.js';
import { startPodman, type Podman } from '../support/environment/podman.js';
import { startRegistry } from '../support/environment/registry.js';
import { tracesOf } from '../support/leftovers.js';
import { runsOf } from '../support/mlflow-runs.js';
import { nightly } from '../support/nightly.js';
import { createWorkspace, type Workspace } from '../support/workspace.js';

/** Its Docker-compatible API honours less than it accepts. */
describe('on Podman', () => {
  let podman: Podman;
  let workspace: Workspace;
  before(async () => {
    podman = await startPodman(environment().gateway);
    workspace = await createWorkspace({
      ...environment(),
      dockerHost: podman.host,
      variables: { ...environment().variables, DOCKER_HOST: podman.host },
    });
  });
  after(async () => {
    await workspace.remove();
    await podman.stop();
  });

  const digestInRegistry = async (reference: string): Promise<string | undefined> => {
    const parsed = parseReference(reference);
    return (await new RegistryClient(parsed.registry).headManifest(parsed))?.digest;
  };

  /** Podman installs Kedro and MLflow into an image of its own: 160 s. CI builds, starts and pushes small ones, below. */
  nightly.describe('of the project', () => {
    let project: string;
    let image: string;

    it('an image is built, passes the self-test, is pushed under the digest that the registry has, and logs to MLflow', async () => {
      const experiment = `kdeploy-podman-${Date.now()}`;
      project = await workspace.project('spaceflights', { experiment });
      image = `${workspace.prefix}/spaceflights`;
      const build = ['build', '--builder', 'engine', '--base-image', environment().baseImage, '--self-test', 'always'];
      const built = await workspace.kdeploy([...build, '--image', image, '--tag', 'v1', '--push', '--json'], {
        cwd: project,
      });
      expect(built.exitCode, built.stderr).to.equal(0);
      expect(JSON.parse(built.stdout)).to.deep.include({
        id: await workspace.imageId(`${image}:v1`),
        selfTest: 'passed',
        pushed: [`${image}@${await digestInRegistry(`${image}:v1`)}`],
      });

      const { exitCode, stdout, stderr } = await workspace.kdeploy(['run'], { cwd: project });
      expect(exitCode, `${stdout}${stderr}`).to.equal(0);
      const [mlflowRun] = await runsOf(environment().mlflowUri, experiment);
      expect(mlflowRun?.info.status).to.equal('FINISHED');
      expect(await tracesOf(workspace)).to.deep.equal({
        containers: [],
        intermediateTags: [],
        nameless: [],
        processes: [],
      });
    });

    /** As the baked image has it in its variables, and in kdeploy's own layer. */
    async function experimentsIn(name: string): Promise<string> {
      const command = ['sh', '-c', 'echo $MLFLOW_EXPERIMENT_NAME; cat conf/local/mlflow.yml'];
      const { exitCode, stdout, stderr } = await workspace.kdeploy(['run', name, '--', ...command], { cwd: project });
      expect(exitCode, `${stdout}${stderr}`).to.equal(0);
      return stdout;
    }

    it('that image is baked again where it is', async () => {
      const bake = ['bake', `${image}:v1`, '--experiment', 'another', '--tag', 'baked'];
      const baked = await workspace.kdeploy(bake, { cwd: project });
      expect(baked.exitCode, baked.stderr).to.equal(0);
      expect(await experimentsIn(`${image}:baked`)).to.match(/^another\n[^]*name: another/);
    });

    it('one that is baked in the registry is pulled and started', async () => {
      const bake = ['bake', `${image}:v1`, '--remote', '--experiment', 'elsewhere', '--tag', 'remote', '--push'];
      const baked = await workspace.kdeploy(bake, { cwd: project });
      expect(baked.exitCode, baked.stderr).to.equal(0);
      // Docker's API has no word for a registry without TLS.
      const pull = ['podman', '--remote', '--url', podman.host, 'pull', '--tls-verify=false', '--quiet'];
      await run([...pull, `${image}:remote`]);
      expect(await experimentsIn(`${image}:remote`)).to.match(/^elsewhere\n[^]*name: elsewhere/);
    });
  });

  describe('a project that needs a secret to build', () => {
    const secret = 'planted-7c1e42-index-password';
    let project: string;
    let image: string;
    before(async () => {
      image = `${workspace.prefix}/secret`;
      project = await workspace.tinyProject('secret', [
        `FROM ${environment().baseImage}`,
        'WORKDIR /home/kedro',
        'ENV ORDER=kept QUOTED="a b=c"',
        'LABEL org.example.team=data',
        'RUN --mount=type=secret,id=index,required=true sha256sum /run/secrets/index > /seen',
        'COPY . .',
        'CMD ["python", "-c", ""]',
      ]);
      await writeFile(path.join(workspace.folder, 'index'), secret);
    });
    const build = (...more: string[]) =>
      workspace.buildTiny(project, image, '--secret', `id=index,src=${path.join(workspace.folder, 'index')}`, ...more);
    const inImage = (script: string) => workspace.kdeploy(['run', '--', 'sh', '-c', script], { cwd: project });

    it('gets it, and keeps it in no file of the image', async () => {
      const { stdout, stderr } = await build('--tag', 'v1', '--tag', 'v2');
      expect(`${stdout}${stderr}`).not.to.contain(secret);
      const seen = await inImage('cat /seen');
      expect(seen.stdout, seen.stderr).to.contain(createHash('sha256').update(secret).digest('hex'));
      const found = await inImage(
        `grep -r --files-with-matches ${secret.slice(0, 14)} /home /run /tmp /var/tmp; ls -A`,
      );
      expect(found.stdout).not.to.match(/secret|^\//m);
    });

    it('moves one tag and leaves the other where it was, with its layers', async () => {
      const [first, before] = [await workspace.imageId(`${image}:v1`), await workspace.imageId(`${image}:v2`)];
      expect(first).to.equal(before);
      await writeFile(path.join(project, 'changed.txt'), 'changed');
      await build('--tag', 'v1');
      expect(await workspace.imageId(`${image}:v1`)).not.to.equal(first);
      expect(await workspace.imageId(`${image}:v2`)).to.equal(before);
      expect((await workspace.kdeploy(['run', `${image}:v2`, '--', 'cat', '/seen'])).exitCode).to.equal(0);
    });

    it('is described, scanned and pushed by its name', async () => {
      const described = await workspace.kdeploy(['inspect', `${image}:v1`, '--json']);
      expect(described.exitCode, described.stderr).to.equal(0);
      const scanned = await workspace.kdeploy(['check', '--image', `${image}:v1`]);
      expect(scanned.exitCode, scanned.stderr).to.equal(0);
      const pushed = await workspace.kdeploy(['push', `${image}:v1`]);
      expect(pushed.exitCode, pushed.stderr).to.equal(0);
      expect(pushed.stdout).to.equal(`${image}@${await digestInRegistry(`${image}:v1`)}\n`);
    });
  });

  it('the credentials of the repository are shown to a registry that wants some, and of no other repository', async () => {
    const [username, password] = ['kdeploy', 'planted-90c2d1:password'];
    const registry = await startRegistry({ credentials: { username, password } });
    try {
      const images = ['team', 'other'].map((name) => `${workspace.prefixAt(registry.address)}/${name}/app`);
      const project = await workspace.tinyProject('scoped');
      const auth = (secret: string) => ({ auth: Buffer.from(`${username}:${secret}`).toString('base64') });
      const auths = { [registry.address]: auth('wrong'), [images[0]!]: auth(password) };
      const REGISTRY_AUTH_FILE = path.join(workspace.folder, 'auth.json');
      await writeFile(REGISTRY_AUTH_FILE, JSON.stringify({ auths }));
      const outcomes = [];
      for (const image of images) {
        await workspace.buildTiny(project, image, '--tag', 'v1');
        // Twice is once.
        outcomes.push(
          await workspace.kdeploy(['push', `${image}:v1`, `${image}:v1`], {
            cwd: project,
            env: { REGISTRY_AUTH_FILE },
          }),
        );
      }
      const [team, other] = outcomes;
      expect(team!.exitCode, team!.stderr).to.equal(0);
      expect(team!.stdout).to.match(new RegExp(`^${images[0]}@sha256:[0-9a-f]{64}\n$`));
      expect(other!.exitCode).to.equal(5);
      expect(other!.stderr).to.contain(`denied the push of ${images[1]}:v1; credentials: from auths (`);
      expect(JSON.stringify(outcomes)).not.to.contain('planted-90c2d1');
    } finally {
      await registry.stop();
    }
  });
});
