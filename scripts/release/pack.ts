import { execFile } from 'node:child_process';
import { cp, mkdir, readdir, realpath } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The files that a release publishes. */
export interface Packed {
  readonly tarball: string;
  readonly wheel: string;
  readonly sdist: string;
}

/** Checks a commit out into an empty folder, with a copy of the packages that compile it. */
export async function checkOut(root: string, commit: string, checkout: string): Promise<void> {
  await mkdir(path.dirname(checkout), { recursive: true });
  await run('git', ['clone', '--quiet', '--no-checkout', root, checkout]);
  await run('git', ['checkout', '--quiet', commit], { cwd: checkout });
  await copyPackages(root, checkout);
}

/** The installed packages. As links where the file system can: a copy has some 30,000 files. */
export async function copyPackages(root: string, checkout: string): Promise<void> {
  const [from, to] = [await realpath(path.join(root, 'node_modules')), path.join(checkout, 'node_modules')];
  await run('cp', ['-al', from, to]).catch(() => cp(from, to, { recursive: true, verbatimSymlinks: true }));
}

/** Compiles a checkout, and packs it for npm and for pip. `variables` are added to the environment. */
export async function pack(
  checkout: string,
  folder: string,
  variables: Readonly<Record<string, string>> = {},
): Promise<Packed> {
  const options = { cwd: checkout, env: { ...process.env, ...variables }, maxBuffer: 100_000_000 };
  await mkdir(folder, { recursive: true });
  await run('npm', ['run', '--silent', 'build'], options);
  await readableByAll(checkout);
  const words = ['pack', '--silent', '--ignore-scripts', '--pack-destination', folder];
  const tarball = path.join(folder, (await run('npm', words, options)).stdout.trim());
  await run(process.execPath, ['scripts/wheel.js', folder, tarball], options);
  const written = await readdir(folder);
  const find = (ending: string): string => {
    const [found, ...more] = written.filter((file) => file.endsWith(ending));
    if (found === undefined || more.length > 0) throw new Error(`${folder} must have one file *${ending}`);
    return path.join(folder, found);
  };
  return { tarball, wheel: find('.whl'), sdist: find('.tar.gz') };
}

/**
 * npm packs what others may do with a file as the umask of whoever checked it out has left it. Packages are left alone: they may be
 * links to those of another checkout.
 */
async function readableByAll(checkout: string): Promise<void> {
  const leftAlone = ['(', '-name', '.git', '-o', '-name', 'node_modules', ')', '-prune'];
  await run('find', ['.', ...leftAlone, '-o', '-type', 'f', '-exec', 'chmod', 'u=rwX,go=rX', '{}', '+'], {
    cwd: checkout,
  });
}
