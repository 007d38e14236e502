import { expect } from 'chai';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { findProject, readProject } from '../../../src/project/project.js';
import { memorySource } from '../../support/memory-source.js';
import { rejection } from '../../support/rejection.js';

const PYPROJECT = `
[project]
version = "1.2.3"
[tool.kedro]
package_name = "space_flights"
project_name = "Space flights"
kedro_init_version = "1.7.0"
`;

describe('findProject', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kdeploy-project-'));
    await mkdir(join(folder, 'project', 'src', 'library'), { recursive: true });
  });

  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('finds the nearest parent with [tool.kedro], past a pyproject.toml without it', async () => {
    await writeFile(join(folder, 'project', 'pyproject.toml'), PYPROJECT);
    await writeFile(join(folder, 'project', 'src', 'library', 'pyproject.toml'), '[project]\nname = "library"\n');
    const project = await findProject(join(folder, 'project', 'src', 'library'));
    expect(project).to.include({
      root: join(folder, 'project'),
      name: 'Space flights',
      packageName: 'space_flights',
      sourceFolder: 'src',
      kedroVersion: '1.7.0',
      projectVersion: '1.2.3',
    });
    expect(await project.source.list('')).to.include('pyproject.toml');
  });

  it('says which pyproject.toml it passed that has no [tool.kedro]', async () => {
    const file = join(folder, 'project', 'pyproject.toml');
    await writeFile(file, '[project]\nname = "x"\n');
    const error = await rejection(findProject(join(folder, 'project')));
    expect(error.code).to.equal('not-a-project');
    expect(error.message).to.equal(`${join(folder, 'project')} is not in a Kedro project; ${file} has no [tool.kedro]`);
    expect(error.hint).to.contain('--project DIR');
  });

  it('names the projects below a folder that is none: the top of a monorepo', async () => {
    const top = join(folder, 'monorepo');
    for (const project of ['services/churn', 'services/my price']) {
      await mkdir(join(top, project), { recursive: true });
      await writeFile(join(top, project, 'pyproject.toml'), PYPROJECT);
    }
    const { hint } = await rejection(findProject(top));
    const shown = (project: string): string => relative(process.cwd(), join(top, project));
    expect(hint).to.equal(
      `change into a project below it, or pass it: --project ${shown('services/churn')}, or --project '${shown('services/my price')}'`,
    );
  });

  it('names the project in the current folder by a dot, where the folder above was asked for', async () => {
    await mkdir(join(folder, 'one'), { recursive: true });
    await writeFile(join(folder, 'one', 'pyproject.toml'), PYPROJECT);
    const before = process.cwd();
    process.chdir(join(folder, 'one'));
    try {
      expect((await rejection(findProject('..'))).hint).to.contain('--project .');
    } finally {
      process.chdir(before);
    }
  });

  it('names the line of broken TOML, and repeats nothing of what stands there', async () => {
    await writeFile(join(folder, 'project', 'pyproject.toml'), '[tool.kedro]\npackage_name = \npassword = "hunter2"\n');
    const error = await rejection(findProject(join(folder, 'project')));
    expect(error.code).to.equal('configuration');
    expect(error.place).to.deep.equal({ file: 'pyproject.toml', line: 2 });
    expect(error.message)
      .to.match(/^pyproject\.toml is not valid TOML: /)
      .and.not.contain('hunter2');
  });

  it('names a folder that does not exist', async () => {
    const error = await rejection(findProject(join(folder, 'missing')));
    expect(error.message).to.equal(`the folder ${join(folder, 'missing')} does not exist`);
  });
});

describe('readProject', () => {
  const cases: [name: string, toml: string, expected: object][] = [
    [
      'knows a version that only the build backend knows',
      PYPROJECT.replace('version = "1.2.3"', 'dynamic = ["version"]'),
      { hasDynamicVersion: true },
    ],
    ['takes another source folder', `${PYPROJECT}source_dir = "./code/"`, { sourceFolder: 'code' }],
    ['takes the root as source folder', `${PYPROJECT}source_dir = "."`, { sourceFolder: '' }],
    [
      'reads the version key of Kedro before 0.18.2',
      PYPROJECT.replace('kedro_init_version', 'project_version'),
      { kedroVersion: '1.7.0' },
    ],
  ];
  for (const [name, toml, expected] of cases) {
    it(name, async () => {
      expect(await readProject('/p', memorySource({ 'pyproject.toml': toml }))).to.include(expected);
    });
  }

  it('leaves out versions that are not given', async () => {
    const toml = '[tool.kedro]\npackage_name = "a"\nproject_name = "A"\n';
    expect(await readProject('/p', memorySource({ 'pyproject.toml': toml }))).to.not.have.any.keys(
      'kedroVersion',
      'projectVersion',
    );
  });

  it('names the keys that [tool.kedro] lacks', async () => {
    const error = await rejection(
      readProject('/p', memorySource({ 'pyproject.toml': '[tool.kedro]\nkedro_init_version = "1"\n' })),
    );
    expect(error.message).to.equal('package_name and project_name are missing from [tool.kedro] in pyproject.toml');
  });

  for (const folder of ['../other', '/etc']) {
    it(`refuses the source folder ${folder}, which points outside the project`, async () => {
      const source = memorySource({ 'pyproject.toml': `${PYPROJECT}source_dir = "${folder}"` });
      expect((await rejection(readProject('/p', source))).message).to.contain('points outside the project');
    });
  }
});
