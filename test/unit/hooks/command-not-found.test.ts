import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const HOOK = new URL('../../../src/hooks/command-not-found.ts', import.meta.url).href;
const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** The hook as oclif calls it, in a process of its own, because it ends the one it runs in. */
function commandNotFound(id: string) {
  const script = `
    const { default: hook } = await import(${JSON.stringify(HOOK)});
    await hook({ id: ${JSON.stringify(id)}, config: { commandIDs: ['build', 'check', 'inspect', 'auth:token'] } });`;
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', 'tsx', '--input-type=module', '--eval', script],
    { cwd: ROOT, encoding: 'utf8', env: { PATH: process.env.PATH, NO_COLOR: '1' } },
  );
  return { status, stdout, lines: stderr.trim().split('\n').slice(-2) };
}

describe('a command that does not exist', () => {
  const cases: readonly [id: string, error: string, next: string][] = [
    ['biuld', 'unknown command "biuld"', 'did you mean `kdeploy build`?'],
    ['Inspect', 'unknown command "Inspect"', 'did you mean `kdeploy inspect`?'],
    ['auth:tokn', 'unknown command "auth tokn"', 'did you mean `kdeploy auth token`?'],
    ['frobnicate', 'unknown command "frobnicate"', 'see `kdeploy help`'],
  ];
  for (const [id, error, next] of cases) {
    it(`is a usage error: kdeploy ${id}`, () => {
      expect(commandNotFound(id)).to.deep.equal({
        status: 2,
        stdout: '',
        lines: [`Error: ${error}`, `  next: ${next}`],
      });
    });
  }
});
