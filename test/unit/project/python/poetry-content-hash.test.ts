import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { parse } from 'smol-toml';
import { poetryContentHashes } from '../../../../src/project/python/poetry-content-hash.js';

const LOCKS = new URL('../../../fixtures/poetry-locks/', import.meta.url);

describe('the content hash of poetry.lock', () => {
  for (const [format, file] of [
    ['1.1', 'pyproject-of-1.toml'],
    ['2.0', 'pyproject-of-1.toml'],
    ['2.1', 'pyproject-of-2.toml'],
  ] as const) {
    it(`is what Poetry wrote into a lock of format ${format}`, async () => {
      const lock = await readFile(new URL(`format-${format}.lock`, LOCKS), 'utf8');
      const pyproject = await readFile(new URL(file, LOCKS), 'utf8');
      const [, noted] = /content-hash = "(\w+)"/.exec(lock) ?? [];
      expect(poetryContentHashes(parse(pyproject))).to.include(noted);
      expect(poetryContentHashes(parse(pyproject.replace('8.1.7', '8.1.8')))).not.to.include(noted);
    });
  }

  it('is over [project] and [dependency-groups] as well, since 2.3 with the groups', () => {
    const pyproject = parse(`
[project]
name = "p"
version = "1"
requires-python = ">=3.9"
dependencies = ["kedro>=1 ; python_version < '3.13'", "ünï"]
[dependency-groups]
dev = ["pytest", {include-group = "x"}]
x = []
[tool.poetry]
package-mode = false
[tool.poetry.group.docs]
optional = true
[tool.poetry.group.docs.dependencies]
a = {version = "^1", optional = false, extras = ["b"]}
`);
    expect(poetryContentHashes(pyproject)).to.include.members([
      'eba04e029e83f9888cb44cc78d6bb0202007180b59a475941ae65d96cb5ac050',
      '7ab5a8bf4cd2a58449c37dffd289a233991f6ad90b34547ef88d95867f103bdd',
    ]);
  });

  it('is not over what does not change the dependencies', () => {
    const hashes = (more: string) =>
      poetryContentHashes(parse(`[tool.poetry]\nname = "p"\n${more}[tool.poetry.dependencies]\na = "1"\n`));
    expect(hashes('version = "2"\n')).to.deep.equal(hashes(''));
  });

  it('is not claimed where Python would write a value in another way', () => {
    expect(poetryContentHashes(parse('[tool.poetry.dependencies]\na = 1.5\n'))).to.equal(undefined);
    expect(poetryContentHashes(parse('[tool.poetry.dependencies]\na = 2026-01-01\n'))).to.equal(undefined);
  });
});
