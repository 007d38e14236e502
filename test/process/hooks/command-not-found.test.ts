import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const HOOK = new URL('../../../src/hooks/command-not-found.ts', import.meta.url).href;
const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** The hook as oclif calls it, in a process of its own, because it ends the one it runs in. */
function commandNotFound(id: string, ...argv: string[]) {
  const script = `
    const { default: hook } = await import(${JSON.stringify(HOOK)});
    await hook({ id: ${JSON.stringify(id)}, argv: ${JSON.stringify(argv)}, config: { commandIDs: ['build', 'check', 'inspect', 'auth:token'] } });`;
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', 'tsx', '--input-type=module', '--eval', script],
    { cwd: ROOT, encoding: 'utf8', env: { PATH: process.env.PATH, NO_COLOR: '1' } },
  );
  return { status, stdout, lines: stderr.trim().split('\n').slice(-2) };
}

describe('a command that does not exist', () => {
  it('is a usage error, printed like any other', () => {
    expect(commandNotFound('biuld')).to.deep.equal({
      status: 2,
      stdout: '',
      lines: ['Error: unknown command "biuld"', '  next: did you mean `kdeploy build`?'],
    });
  });

  it('is the same as JSON with --json', () => {
    const { status, stdout, lines } = commandNotFound('biuld', '--json');
    expect(JSON.parse(stdout)).to.deep.equal({
      version: 1,
      error: {
        code: 'usage',
        message: 'unknown command "biuld"',
        exitCode: 2,
        hint: 'did you mean `kdeploy build`?',
      },
    });
    expect([status, ...lines]).to.deep.equal([2, '']);
  });
});
