import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const BIN = fileURLToPath(new URL('../../../bin/dev.js', import.meta.url));

/** A process of its own, because the hook ends the one it runs in. */
function kdeploy(...words: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [BIN, ...words], {
    encoding: 'utf8',
    env: { PATH: process.env.PATH, NO_COLOR: '1' },
  });
  return { status, stdout, lines: stderr.trim().split('\n').slice(-2) };
}

describe('a command that does not exist', () => {
  const cases: readonly [words: readonly string[], error: string, next: string][] = [
    [['biuld'], 'kdeploy has no command "biuld"', 'did you mean `kdeploy build`?'],
    [['Inspect'], 'kdeploy has no command "Inspect"', 'did you mean `kdeploy inspect`?'],
    [['frobnicate'], 'kdeploy has no command "frobnicate"', 'see `kdeploy help`'],
  ];
  for (const [words, error, next] of cases) {
    it(`is a usage error: kdeploy ${words.join(' ')}`, () => {
      expect(kdeploy(...words)).to.deep.equal({
        status: 2,
        stdout: '',
        lines: [`Error: ${error}`, `  next: ${next}`],
      });
    });
  }
});
