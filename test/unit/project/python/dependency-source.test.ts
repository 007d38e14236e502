import { expect } from 'chai';
import { findDependencySource } from '../../../../src/project/python/dependency-source.js';
import { memorySource } from '../../../support/memory-source.js';
import { rejection } from '../../../support/rejection.js';

const PYPROJECT = { 'pyproject.toml': '[project]\nname = "p"\ndependencies = ["kedro"]\n' };

const find = (names: readonly string[], workspaceLock?: string, more: Readonly<Record<string, string>> = PYPROJECT) =>
  findDependencySource(memorySource({ ...Object.fromEntries(names.map((name) => [name, ''])), ...more }), () =>
    Promise.resolve(workspaceLock),
  );

describe('which file decides what is installed', () => {
  for (const [names, kind, file, ignored] of [
    [
      ['uv.lock', 'pylock.toml', 'poetry.lock', 'requirements.txt'],
      'uv.lock',
      'uv.lock',
      ['pylock.toml', 'poetry.lock', 'requirements.txt'],
    ],
    [['pylock.toml', 'poetry.lock'], 'pylock.toml', 'pylock.toml', ['poetry.lock']],
    [['poetry.lock', 'src/requirements.txt'], 'poetry.lock', 'poetry.lock', ['src/requirements.txt']],
    [['requirements.txt', 'src/requirements.txt'], 'requirements', 'requirements.txt', ['src/requirements.txt']],
    [['src/requirements.txt'], 'requirements', 'src/requirements.txt', []],
    [['requirements/uv.lock', 'docs/requirements.txt', 'requirements.in'], 'pyproject', 'pyproject.toml', []],
    [[], 'pyproject', 'pyproject.toml', []],
  ] as const) {
    it(`is ${file} of ${names.join(', ') || 'pyproject.toml'}`, async () => {
      expect(await find(names)).to.deep.equal({ kind, file, ignored });
    });
  }

  it('is the lock of the workspace, unless the project has its own', async () => {
    expect(await find(['requirements.txt', 'poetry.lock'], '../../uv.lock')).to.deep.equal({
      kind: 'uv.lock',
      file: '../../uv.lock',
      ignored: ['poetry.lock', 'requirements.txt'],
    });
    expect((await find(['uv.lock'], '../../uv.lock')).file).to.equal('uv.lock');
  });

  it('is pyproject.toml where a build backend knows the dependencies', async () => {
    const dynamic = { 'pyproject.toml': '[project]\nname = "p"\ndynamic = ["dependencies"]\n' };
    expect((await find([], undefined, dynamic)).kind).to.equal('pyproject');
  });

  for (const [what, more] of [
    ['nothing', {}],
    ['a pyproject.toml without dependencies', { 'pyproject.toml': '[tool.kedro]\npackage_name = "p"\n' }],
  ] as const) {
    it(`is an error with ${what}, and what to do`, async () => {
      const error = await rejection(find([], undefined, more));
      expect(error.code).to.equal('configuration');
      expect(error.hint).to.contain('requirements.txt');
    });
  }
});
