import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { expect } from 'chai';

import { environment } from '../support/environment/mocha.js';
import { createWorkspace, type Workspace } from '../support/workspace.js';

describe('a project whose MLflow set-up is not complete', () => {
  let workspace: Workspace;
  before(async () => {
    workspace = await createWorkspace();
  });
  after(() => workspace.remove());

  const defects = [
    {
      name: 'has no mlflow.yml',
      cause: (project: string) => rm(path.join(project, 'conf', 'local', 'mlflow.yml')),
      named: 'conf/local/mlflow.yml is missing',
      rule: 'mlflow-config-exists',
    },
    {
      name: 'does not require kedro-mlflow',
      cause: async (project: string) => {
        const file = path.join(project, 'requirements.txt');
        await writeFile(file, (await readFile(file, 'utf8')).replace(/^kedro-mlflow.*\n/m, ''));
      },
      named: 'kedro-mlflow is missing from the requirements',
      rule: 'kedro-mlflow-required',
    },
  ];

  for (const { name, cause, named, rule } of defects) {
    describe(`because it ${name}`, () => {
      let project: string;
      let image: string;
      before(async () => {
        project = await workspace.project(rule);
        image = `${workspace.prefix}/${rule}`;
        await cause(project);
      });

      it('is told so by check', async () => {
        const { exitCode, stdout, stderr } = await workspace.kdeploy(['check'], { cwd: project });
        expect(exitCode, stderr).to.equal(1);
        expect(stdout).to.contain(named).and.to.contain(rule);
      });

      it('is not built, and no tag exists', async () => {
        const { exitCode, stdout, stderr } = await build();
        expect(exitCode, stderr).to.equal(1);
        expect(stdout).to.equal('');
        expect(stderr).to.contain(named);
        expect(await workspace.imageId(`${image}:v1`)).to.equal(undefined);
      });

      it('leaves a tag that exists where it was', async () => {
        const { baseImage } = environment();
        await workspace.docker.getImage(baseImage).tag({ repo: image, tag: 'v1' });
        const { exitCode, stderr } = await build();
        expect(exitCode, stderr).to.equal(1);
        expect(await workspace.imageId(`${image}:v1`)).to.equal(await workspace.imageId(baseImage));
      });

      const build = () =>
        workspace.kdeploy(['build', '--image', image, '--tag', 'v1', '--base-image', environment().baseImage], {
          cwd: project,
        });
    });
  }
});
