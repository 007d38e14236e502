import { chmod, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { KdeployError } from '../../../../src/errors.js';
import { readExportedWithKedro } from '../../../../src/hook/push/exported-project.js';
import type { Project } from '../../../../src/project/project.js';
import { failure } from '../../../support/failure.js';
import { memorySource } from '../../../support/memory-source.js';
import { rejection } from '../../../support/rejection.js';
import { temporaryFolder } from '../../git/temporary-repository.js';

describe('a commit’s project, as Kedro reads it', () => {
  let root: string;
  beforeEach(async () => {
    root = await temporaryFolder();
  });
  afterEach(() => rm(root, { recursive: true }));

  const project = (files: Readonly<Record<string, string>>): Project => ({
    ...{ root, name: 'Demo', packageName: 'demo', sourceFolder: 'src' },
    source: memorySource(files),
  });
  /** A kedro whose Python is a shell script: what it prints is the answer. `$2` is the project's folder. */
  const kedro = async (script: string): Promise<string> => {
    const python = join(root, 'python3');
    await writeFile(python, `#!/bin/sh\n${script}\n`);
    await writeFile(join(root, 'kedro'), `#!${python}\n`);
    for (const file of ['python3', 'kedro']) await chmod(join(root, file), 0o755);
    return join(root, 'kedro');
  };
  const ask = async (files: Readonly<Record<string, string>>, script: string) =>
    readExportedWithKedro('because', project(files), {
      env: 'prod',
      kedro: await kedro(script),
      environment: { PATH: process.env.PATH },
    });
  const exports = async () => (await readdir(tmpdir())).filter((name) => name.startsWith('kdeploy-commit-')).length;

  it('says what is wrong with the folder for temporary files, and how to choose another', async () => {
    const { TMPDIR } = process.env;
    for (const [temporary, reason] of [
      [
        join(root, 'none'),
        /none\/kdeploy-commit-\w+ cannot be created: it, or a folder on the way to it, does not exist$/,
      ],
      [join(root, 'kedro'), /kedro\/kdeploy-commit-\w+ cannot be created: a file is where a folder is expected$/],
    ] as const) {
      const python = await kedro('');
      process.env.TMPDIR = temporary;
      try {
        const error = await rejection(
          readExportedWithKedro('because', project({}), { env: 'prod', kedro: python, environment: {} }),
        );
        expect(error.message).to.match(reason);
        expect(error.hint).to.contain('set TMPDIR');
      } finally {
        if (TMPDIR === undefined) delete process.env.TMPDIR;
        else process.env.TMPDIR = TMPDIR;
      }
    }
  });

  it('is written to a folder of its own, without data, and gone afterwards', async () => {
    const before = await exports();
    const files = {
      'conf/prod/mlflow.yml': 'x',
      'src/demo/settings.py': '',
      'data/raw.csv': '',
      'notebooks/a.ipynb': '',
    };
    const answer = await ask(
      files,
      `list=$(cd "$2" && find . -type f | sort | sed 's/.*/"&"/' | paste -sd,)
       echo "{\\"document\\": {\\"environment\\": \\"$3\\", \\"mode\\": \\"$(ls -ld "$2" | cut -c1-10)\\"}, \\"files\\": [$list], \\"folder\\": \\"e\\", \\"patterns\\": []}"`,
    );
    expect(answer).to.deep.equal({
      document: { environment: 'prod', mode: 'drwx------' },
      files: ['./conf/prod/mlflow.yml', './src/demo/settings.py'],
      folder: 'e',
      patterns: [],
    });
    expect(await exports()).to.equal(before);
  });

  it('is told with its own place when Kedro fails, and gone as well', async () => {
    const before = await exports();
    const failing = `echo "look at $2/conf" >&2; echo "{\\"error\\": \\"ValueError\\", \\"message\\": \\"no $2/conf/prod\\"}"`;
    const error = await rejection(ask({ 'pyproject.toml': '' }, failing));
    expect(error.message).to.contain(`${root}/conf/prod`);
    expect(error.output.join('\n')).to.contain(`look at ${root}/conf`);
    expect(`${error.message} ${error.hint ?? ''} ${error.output.join()}`).to.not.contain('kdeploy-commit-');
    expect(await exports()).to.equal(before);
  });

  it('lacks a file that leads out of the project, but is not exported at all where git fails', async () => {
    const reading = async (error: Error) => {
      const source = memorySource({ a: 'x', b: 'x' });
      const read = (path: string) => (path === 'a' ? Promise.reject(error) : source.read(path));
      const given = { ...project({}), source: { ...source, read } };
      const script = `echo "{\\"document\\": {}, \\"files\\": [], \\"folder\\": \\"$(ls "$2")\\", \\"patterns\\": []}"`;
      return readExportedWithKedro('because', given, {
        env: 'prod',
        kedro: await kedro(script),
        environment: { PATH: process.env.PATH },
      });
    };
    const leadsOut = new KdeployError('configuration', 'a points outside the project', { place: { file: 'a' } });
    expect((await reading(leadsOut)).folder).to.equal('b');
    const stopped = new KdeployError('tool-missing', 'git was stopped');
    expect(await failure(reading(stopped))).to.include({ code: 'tool-missing', message: 'git was stopped' });
    const bug = new TypeError('a bug');
    expect(await failure(reading(bug))).to.equal(bug);
  });

  it('has no file out of its folder, whatever its name is', async () => {
    await symlink('/nonexistent', join(root, 'link'));
    const outside = join(tmpdir(), `kdeploy-escaped-${process.pid}`);
    const answer = await ask(
      { [`../kdeploy-escaped-${process.pid}`]: 'x', a: '' },
      `echo "{\\"document\\": {}, \\"files\\": [], \\"folder\\": \\"$(ls "$2")\\", \\"patterns\\": []}"; ls "${outside}" >&2`,
    );
    expect(answer.folder).to.equal('a');
    expect(await readdir(tmpdir())).to.not.include(`kdeploy-escaped-${process.pid}`);
  });
});
