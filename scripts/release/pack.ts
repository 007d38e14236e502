import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, realpath } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface Packed {
  /** The tarball's path. */
  readonly file: string;
  readonly bytes: Buffer;
  /** Relative to the package. */
  readonly contents: readonly string[];
  /** Where the commit was checked out. */
  readonly checkout: string;
}

/** Checks a commit out into an empty folder, compiles it there, and packs it. */
export async function packCommit(root: string, commit: string, folder: string): Promise<Packed> {
  const checkout = path.join(folder, 'checkout');
  await mkdir(folder, { recursive: true });
  await run('git', ['clone', '--quiet', '--no-checkout', root, checkout]);
  await run('git', ['checkout', '--quiet', commit], { cwd: checkout });
  await copyPackages(path.join(root, 'node_modules'), path.join(checkout, 'node_modules'));
  await run('npm', ['run', '--silent', 'build'], { cwd: checkout });
  const words = ['pack', '--ignore-scripts', '--json', '--pack-destination', folder];
  const { stdout } = await run('npm', words, { cwd: checkout, maxBuffer: 100_000_000 });
  const [packed] = JSON.parse(stdout) as { filename: string; files: { path: string }[] }[];
  if (packed === undefined) throw new Error('npm pack wrote nothing');
  const file = path.join(folder, packed.filename);
  return { file, bytes: await readFile(file), contents: packed.files.map((each) => each.path).sort(), checkout };
}

/** Links where the file system can: a copy has some 30,000 files. */
async function copyPackages(from: string, to: string): Promise<void> {
  const real = await realpath(from);
  await run('cp', ['-al', real, to]).catch(() => cp(real, to, { recursive: true, verbatimSymlinks: true }));
}

/** What the tarball must hold: the committed files of the folders that package.json lists, and what the build makes of src/. */
export async function expectedContents(checkout: string, contents: readonly string[]): Promise<string[]> {
  const { stdout } = await run('git', ['ls-files', '-z', 'bin/run.js', 'templates', 'schema', 'docs'], {
    cwd: checkout,
  });
  const committed = stdout.split('\0').filter((file) => file !== '' && !file.startsWith('templates/image/'));
  const built = contents.filter((file) => /^dist\/(?:[\w.-]+\.js(?:\.map)?|third-party-licences\.txt)$/.test(file));
  const always = ['CHANGELOG.md', 'LICENSE', 'README.md', 'oclif.manifest.json', 'package.json'];
  return [...new Set([...committed, ...built, ...always])].sort();
}
