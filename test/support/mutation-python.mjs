import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** cosmic-ray changes files where they are, so it gets a copy. */
const COPY = '.mutation/runtime';
const COSMIC_RAY = 'cosmic-ray==8.4.*';
/** A test that waits for ever is one that noticed. */
const LIMIT_SECONDS = 120;

/** Runs cosmic-ray on a file or a folder of the runtime, with the tests that are named. */
export async function mutateRuntime(target, tests) {
  rmSync(COPY, { recursive: true, force: true });
  for (const folder of ['templates', 'test/runtime', 'test/fixtures', 'test/support'])
    cpSync(folder, path.join(COPY, folder), { recursive: true });
  const python = (await outputOf('npm', ['run', '--silent', 'environment', 'python'])).trim();
  const strings = (list) => `[${list.map((one) => JSON.stringify(one)).join(', ')}]`;
  const pytest = [python, '-B', '-m', 'pytest', '-x', '-q', '-p', 'no:cacheprovider', ...tests].join(' ');
  writeFileSync(
    path.join(COPY, 'cosmic-ray.toml'),
    `[cosmic-ray]
module-path = ${strings([target])}
timeout = ${LIMIT_SECONDS}.0
excluded-modules = []
test-command = ${JSON.stringify(pytest)}
[cosmic-ray.distributor]
name = "local"
`,
  );
  const uvx = path.join(path.dirname(python), 'uvx');
  const run = (program, ...more) => statusOf(uvx, ['--quiet', '--from', COSMIC_RAY, program, ...more], COPY);
  return (
    (await run('cosmic-ray', 'init', 'cosmic-ray.toml', 'session.sqlite')) ||
    (await run('cosmic-ray', '--verbosity', 'WARNING', 'exec', 'cosmic-ray.toml', 'session.sqlite')) ||
    (await run('cr-report', '--surviving-only', '--show-diff', 'session.sqlite'))
  );
}

async function outputOf(command, commandArguments) {
  const child = spawn(command, commandArguments, { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  await once(child, 'close');
  return output;
}

async function statusOf(command, commandArguments, cwd) {
  const child = spawn(command, commandArguments, { cwd, stdio: 'inherit' });
  const [exitCode] = await once(child, 'exit');
  return exitCode ?? 1;
}
