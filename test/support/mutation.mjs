/**
 * Changes sources in small ways, one at a time, and lists the changes that no test notices:
 *   npm run test:mutation -- src/secrets
 *   npm run test:mutation -- src/places/registry/challenge.ts test/unit/places/registry/client.test.ts
 *   npm run test:mutation -- templates/runtime/kdeploy_runtime/redaction test/runtime/test_redaction.py
 * Sources of src are tried with the tests that mirror them, and with those that are named; sources of the runtime only with
 * those that are named. It takes minutes. In src, what was tried before is not tried again while its files are the same.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { mutateRuntime } from './mutation-python.mjs';
import { mutateSources } from './mutation-typescript.mjs';

const [target = '', ...tests] = process.argv.slice(2).map((name) => path.normalize(name).replace(/\/$/, ''));
const missing = [target, ...tests].find((name) => !existsSync(name));
if (missing !== undefined) stop(`${missing} does not exist`);
else if (target.startsWith('src/')) process.exitCode = await mutateSources(target, tests);
else if (!target.startsWith('templates/runtime/')) stop('name a folder or a file of src/ or templates/runtime/');
else if (tests.length === 0) stop('name the tests as well, such as test/runtime/test_redaction.py');
else process.exitCode = await mutateRuntime(target, tests);

function stop(message) {
  console.error(message);
  process.exitCode = 2;
}
