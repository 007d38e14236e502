import { rename } from 'node:fs/promises';
import { arch } from 'node:os';
import path from 'node:path';

import { cached, isCached, recipeKey } from './cache.js';
import { requireCommand, runAsRoot } from './commands.js';
import { timed } from './progress.js';

const suite = 'bookworm';
/** What Python's own image has and Kedro-Docker's Dockerfile relies on: useradd from passwd, libgomp for scikit-learn. */
const packages = ['python3', 'python3-pip', 'python3-venv', 'ca-certificates', 'passwd', 'libgomp1'];
const hooks = [
  'ln -s python3 "$1/usr/bin/python"',
  // Debian forbids pip to install beside its own packages; in an image there is nobody to protect.
  'rm -f "$1"/usr/lib/python3*/EXTERNALLY-MANAGED',
  // Never read in a container.
  'rm -rf "$1"/usr/share/doc/* "$1"/usr/share/man/* "$1"/usr/share/locale/* "$1"/var/cache/apt/* "$1"/var/lib/apt/lists/*',
];

export const rootFilesystemKey = recipeKey(suite, ...packages, ...hooks, arch());
const entry = `root-filesystem-${rootFilesystemKey}`;

export function isRootFilesystemCached(): boolean {
  return isCached(entry);
}

/** A tar archive of a small Debian with Python, from Debian's package mirror: what stands in for Python's image on Docker Hub. */
export async function ensureRootFilesystem(): Promise<string> {
  const make = (): Promise<string> => cached(entry, makeRootFilesystem);
  const folder = isRootFilesystemCached() ? await make() : await timed('root filesystem', 'made', make);
  return archiveIn(folder);
}

function archiveIn(folder: string): string {
  return path.join(folder, 'root.tar');
}

async function makeRootFilesystem(folder: string): Promise<void> {
  const unfinished = `${archiveIn(folder)}.part`;
  await runAsRoot(
    [
      ...[
        requireCommand('mmdebstrap'),
        '--quiet',
        '--variant=minbase',
        '--format=tar',
        `--include=${packages.join(',')}`,
      ],
      ...hooks.map((hook) => `--customize-hook=${hook}`),
      ...[suite, unfinished],
    ],
    { env: { TMPDIR: folder } },
  );
  await rename(unfinished, archiveIn(folder));
}
