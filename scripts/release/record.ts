/** Records what this commit's kdeploy bakes, for the tests of all later versions: `npm run release:record`. */
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { RELEASED, record, releasedImage } from './released-image.js';

const packageJson = await readFile(new URL('../../package.json', import.meta.url), 'utf8');
const { version } = JSON.parse(packageJson) as { readonly version: string };
await rm(path.join(RELEASED, version), { recursive: true, force: true });
await record(await releasedImage(version), version);
process.stdout.write(`test/fixtures/released/${version}\n`);
