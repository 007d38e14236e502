/**
 * The fuzzers and all properties, with random seeds, until the time is over or something fails:
 *   npm run test:long -- [minutes]
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const mocha = path.join(root, 'node_modules/.bin/mocha');
const [minutes = 30] = process.argv.slice(2).map(Number);
/** For each reader, in each round. */
const FUZZ_SECONDS = 20;

const properties = ['test/unit', 'test/process']
  .flatMap((folder) => readdirSync(path.join(root, folder), { recursive: true }).map((file) => path.join(folder, file)))
  .filter((file) => file.endsWith('.test.ts') && readFileSync(path.join(root, file), 'utf8').includes("'fast-check'"));

const end = performance.now() + minutes * 60_000;
do {
  const seed = Math.floor(Math.random() * 2 ** 31);
  console.log(`\n== again with: KDEPLOY_TEST_SEED=${seed}`);
  const environment = { KDEPLOY_TEST_SEED: String(seed), KDEPLOY_FUZZ_SECONDS: String(FUZZ_SECONDS) };
  await run(['--config', '.mocharc.fuzz.json', '--timeout', '0'], environment);
  await run(['--reporter', 'dot', ...properties], environment);
} while (performance.now() < end);

async function run(commandArguments, environment) {
  const child = spawn(mocha, commandArguments, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...environment },
  });
  const [exitCode] = await once(child, 'exit');
  if (exitCode !== 0) process.exit(exitCode ?? 1);
}
