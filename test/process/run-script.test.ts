import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { expectOutputOf } from '../support/output-schemas.js';

const script = fileURLToPath(new URL('../../bin/run.js', import.meta.url));

/** This Node, which takes itself for another one: what it can parse is shown by real ones (test/integration/node-versions). */
function runAs(version: string, ...argv: string[]): Promise<{ code: unknown; stdout: string; stderr: string }> {
  const versions = `{ ...process.versions, node: ${JSON.stringify(version)} }`;
  const preload = `data:text/javascript,Object.defineProperty(process,'versions',{value:${encodeURIComponent(versions)}})`;
  return new Promise((resolve) =>
    execFile(process.execPath, ['--import', preload, script, ...argv], (error, stdout, stderr) =>
      resolve({ code: error?.code ?? 0, stdout, stderr }),
    ),
  );
}

describe('bin/run.js', () => {
  for (const version of ['0.10.48', '18.20.8', '20.18.3', '21.7.3', '22.2.0'])
    it(`refuses Node ${version} in a sentence, with a documented exit code`, async () => {
      expect(await runAs(version, 'check')).to.deep.equal({
        code: 3,
        stdout: '',
        stderr:
          `Error: kdeploy needs Node.js 20.19, 22.3 or later, and ${process.execPath} is Node.js ${version}\n` +
          '  next: install a newer one (https://nodejs.org/en/download), and start kdeploy with it\n',
      });
    });

  it('refuses it as JSON where that is asked for', async () => {
    const { code, stdout, stderr } = await runAs('18.20.8', 'check', '--json');
    expect([code, stderr]).to.deep.equal([3, '']);
    expectOutputOf(['check', '--json'], stdout);
    expect((JSON.parse(stdout) as { error: object }).error).to.include({ code: 'tool-missing', exitCode: 3 });
    expect(await runAs('18.20.8', 'run', '--', '--json')).to.deep.include({ code: 3, stdout: '' });
  });

  for (const version of ['20.19.0', '22.3.0', '24.0.0', '26.0.0-nightly20261101abc'])
    it(`does not refuse Node ${version}`, async () => {
      // The program need not be compiled for that.
      expect((await runAs(version, '--version')).stderr).not.to.include('kdeploy needs Node.js');
    });

  it('names the range of package.json', async () => {
    const { engines } = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8')) as {
      readonly engines: { readonly node: string };
    };
    expect(engines.node).to.equal('>=20.19 <21 || >=22.3');
  });
});
