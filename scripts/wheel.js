/**
 * Builds kdeploy as a Python package, a wheel and an sdist: `npm run wheel`. They hold the files that npm packs, the packages
 * that dist/ loads from node_modules, and python/, which starts them. Whoever installs either compiles nothing.
 *
 * They are written into dist-python/, or into the folder that is named; after it, the tarball of npm can be named where it is
 * packed already.
 */
import { execFile, spawn } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { copyPackages } from './node-modules.js';
import { LATE_USERS, OUTSIDE } from './outside-bundle.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const [named, tarball] = process.argv.slice(2);
const output = named === undefined ? path.join(root, 'dist-python') : path.resolve(named);
const run = promisify(execFile);

const staged = await mkdtemp(path.join(tmpdir(), 'kdeploy-wheel-'));
try {
  await stage(staged);
  if (named === undefined) await rm(output, { recursive: true, force: true });
  await build(staged);
} finally {
  await rm(staged, { recursive: true, force: true });
}

async function stage(target) {
  const python = path.join(root, 'python');
  const isSource = (file) => /(?:\.(?:py|toml|md)|\/py\.typed)$/.test(file);
  const sources = (await readdir(python, { recursive: true })).map((file) => file.replaceAll(path.sep, '/'));
  for (const file of sources.filter(isSource)) await copy(path.join(python, file), path.join(target, file));
  await copy(path.join(root, 'LICENSE'), path.join(target, 'LICENSE'));

  const program = path.join(target, 'src', 'kdeploy', 'program');
  await mkdir(program, { recursive: true });
  await run('tar', ['-xzf', tarball ?? (await packForNpm(target)), '--strip-components', '1', '-C', program]);
  await copyPackages(root, [...OUTSIDE, ...LATE_USERS], program);
}

/** npm knows which files those are: `files` in package.json, and what it adds to them. */
async function packForNpm(target) {
  const words = ['pack', '--silent', '--ignore-scripts', '--pack-destination', target];
  const { stdout } = await run('npm', words, { cwd: root, shell: process.platform === 'win32' });
  return path.join(target, stdout.trim());
}

async function copy(from, to) {
  await mkdir(path.dirname(to), { recursive: true });
  await copyFile(from, to);
}

/** uv makes an environment with the build back-end for itself. The same commit gives the same bytes. */
async function build(project) {
  const uv = process.env.KDEPLOY_UV ?? '';
  const env = { ...process.env, SOURCE_DATE_EPOCH: process.env.SOURCE_DATE_EPOCH ?? (await commitTime()) };
  const child = spawn(uv === '' ? 'uv' : uv, ['build', '--quiet', '--out-dir', output, project], {
    env,
    stdio: 'inherit',
  });
  process.exitCode = await new Promise((resolve) => {
    child.once('error', (error) => {
      console.error(`uv could not be started (${error.message}): pip install uv`);
      resolve(3);
    });
    child.once('close', (code) => resolve(code ?? 1));
  });
}

async function commitTime() {
  const { stdout } = await run('git', ['log', '-1', '--format=%ct'], { cwd: root });
  return stdout.trim();
}
