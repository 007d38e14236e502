import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { expect } from 'chai';

import { run } from '../support/environment/commands.js';
import { environment } from '../support/environment/mocha.js';
import { archiveContains } from '../support/image-archive.js';
import { createWorkspace, type Workspace } from '../support/workspace.js';

describe('the engine builder', () => {
  let workspace: Workspace;
  let project: string;
  before(async () => {
    workspace = await createWorkspace();
    project = await workspace.project('spaceflights');
  });
  after(() => workspace.remove());

  const build = (folder: string, image: string, ...more: string[]) =>
    workspace.kdeploy(['build', '--base-image', environment().baseImage, '--image', image, '--tag', 'v1', ...more], {
      cwd: folder,
      env: { KDEPLOY_BUILDER: 'engine' },
    });

  describe('beside the kedro builder', () => {
    const image = (builder: string) => `${workspace.prefix}/by-${builder}`;
    before(async () => {
      const both = `${workspace.prefix}/both`;
      for (const builder of ['engine', 'kedro']) {
        const { exitCode, stderr } = await build(project, both, '--builder', builder, '--self-test', 'always');
        expect(exitCode, stderr).to.equal(0);
        // Under one name first, because the image knows its name.
        await workspace.docker.getImage(`${both}:v1`).tag({ repo: image(builder), tag: 'v1' });
      }
    });

    it('gives an image that is configured the same, with the same plan', async () => {
      const [engine, kedro] = await Promise.all(
        ['engine', 'kedro'].map(
          async (builder) => (await workspace.docker.getImage(`${image(builder)}:v1`).inspect()).Config,
        ),
      );
      const created = 'org.opencontainers.image.created';
      for (const config of [engine!, kedro!]) {
        config.Labels[created] = '';
        // The times of the folders, which each build makes anew.
        config.Labels['io.kdeploy.locations'] = '';
        // What the engine notes about the container that was committed.
        config.Hostname = config.Image = '';
      }
      expect(engine).to.deep.equal(kedro);
    });

    it('gives an image with the same files', async () => {
      const script =
        'find . /opt/kdeploy -not -type d -not -path "*/__pycache__/*" -printf "%p %u %m " -exec md5sum {} \\; | sort';
      const [engine, kedro] = await Promise.all(
        ['engine', 'kedro'].map((builder) =>
          run(['docker', 'run', '--rm', '--entrypoint', 'sh', `${image(builder)}:v1`, '-c', script], {
            env: environment().env,
          }),
        ),
      );
      expect(engine).to.contain('./conf/local/mlflow.yml kedro_docker 644');
      expect(engine).to.equal(kedro);
    });
  });

  it('builds from a Dockerfile in another folder', async () => {
    const elsewhere = await workspace.project('elsewhere');
    await mkdir(path.join(elsewhere, 'docker'));
    await rename(path.join(elsewhere, 'Dockerfile'), path.join(elsewhere, 'docker', 'kedro.Dockerfile'));
    const image = `${workspace.prefix}/elsewhere`;
    const { exitCode, stderr } = await build(
      elsewhere,
      image,
      '--dockerfile',
      'docker/kedro.Dockerfile',
      '--self-test',
      'never',
    );
    expect(exitCode, stderr).to.equal(0);
    const { Config } = await workspace.docker.getImage(`${image}:v1`).inspect();
    expect(Config).to.deep.include({ User: 'kedro_docker', Cmd: ['kedro', 'run'] });
  });

  it('has kedro write the Dockerfile where there is none', async () => {
    const bare = await workspace.project('bare');
    for (const file of ['Dockerfile', '.dockerignore', '.dive-ci']) await rm(path.join(bare, file));
    const { exitCode, stderr } = await build(bare, `${workspace.prefix}/bare`, '--self-test', 'never');
    expect(exitCode, stderr).to.equal(0);
    for (const file of ['Dockerfile', '.dockerignore']) {
      expect(await readFile(path.join(bare, file), 'utf8')).to.equal(await readFile(path.join(project, file), 'utf8'));
    }
    expect(await workspace.imageId(`${workspace.prefix}/bare:v1`)).to.match(/^sha256:/);
  });

  describe('with a secret', () => {
    const secret = 'planted-51ab90-index-password';
    let folder: string;
    before(async () => {
      folder = await workspace.tinyProject('secret');
    });
    const dockerfile = (...lines: string[]) =>
      writeFile(
        path.join(folder, 'Dockerfile'),
        [`FROM ${environment().baseImage}`, 'WORKDIR /home/kedro', ...lines, 'COPY . .', 'CMD ["kedro", "run"]'].join(
          '\n',
        ),
      );

    it('shows it to the step that mounts it, and keeps it in no layer, history, label or configuration', async () => {
      await dockerfile('RUN --mount=type=secret,id=index,required=true sha256sum /run/secrets/index > /seen');
      const image = `${workspace.prefix}/secret`;
      const file = path.join(workspace.folder, 'index');
      await writeFile(file, secret);
      const outcome = await build(
        folder,
        image,
        '--no-check',
        '--self-test',
        'never',
        '--verbose',
        '--secret',
        `id=index,src=${file}`,
      );
      expect(outcome.exitCode, outcome.stderr).to.equal(0);
      const { env } = environment();
      const seen = await run(['docker', 'run', '--rm', '--entrypoint', 'cat', `${image}:v1`, '/seen'], { env });
      expect(seen).to.match(new RegExp(`^${digest(secret)} `));
      expect(`${outcome.stdout}${outcome.stderr}`).not.to.contain(secret);
      const archive = path.join(workspace.folder, 'secret.tar');
      await run(['docker', 'save', '--output', archive, `${image}:v1`], { env });
      expect((await stat(archive)).size).to.be.greaterThan(1_000_000);
      expect(await archiveContains(archive, digest(secret)), 'the search finds what is there').to.equal(true);
      expect(await archiveContains(archive, secret)).to.equal(false);
    });

    it('refuses one that was given as a build argument and ends in the history, and moves no tag', async () => {
      await dockerfile('ARG INDEX_TOKEN', 'RUN echo installed');
      const image = `${workspace.prefix}/kept`;
      const outcome = await build(
        folder,
        image,
        '--no-check',
        '--self-test',
        'never',
        '--verbose',
        '--build-arg',
        `INDEX_TOKEN=${secret}`,
      );
      expect(outcome.exitCode, outcome.stderr).to.equal(4);
      expect(outcome.stderr).to.contain('build argument INDEX_TOKEN').and.to.contain('--secret id=');
      expect(`${outcome.stdout}${outcome.stderr}`).not.to.contain(secret);
      expect(await workspace.imageId(`${image}:v1`)).to.equal(undefined);
    });
  });
});

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
