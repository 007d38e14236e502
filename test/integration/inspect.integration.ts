import { expect } from 'chai';

import { environment } from '../support/environment/mocha.js';
import { createWorkspace, type Workspace } from '../support/workspace.js';

describe('inspect', () => {
  let workspace: Workspace;
  let project: string;
  let image: string;
  before(async () => {
    workspace = await createWorkspace();
    project = await workspace.tinyProject('tiny');
    image = `${workspace.prefix}/tiny`;
    await workspace.buildTiny(project, image, '--tag', 'v1', '--push');
  });
  after(() => workspace.remove());

  const inspect = async (...args: string[]): Promise<Record<string, unknown>> => {
    const { exitCode, stdout, stderr } = await workspace.kdeploy(['inspect', ...args, '--json']);
    expect(exitCode, stderr).to.equal(0);
    return JSON.parse(stdout) as Record<string, unknown>;
  };

  it('tells the same of an image on the engine and in the registry', async () => {
    const [local, remote] = [await inspect(`${image}:v1`), await inspect('--remote', `${image}:v1`)];
    expect(local).to.include({ foundIn: 'engine' });
    expect(remote).to.include({ foundIn: 'registry', id: null });
    for (const key of [
      'digest',
      'platform',
      'baked',
      'revision',
      'base',
      'user',
      'workingDirectory',
      'entrypoint',
      'cmd',
    ])
      expect(remote[key], key).to.deep.equal(local[key]);
    expect(local.layers).to.have.length((remote.layers as unknown[]).length);
    expect(local).to.have.nested.property('baked.trackingUri', environment().mlflowUri);
    expect(local).to.have.nested.property('baked.authentication').that.deep.equals([]);
  });

  it('shows the last build of the project where no image is named', async () => {
    const { stdout, stderr } = await workspace.kdeploy(['inspect', '--project', project, '--json']);
    expect(JSON.parse(stdout), stderr).to.deep.equal(await inspect(`${image}:v1`));
  });

  it('finds an image by its digest', async () => {
    const { digest } = await inspect(`${image}:v1`);
    expect(await inspect('--remote', String(digest))).to.include({ digest });
  });

  it('looks in the registry when no engine answers', async () => {
    const { exitCode, stdout } = await workspace.kdeploy(['inspect', `${image}:v1`], {
      env: { DOCKER_HOST: 'unix:///nowhere/docker.sock' },
    });
    expect(exitCode).to.equal(0);
    expect(stdout)
      .to.match(/^tracking URI +http/m)
      .and.to.contain(environment().mlflowUri);
  });

  it('says that neither has the image', async () => {
    const { exitCode, stdout, stderr } = await workspace.kdeploy(['inspect', `${image}:v2`]);
    expect(exitCode).to.equal(2);
    expect(stdout).to.equal('');
    expect(stderr).to.contain(`${image}:v2 is not on the local Docker Engine, and could not be read from its registry`);
  });

  it('says of an image that was not baked that it was not', async () => {
    expect(await inspect(environment().baseImage)).to.include({ baked: null, foundIn: 'engine' });
  });
});
