import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { parseLockDocument } from '../../../../src/project/python/lock-document.js';
import { poetryMainPackages } from '../../../../src/project/python/poetry-main-group.js';
import { parsePyProject } from '../../../../src/project/python/pyproject.js';

const LOCKS = new URL('../../../fixtures/poetry-locks/', import.meta.url);

async function mainOf(lockText: string, pyprojectText: string | Buffer, pythonVersion = '3.11.2'): Promise<string[]> {
  const lock = await parseLockDocument(lockText);
  if (lock === undefined) throw new Error('not TOML');
  const pyproject = await parsePyProject(Buffer.from(pyprojectText));
  const packages = await poetryMainPackages(lock, pyproject, { pythonVersion, platform: 'linux/amd64' });
  return packages.map(({ name, version }) => `${name} ${version ?? ''}`);
}

describe('the main group of poetry.lock', () => {
  for (const [format, file] of [
    ['1.1', 'pyproject-of-1.toml'],
    ['2.0', 'pyproject-of-1.toml'],
    ['2.1', 'pyproject-of-2.toml'],
  ] as const) {
    it(`is the same in what Poetry writes in format ${format}: without dev, extras, and what another platform needs`, async () => {
      const lock = await readFile(new URL(`format-${format}.lock`, LOCKS), 'utf8');
      const pyproject = await readFile(new URL(file, LOCKS));
      const common = ['click 8.1.7', 'fsspec 1.0', 'jaraco-classes 3.4.0', 'mylib 0.1', 'requests 2.0', 'six 1.16.0'];
      expect(await mainOf(lock, pyproject)).to.deep.equal([...common, 'typing-extensions 4.13.0']);
      expect(await mainOf(lock, pyproject, '3.10.4')).to.deep.equal([...common, 'typing-extensions 4.12.2']);
    });
  }

  const table = (name: string, lines = ''): string =>
    `[[package]]\nname = "${name}"\nversion = "1"\noptional = false\n${lines}\n`;

  it('follows what depends on one another in a circle', async () => {
    const lock =
      table('a', '[package.dependencies]\nb = "*"') +
      table('b', '[package.dependencies]\na = {version = "*", extras = ["x"]}');
    expect(await mainOf(lock, '[tool.poetry.dependencies]\na = "*"\n')).to.deep.equal(['a 1', 'b 1']);
  });

  it('has what the extras of a dependency need, and not what others do', async () => {
    const lock = [
      table(
        'a',
        '[package.dependencies]\nb = {version = "*", optional = true}\nc = {version = "*", optional = true}\n[package.extras]\nx = ["B (>=1)"]\ny = ["c"]',
      ),
      table('b'),
      table('c'),
    ].join('');
    expect(await mainOf(lock, '[tool.poetry.dependencies]\na = {version = "*", extras = ["x"]}\n')).to.deep.equal([
      'a 1',
      'b 1',
    ]);
    expect(await mainOf(lock, '[project]\nname = "p"\ndependencies = ["a[y]"]\n')).to.deep.equal(['a 1', 'c 1']);
  });

  it('has a condition for each group where Poetry 2 writes them so', async () => {
    const lock = [
      table(
        'a',
        'groups = ["main", "dev"]\nmarkers = {main = "python_version < \\"3.10\\"", dev = "python_version > \\"3\\""}',
      ),
      table(
        'b',
        'groups = ["main", "dev"]\nmarkers = {main = "python_version > \\"3\\"", dev = "python_version < \\"3\\""}',
      ),
    ].join('');
    expect(await mainOf(lock, '')).to.deep.equal(['b 1']);
  });
});
