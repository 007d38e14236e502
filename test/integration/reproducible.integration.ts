import { expect } from 'chai';
import type Docker from 'dockerode';

import { run } from '../support/environment/commands.js';
import { environment } from '../support/environment/mocha.js';
import { createWorkspace, type Workspace } from '../support/workspace.js';

describe('a baked image', () => {
  let workspace: Workspace;
  before(async () => {
    workspace = await createWorkspace();
  });
  after(() => workspace.remove());

  /** Builds a project whose Dockerfile starts from the test's base image and goes on with these lines. */
  async function bake(
    name: string,
    ...lines: string[]
  ): Promise<{ image: string; config: Docker.ImageInspectInfo['Config'] }> {
    const project = await workspace.tinyProject(name, [`FROM ${environment().baseImage}`, ...lines]);
    const image = `${workspace.prefix}/${name}`;
    await workspace.buildTiny(project, image, '--tag', 'v1');
    const { Config } = await workspace.docker.getImage(`${image}:v1`).inspect();
    return { image: `${image}:v1`, config: Config };
  }
  const inContainer = (image: string, ...command: string[]) =>
    run(['docker', 'run', '--rm', image, ...command], { env: environment().env });
  const COPIED = ['WORKDIR /home/kedro', 'COPY . .', 'CMD ["kedro", "run"]'];

  it('has the same layer and the same plan whenever it is baked from the same project', async () => {
    const project = await workspace.tinyProject('twice');
    const bakes = [];
    for (const tag of ['first', 'second']) {
      await workspace.buildTiny(project, `${workspace.prefix}/twice`, '--tag', tag);
      const image = await workspace.docker.getImage(`${workspace.prefix}/twice:${tag}`).inspect();
      bakes.push({ id: image.Id, layers: image.RootFS.Layers, plan: image.Config.Labels['io.kdeploy.plan'] });
    }
    const [first, second] = bakes;
    expect(first?.layers).to.have.length.greaterThan(1);
    expect(second?.layers).to.deep.equal(first?.layers);
    expect(second?.plan)
      .to.equal(first?.plan)
      .and.to.match(/^sha256:/);
    // Made one after the other, not found in a cache: the label with the time differs.
    expect(second?.id).not.to.equal(first?.id);
  });

  it('has the same labels as well where SOURCE_DATE_EPOCH stands for the time', async () => {
    const project = await workspace.tinyProject('epoch');
    const image = `${workspace.prefix}/epoch`;
    const args = [
      'build',
      '--builder',
      'engine',
      '--no-check',
      '--self-test',
      'never',
      '--image',
      image,
      '--tag',
      'v1',
    ];
    const build = async () => {
      const outcome = await workspace.kdeploy(args, { cwd: project, env: { SOURCE_DATE_EPOCH: '1700000000' } });
      expect(outcome.exitCode, outcome.stderr).to.equal(0);
      const { Config, RootFS } = await workspace.docker.getImage(`${image}:v1`).inspect();
      return { ...Config, layers: RootFS.Layers };
    };
    expect(await build()).to.deep.equal(await build());
  });

  it('keeps a link in the place of /opt', async () => {
    const { image } = await bake('link', 'RUN mv /opt /srv/opt && ln -s /srv/opt /opt', ...COPIED);
    expect(await inContainer(image, 'readlink', '/opt')).to.equal('/srv/opt');
    expect(await inContainer(image, 'ls', '/srv/opt/kdeploy/lib')).to.contain('kdeploy_runtime');
  });

  it("starts the base image's own entrypoint behind the runtime, and keeps the command", async () => {
    const entrypoint = ['env', 'CHAINED=yes'];
    const command = ['python', '-c', 'import os, sys; print(os.environ["CHAINED"], "kdeploy_runtime" in sys.modules)'];
    const { image, config } = await bake(
      'entrypoint',
      ...COPIED,
      `ENTRYPOINT ${JSON.stringify(entrypoint)}`,
      `CMD ${JSON.stringify(command)}`,
    );
    expect(config.Entrypoint).to.deep.equal(['python', '-m', 'kdeploy_runtime', ...entrypoint]);
    expect(config.Cmd).to.deep.equal(command);
    expect(await inContainer(image)).to.equal('yes False');
  });

  for (const [user, owner] of [
    ['1234', '1234:0'],
    ['1234:5678', '1234:5678'],
    ['root', '0:0'],
    ['daemon', '1:1'],
  ] as const) {
    it(`gives its files to the user of the image, here ${user}`, async () => {
      const { image, config } = await bake(`user-${user.replace(':', '-')}`, ...COPIED, `USER ${user}`);
      expect(config.User).to.equal(user);
      const files = ['/opt/kdeploy/lib/kdeploy_runtime/__main__.py', '/home/kedro/conf/local/mlflow.yml'];
      expect(await inContainer(image, 'stat', '--format', '%u:%g', ...files)).to.equal(`${owner}\n${owner}`);
      expect(await inContainer(image, 'cat', files[1]!)).to.contain('mlflow_tracking_uri: null');
    });
  }
});
