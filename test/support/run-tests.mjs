/** All checks of the repository, cheapest first. Every stage runs; the exit code is that of the first one that failed. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { runStages, since } from './stages.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(path.join(tmpdir(), 'kdeploy-counts-'));
const bin = (name) => path.join(root, 'node_modules/.bin', name);
const npm = (script) => () => run('npm', ['run', '--silent', script]);

/** Name, work, minutes of CPU time, and the stage without which it cannot run: see stages.mjs. */
const stages = [
  ['lint', npm('lint'), 15],
  ['types', npm('typecheck'), 15],
  ['format', npm('format:check'), 15],
  ['unit tests', () => mocha('.mocharc.unit.json'), 15],
  ['process tests', () => mocha('.mocharc.process.json'), 15],
  ['fuzzers', () => mocha('.mocharc.fuzz.json'), 15],
  ['runtime', checkRuntime, 30],
  ['runtime, oldest versions', checkRuntimeWithOldest, 30],
  ['build', npm('build'), 15],
  [
    'integration tests',
    () => mocha('.mocharc.integration.json', '--require', './test/support/environment/mocha.ts'),
    90,
    'build',
  ],
];

let current;
for (const signal of ['SIGTERM', 'SIGHUP']) {
  process.once(signal, () => {
    interrupt(current);
    process.kill(process.pid, signal);
  });
}

const total = { passed: 0, failed: 0 };
const begin = performance.now();
let failed;
try {
  failed = await runStages(stages, { processId: () => current?.pid, interrupt: () => interrupt(current) });
} finally {
  rmSync(folder, { recursive: true, force: true });
}
const names = [...failed.keys()].join('; ');
console.log(`\n== all stages: ${failed.size === 0 ? 'passed' : `failed: ${names}`}, ${since(begin)}`);
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exitCode = [...failed.values()][0] ?? 0;

async function mocha(configuration, ...more) {
  const counts = path.join(folder, `${configuration}.json`);
  const status = await run(
    bin('mocha'),
    ['--config', configuration, '--reporter', './test/support/reporter.mjs', ...more],
    { KDEPLOY_TEST_COUNTS: counts },
  );
  add(() => JSON.parse(readFileSync(counts, 'utf8')));
  return status;
}

/** The Python package that is baked into images, with the newest versions it is used with. */
async function checkRuntime() {
  const { python, status: made } = await pythonWith('newest');
  if (made !== 0) return made;
  const sources = ['templates/runtime', 'templates/host', 'test/runtime', 'test/support'];
  const ruff = ['-m', 'ruff', '--config', 'test/runtime/ruff.toml'];
  for (const command of [['check'], ['format', '--check']]) {
    const status = await run(python, [...ruff, ...command, ...sources]);
    if (status !== 0) return status;
  }
  return pytest(python, 'newest');
}

/** The same package with the oldest versions that it supports. */
async function checkRuntimeWithOldest() {
  const { python, status } = await pythonWith('oldest');
  return status === 0 ? pytest(python, 'oldest') : status;
}

async function pythonWith(versions) {
  const { status, stdout } = await capture(bin('tsx'), ['test/support/environment/cli.ts', 'python', versions]);
  return { status, python: stdout.trim() };
}

async function pytest(python, versions) {
  const junit = path.join(folder, `pytest-${versions}.xml`);
  const options = ['-p', 'no:cacheprovider', `--junitxml=${junit}`];
  const status = await run(python, ['-m', 'pytest', ...options, 'test/runtime']);
  add(() => countsOf(readFileSync(junit, 'utf8')));
  return status;
}

function countsOf(junit) {
  const number = (name) => Number(new RegExp(`<testsuite [^>]*\\b${name}="(\\d+)"`).exec(junit)?.[1] ?? 0);
  const failed = number('failures') + number('errors');
  return { passed: number('tests') - failed - number('skipped'), failed };
}

/** A stage that broke before its first test has left no counts; its exit code tells. */
function add(read) {
  try {
    const { passed, failed } = read();
    total.passed += passed;
    total.failed += failed;
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
}

function run(command, commandArguments, variables = {}) {
  return start(command, commandArguments, {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...variables },
  }).status;
}

async function capture(command, commandArguments) {
  const { child, status } = start(command, commandArguments, { stdio: ['ignore', 'pipe', 'inherit'] });
  let stdout = '';
  child.stdout.on('data', (chunk) => (stdout += chunk));
  return { status: await status, stdout };
}

function start(command, commandArguments, options) {
  const child = spawn(command, commandArguments, { cwd: root, ...options });
  current = child;
  const status = new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(code ?? (signal === 'SIGINT' ? 130 : 1)));
  });
  return { child, status };
}

/** Mocha passes SIGINT, and no other signal, on to the process that runs the tests. */
function interrupt(child) {
  child?.kill('SIGINT');
}
