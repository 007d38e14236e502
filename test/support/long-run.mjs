/**
 * What takes too long for every change: first, once, the tests that `npm test` leaves out; then the fuzzers and all properties, with
 * random seeds, until the time is over or something fails:
 *   npm run test:long -- [minutes]
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const bin = (name) => path.join(root, 'node_modules/.bin', name);
const [minutes = 30] = process.argv.slice(2).map(Number);
/** For each reader, in each round. */
const FUZZ_SECONDS = 20;
const night = { KDEPLOY_TEST_NIGHT: '1' };

const failed = [];
await check('integration tests', nightlyTests);
for (const versions of ['newest', 'oldest']) await check(`runtime, ${versions} versions`, () => runtimeTests(versions));

const end = performance.now() + minutes * 60_000;
do {
  await check('fuzzers and properties', fuzzersAndProperties);
} while (performance.now() < end && !failed.includes('fuzzers and properties'));

console.log(`\n== ${failed.length === 0 ? 'passed' : `failed: ${failed.join('; ')}`}`);
process.exitCode = failed.length === 0 ? 0 : 1;

async function check(name, work) {
  console.log(`\n== ${name}`);
  if ((await work()) !== 0) failed.push(name);
}

/** The whole of each file: what also runs at every change has the same set-up, and there are more samples of it. */
function nightlyTests() {
  const files = filesWith(['test/integration'], '.integration.ts', 'support/nightly.js');
  return run(bin('mocha'), ['--config', '.mocharc.integration.json', ...files], { ...night, ...randomSeed() });
}

/** All of them with either versions; see test/support/run-tests.mjs for what `npm test` leaves out. */
async function runtimeTests(versions) {
  const child = spawn(bin('tsx'), ['test/support/environment/cli.ts', 'python', versions], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let python = '';
  child.stdout.on('data', (chunk) => (python += chunk));
  const [exitCode] = await once(child, 'close');
  if (exitCode !== 0) return exitCode ?? 1;
  return run(python.trim(), ['-m', 'pytest', 'test/runtime'], { ...night, PYTHONDONTWRITEBYTECODE: '' });
}

async function fuzzersAndProperties() {
  const properties = filesWith(['test/unit', 'test/process'], '.test.ts', "'fast-check'");
  const environment = { ...randomSeed(), KDEPLOY_FUZZ_SECONDS: String(FUZZ_SECONDS) };
  return (
    (await run(bin('mocha'), ['--config', '.mocharc.fuzz.json', '--timeout', '0'], environment)) ||
    run(bin('mocha'), ['--reporter', 'dot', ...properties], environment)
  );
}

function randomSeed() {
  const seed = String(Math.floor(Math.random() * 2 ** 31));
  console.log(`== again with: KDEPLOY_TEST_SEED=${seed}`);
  return { KDEPLOY_TEST_SEED: seed };
}

function filesWith(folders, ending, text) {
  return folders
    .flatMap((folder) =>
      readdirSync(path.join(root, folder), { recursive: true }).map((file) => path.join(folder, file)),
    )
    .filter((file) => file.endsWith(ending) && readFileSync(path.join(root, file), 'utf8').includes(text));
}

async function run(command, commandArguments, environment) {
  const child = spawn(command, commandArguments, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...environment },
  });
  const [exitCode] = await once(child, 'exit');
  return exitCode ?? 1;
}
