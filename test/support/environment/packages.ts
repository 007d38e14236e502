import { existsSync, readFileSync } from 'node:fs';

import { exclusively } from './cache.js';
import { findCommand, requireRoot, runAsRoot, succeeds } from './commands.js';
import { report, timed } from './progress.js';

/** Something the machine must have, and the Debian and Ubuntu packages that bring it: the first name that the archive knows. */
export interface Need {
  readonly packages: readonly string[];
  isMet(): Promise<boolean>;
}

export function needCommand(command: string, ...packages: string[]): Need {
  return { packages, isMet: () => Promise.resolve(findCommand(command) !== undefined) };
}

export function needFile(file: string, ...packages: string[]): Need {
  return { packages, isMet: () => Promise.resolve(existsSync(file)) };
}

/** Debian splits ensurepip off into python3-venv; without it, `python3 -m venv` fails after half of its work. */
export const needVirtualEnvironments: Need = {
  packages: ['python3-venv'],
  isMet: () => succeeds(['python3', '-c', 'import ensurepip, venv']),
};

/** Where the kernel enforces AppArmor, no container starts without the tool that loads its profile. */
export const needAppArmorWhereEnforced: Need = {
  packages: ['apparmor'],
  isMet: () => Promise.resolve(!isAppArmorEnforced() || findCommand('apparmor_parser') !== undefined),
};

/** Installs what is missing, in one apt-get run; does nothing, and needs no root, when nothing is. */
export async function ensurePackages(needs: readonly Need[]): Promise<void> {
  if ((await missingOf(needs)).length === 0) return;
  // Stages of the tests that run side by side need packages at once, and apt-get refuses to update its lists twice at a time.
  await exclusively('packages', async () => {
    const missing = await missingOf(needs);
    if (missing.length > 0) await install(missing);
  });
}

async function missingOf(needs: readonly Need[]): Promise<Need[]> {
  const missing: Need[] = [];
  for (const need of needs) if (!(await need.isMet())) missing.push(need);
  return missing;
}

async function install(missing: readonly Need[]): Promise<void> {
  const wanted = missing.map((need) => need.packages.join(' or ')).join(', ');
  if (findCommand('apt-get') === undefined) {
    throw new Error(
      `missing: ${wanted}. They are installed with apt-get on Debian and Ubuntu; install them by hand here`,
    );
  }
  report(`packages: missing ${wanted}`);
  await requireRoot(`installing ${wanted}`);
  await timed('packages', 'installed', async () => {
    await aptGet('update');
    const names = await Promise.all(missing.map((need) => knownPackage(need.packages)));
    await aptGet('install', '--yes', '--no-install-recommends', ...new Set(names));
  });
}

async function aptGet(...args: string[]): Promise<void> {
  // Another apt-get, such as the nightly one, may hold the lock for a while.
  await runAsRoot([
    'env',
    'DEBIAN_FRONTEND=noninteractive',
    'apt-get',
    '-qq',
    '-o',
    'DPkg::Lock::Timeout=120',
    ...args,
  ]);
}

async function knownPackage(candidates: readonly string[]): Promise<string> {
  for (const candidate of candidates) if (await succeeds(['apt-cache', 'show', candidate])) return candidate;
  throw new Error(`the package archive of this machine knows none of: ${candidates.join(', ')}`);
}

function isAppArmorEnforced(): boolean {
  const file = '/sys/module/apparmor/parameters/enabled';
  return existsSync(file) && readFileSync(file, 'utf8').startsWith('Y');
}
