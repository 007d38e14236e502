import { readFile } from 'node:fs/promises';
import { arch } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { cached, isCached, recipeKey } from '../environment/cache.js';
import { run } from '../environment/commands.js';
import { requireGo } from '../environment/go.js';
import { ensurePackages, needCommand } from '../environment/packages.js';
import { timed } from '../environment/progress.js';

/** A Go module that requires them all, in the versions that these tests run. */
const moduleFolder = fileURLToPath(new URL('programs', import.meta.url));
const PACKAGES = {
  crane: 'github.com/google/go-containerregistry/cmd/crane',
  /** Distribution v3. */
  registry: 'github.com/distribution/distribution/v3/cmd/registry',
  /** What the OCI distribution spec asks of a registry, as a program. */
  conformance: 'github.com/opencontainers/distribution-spec/conformance',
} as const;

export type GoProgram = keyof typeof PACKAGES;

/**
 * The path of a program that is there only as Go source. The first time, it is built: half a minute of CPU time for crane with
 * all of Go's library, three minutes more for distribution, which brings the clients of every cloud's storage.
 */
export async function ensureProgram(program: GoProgram): Promise<string> {
  await ensurePackages([needCommand('go', 'golang-go')]);
  const name = `${program}-${recipeKey(await source('go.mod'), await source('go.sum'), arch())}`;
  const make = (): Promise<string> => cached(name, (folder) => build(folder, program));
  const folder = isCached(name) ? await make() : await timed(program, 'built', make);
  return path.join(folder, program);
}

async function build(folder: string, program: GoProgram): Promise<void> {
  await run(['nice', await requireGo(), 'build', '-ldflags', '-s -w', '-o', `${folder}/`, PACKAGES[program]], {
    cwd: moduleFolder,
    // Where Debian's Go keeps to itself, as it is set there, it would not get the one that go.mod asks for.
    env: { CGO_ENABLED: '0', GOTOOLCHAIN: 'auto' },
  });
}

function source(file: string): Promise<string> {
  return readFile(path.join(moduleFolder, file), 'utf8');
}
