import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { expect } from 'chai';

import { findKedro } from '../../src/project/kedro/kedro-command.js';
import { readConfigWithKedro } from '../../src/project/kedro/kedro-config.js';
import { KEDRO_DOCKER_TEMPLATE } from '../../src/project/dockerfile/dockerignore.js';
import { mlflowTemplate } from '../../src/project/tracking/mlflow-template.js';
import { findProject } from '../../src/project/project.js';
import { environment } from '../support/environment/mocha.js';
import { run } from '../support/environment/commands.js';
import { kedroDockerTemplates } from '../support/kedro-docker-templates.js';
import { createWorkspace, type Workspace } from '../support/workspace.js';

describe('kdeploy check --fix', () => {
  let workspace: Workspace;
  let project: string;
  before(async () => {
    workspace = await createWorkspace(environment());
    project = await workspace.project('fix');
  });
  after(() => workspace.remove());

  const config = (env: string) => path.join(project, 'conf', env, 'mlflow.yml');
  const findProjectsKedro = () =>
    findKedro({ projectRoot: project, given: environment().kedro, environment: environment().env });

  for (const env of ['local', 'production']) {
    it(`writes byte for byte what kedro mlflow init writes for ${env}`, async () => {
      await rm(config(env), { force: true });
      await mkdir(path.dirname(config(env)), { recursive: true });
      await run([environment().kedro, 'mlflow', 'init', '--env', env], { cwd: project, env: environment().env });
      const theirs = await readFile(config(env));

      const { packageName } = await findProject(project);
      const ours = await mlflowTemplate({
        packageName,
        findKedro: findProjectsKedro,
        environment: environment().env,
      });
      expect(Buffer.from(ours).equals(theirs), ours).to.equal(true);
    });
  }

  it('begins a .dockerignore with the patterns of the installed kedro docker', async () => {
    const file = path.join(await kedroDockerTemplates(environment()), '.dockerignore');
    const lines = (await readFile(file, 'utf8')).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    expect(KEDRO_DOCKER_TEMPLATE).to.deep.equal(lines);
  });

  it('makes of a project that was never set up one that passes, and that Kedro reads as meant', async () => {
    await rm(path.join(project, 'conf', 'local'), { recursive: true });
    await rm(path.join(project, '.dockerignore'), { force: true });
    await rm(path.join(project, 'Dockerfile'), { force: true });
    const requirements = path.join(project, 'requirements.txt');
    const written = (await readFile(requirements, 'utf8')).split('\n').filter((line) => !/mlflow|datasets/.test(line));
    await writeFile(requirements, written.join('\r\n').trimEnd());
    await writeFile(path.join(project, '.netrc'), 'machine h login ada password hunter2\n');
    const args = ['--tracking-uri', 'https://mlflow.example.com', '--kedro', environment().kedro];

    const shown = await workspace.kdeploy(['check', '--fix', ...args], { cwd: project });
    expect(shown.exitCode, shown.stderr).to.equal(1);
    expect(shown.stderr).to.contain('+kedro-mlflow').and.to.contain('+.netrc').and.to.contain('no changes made');
    expect(await readdir(path.join(project, 'conf'))).not.to.include('local');

    const fixed = await workspace.kdeploy(['check', '--fix', '--yes', ...args], { cwd: project });
    expect(fixed.exitCode, fixed.stdout + fixed.stderr).to.equal(0);
    expect(shown.stderr + fixed.stdout + fixed.stderr).not.to.contain('hunter2');
    expect(await readFile(requirements, 'utf8')).to.match(/\r\nkedro-mlflow\r\nkedro-datasets\r\n$/);

    // Without the flag: the file alone says where to log.
    const again = await workspace.kdeploy(['check'], { cwd: project });
    expect(again.exitCode, again.stdout + again.stderr).to.equal(0);
    const { document } = await readConfigWithKedro('the test wants to know', {
      projectRoot: project,
      env: 'local',
      environment: environment().env,
      findKedro: findProjectsKedro,
    });
    expect(document).to.have.nested.property('server.mlflow_tracking_uri', 'https://mlflow.example.com');
  });
});
