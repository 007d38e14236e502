/** All checks of the repository, cheapest first. Every stage runs; the exit code is that of the first one that failed. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { Lane } from './lane.mjs';
import { runStages, since } from './stages.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(path.join(tmpdir(), 'kdeploy-counts-'));
const bin = (name) => path.join(root, 'node_modules/.bin', name);
/** Not by npm, which does not pass SIGINT on. */
const program =
  (name, ...options) =>
  (lane) =>
    lane.run(bin(name), options);

/** Most of what it makes is thrown away soon: with more room for that, a tenth less is copied. */
const LINT_AND_TYPES = ['--max-semi-space-size=128', 'test/support/lint-and-types.mjs'];

/**
 * The integration tests take more than half of the time and hardly ever more than one CPU, so everything else runs beside them, and
 * then a part of them: on an engine of its own, or, where the machine has one, when the others have ended.
 */
const SECOND_PART = ['layers', 'layers-small', 'package', 'python-package'].map(
  (name) => `test/integration/${name}.integration.ts`,
);

/** Name, work, minutes of CPU time, and the stage without which it cannot run: see stages.mjs. */
const lanes = [
  [
    new Lane(),
    [
      ['lint and types', (lane) => lane.run(process.execPath, LINT_AND_TYPES), 15],
      ['format', program('prettier', '--check', '.'), 15],
      ['unit tests', (lane) => mocha(lane, '.mocharc.unit.json'), 15],
      ['process tests', checkProcesses, 15],
      ['fuzzers', (lane) => mocha(lane, '.mocharc.fuzz.json'), 15],
      ['runtime', checkRuntime, 30],
      ['Python package', checkPythonPackage, 15],
      ['integration tests, layers', (lane) => integration(lane, 'layers', SECOND_PART), 45, 'build'],
    ],
  ],
  [
    new Lane(folder),
    [
      ['build', (lane) => lane.run('npm', ['run', '--silent', 'build']), 15],
      ['integration tests', checkIntegration, 90, 'build'],
      ['runtime, oldest versions', checkRuntimeWithOldest, 30],
    ],
  ],
];

/**
 * Tests of the runtime's own client, words and settings, which import neither Kedro nor MLflow: here, once is enough. What some of
 * them ask a real server, test_start_and_finish and test_hook ask as well. `npm run test:long` runs all with the oldest versions, too.
 */
const SAME_WITH_ALL_VERSIONS = [
  ...['address', 'authentication', 'client_settings', 'command_line', 'credential_value', 'entrypoint', 'failure'],
  ...['google_tokens', 'imports', 'joining', 'network_failure', 'oidc', 'orchestrators', 'plain_file', 'preparation'],
  ...['redaction', 'responses', 'settings', 'tls', 'token_file', 'tokens', 'waiting'],
];

let received;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    received = signal;
    for (const [lane] of lanes) lane.end();
  });
}

const total = { passed: 0, failed: 0 };
const begin = performance.now();
let failed;
try {
  failed = await runStages(lanes);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
const names = [...failed.keys()].join('; ');
const result = received ?? (failed.size === 0 ? 'passed' : `failed: ${names}`);
console.log(`\n== all stages: ${result}, ${since(begin)}`);
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exitCode = [...failed.values()][0] ?? 0;
// Not sooner, so that what was running has cleared away and printed its last words.
if (received !== undefined) {
  process.removeAllListeners(received);
  process.kill(process.pid, received);
}

/** With uv, and nothing else of the virtual environment that has it: some of these tests look for a kedro on PATH that is not there. */
async function checkProcesses(lane) {
  const { python, status } = await pythonWith(lane, 'newest');
  if (status !== 0) return status;
  const tools = path.join(folder, 'tools');
  mkdirSync(tools);
  symlinkSync(path.join(path.dirname(python), 'uv'), path.join(tools, 'uv'));
  return mocha(lane, '.mocharc.process.json', { PATH: [tools, process.env.PATH].join(path.delimiter) });
}

function checkIntegration(lane) {
  const files = readdirSync(path.join(root, 'test/integration')).map((name) => `test/integration/${name}`);
  const others = files.filter((file) => file.endsWith('.integration.ts') && !SECOND_PART.includes(file));
  return integration(lane, 'others', others.sort());
}

function integration(lane, part, files) {
  return mocha(lane, '.mocharc.integration.json', {}, { name: `integration-${part}`, options: files });
}

async function mocha(lane, configuration, variables = {}, { name = configuration, options: more = [] } = {}) {
  const counts = path.join(folder, `${name}.json`);
  const options = ['--config', configuration, '--reporter', './test/support/reporter.mjs', ...more];
  const status = await lane.run(bin('mocha'), options, { ...variables, KDEPLOY_TEST_COUNTS: counts });
  add(() => JSON.parse(readFileSync(counts, 'utf8')));
  return status;
}

/** The Python package that is baked into images, with the newest versions it is used with. */
async function checkRuntime(lane) {
  const { python, status: made } = await pythonWith(lane, 'newest');
  if (made !== 0) return made;
  const sources = ['templates/runtime', 'templates/host', 'python', 'test/runtime', 'test/python', 'test/support'];
  const ruff = ['-m', 'ruff', '--config', 'test/runtime/ruff.toml'];
  for (const command of [['check'], ['format', '--check']]) {
    const status = await lane.run(python, [...ruff, ...command, ...sources]);
    if (status !== 0) return status;
  }
  return pytest(lane, python, 'runtime', 'newest');
}

/** The same package with the oldest versions that it supports. */
async function checkRuntimeWithOldest(lane) {
  const { python, status } = await pythonWith(lane, 'oldest');
  const same = SAME_WITH_ALL_VERSIONS.map((name) => `--ignore=test/runtime/test_${name}.py`);
  return status === 0 ? pytest(lane, python, 'runtime', 'oldest', same) : status;
}

/** What starts kdeploy where pip has installed it. */
async function checkPythonPackage(lane) {
  const { python, status } = await pythonWith(lane, 'newest');
  return status === 0 ? pytest(lane, python, 'python', 'newest') : status;
}

async function pythonWith(lane, versions) {
  const { status, stdout } = await lane.capture(bin('tsx'), ['test/support/environment/cli.ts', 'python', versions]);
  return { status, python: stdout.trim() };
}

async function pytest(lane, python, suite, versions, more = []) {
  const junit = path.join(folder, `pytest-${suite}-${versions}.xml`);
  const options = ['-p', 'no:cacheprovider', `--junitxml=${junit}`, ...more];
  // Where a machine tells Python to write no bytecode, each of hundreds of processes would compile Kedro and MLflow anew.
  const variables = { PYTHONDONTWRITEBYTECODE: '' };
  const status = await lane.run(python, ['-m', 'pytest', ...options, `test/${suite}`], variables);
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
