/**
 * npm's `prepare`. Whoever installs kdeploy from a git repository (`npm install -g git+https://…`, or pre-commit, which
 * calls that) gets its sources, and npm builds such packages with this script alone. In a checkout there is nothing to do:
 * `npm run build` compiles it when that is wanted.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const calledFrom = process.env.INIT_CWD;
if (calledFrom !== undefined && path.relative(root, calledFrom) !== '') {
  // `npm install -g` hands its -g on, so that npm has looked for the tools of the build in the wrong place.
  if (!existsSync(path.join(root, 'node_modules/esbuild'))) npm('ci', '--include=dev', '--ignore-scripts');
  npm('run', 'build');
}

function npm(...arguments_) {
  const env = { ...process.env, npm_config_global: 'false', npm_config_location: 'user' };
  const { status, error } = spawnSync('npm', [...arguments_, '--no-audit', '--no-fund'], {
    cwd: root,
    env,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (error !== undefined) throw error;
  if (status !== 0) process.exit(status ?? 1);
}
