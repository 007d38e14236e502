import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

/** A process whose command is this promise. */
async function ended(command: string, ...argv: string[]): Promise<{ code: unknown; stdout: string; stderr: string }> {
  const module = fileURLToPath(new URL('../../src/command-line.ts', import.meta.url));
  const script = `import { toItsEnd } from ${JSON.stringify(module)}; await toItsEnd(${command}, ${JSON.stringify(argv)});`;
  const options = ['--import', 'tsx', '--input-type=module', '--eval', script];
  return new Promise((resolve) =>
    execFile(process.execPath, options, (error, stdout, stderr) => resolve({ code: error?.code ?? 0, stdout, stderr })),
  );
}

describe('a command', () => {
  it('that waits for what never comes is an error with a sentence and a documented exit code', async () => {
    const { code, stdout, stderr } = await ended('new Promise(() => {})', 'build');
    expect([code, stdout]).to.deep.equal([3, '']);
    expect(stderr).to.match(/^Error: the command ended before it was done: .*\n {2}next: .*run the command again.*\n$/);
  });

  it('that waits for what never comes is an error as JSON where that was asked for', async () => {
    const { code, stdout, stderr } = await ended('new Promise(() => {})', 'build', '--json');
    expect([code, stderr]).to.deep.equal([3, '']);
    expect((JSON.parse(stdout) as { error: object }).error).to.include({ code: 'unfinished', exitCode: 3 });
  });

  it('that ends is left alone, with its exit code', async () => {
    const command = 'Promise.resolve().then(() => { process.exitCode = 4; })';
    expect(await ended(command, 'build')).to.deep.equal({ code: 4, stdout: '', stderr: '' });
  });

  it('that is done is not kept by a connection that somebody else keeps open', async () => {
    const command = 'Promise.resolve().then(() => { setInterval(() => undefined, 1000); process.exitCode = 4; })';
    expect(await ended(command, 'build')).to.deep.equal({ code: 4, stdout: '', stderr: '' });
  });
});
