/**
 * Runs a script of this repository on a machine where nothing of it is installed yet:
 *   node test/support/fresh.mjs <demo|test|cluster|registries|bench|long> [arguments]
 * It uses nothing but Node, since it is what brings the rest.
 */
import { spawn } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const scripts = {
  demo: ['--import', 'tsx', 'test/demo/demo.ts'],
  test: ['test/support/run-tests.mjs'],
  registries: ['node_modules/mocha/bin/mocha.js', '--config', '.mocharc.registries.json'],
  cluster: ['node_modules/mocha/bin/mocha.js', '--config', '.mocharc.cluster.json'],
  bench: ['--import', 'tsx', 'test/bench/bench.ts'],
  long: ['test/support/long-run.mjs'],
};

const [name = '', ...rest] = process.argv.slice(2);
const script = scripts[name];
if (script === undefined) stop(`give one of: ${Object.keys(scripts).join(', ')}`, 2);
requireNode();
if (!areDependenciesInstalled()) {
  console.error('installing the dependencies (npm ci)');
  await run('npm', ['ci', '--no-audit', '--no-fund']);
}
// The others use the command as it is installed, compiled; `npm test` builds it itself, after the cheap checks.
if (name !== 'test') await run('npm', ['run', '--silent', 'build']);
await run(process.execPath, [...script, ...rest]);

function requireNode() {
  const { engines } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  // The first number of the range; of what lies between its parts, nobody develops with.
  const wanted = /[\d.]+/.exec(engines.node)[0].split('.').map(Number);
  const actual = process.versions.node.split('.').map(Number);
  const difference = wanted.map((part, index) => actual[index] - part).find((part) => part !== 0) ?? 0;
  if (difference < 0)
    stop(`this needs Node ${engines.node}; here is ${process.versions.node}: https://nodejs.org/en/download`, 3);
}

/** npm writes its own copy of the lock file last, so it is there, and newer, only after a complete installation. */
function areDependenciesInstalled() {
  const installed = statSync(path.join(root, 'node_modules/.package-lock.json'), { throwIfNoEntry: false });
  return installed !== undefined && installed.mtimeMs >= statSync(path.join(root, 'package-lock.json')).mtimeMs;
}

/** Runs to the end, or ends this process with the same exit code; a signal meant for it reaches what it runs. */
async function run(command, commandArguments) {
  const child = spawn(command, commandArguments, { cwd: root, stdio: 'inherit' });
  const forward = (signal) => child.kill(signal);
  for (const signal of ['SIGTERM', 'SIGHUP', 'SIGINT']) process.on(signal, forward);
  const status = await new Promise((resolve) => {
    child.once('error', (error) => stop(`${command} could not be started: ${error.message}`, 3));
    child.once('close', (code, signal) => resolve(code ?? (signal === 'SIGINT' ? 130 : 1)));
  });
  for (const signal of ['SIGTERM', 'SIGHUP', 'SIGINT']) process.off(signal, forward);
  if (status !== 0) process.exit(status);
}

function stop(message, exitCode) {
  console.error(message);
  process.exit(exitCode);
}
