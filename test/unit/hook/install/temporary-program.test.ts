import { expect } from 'chai';
import { runnerOf } from '../../../../src/hook/install/temporary-program.js';

describe('a program that is run without being installed', () => {
  const inSitePackages = 'lib/python3.12/site-packages/kdeploy/program/bin/run.js';
  const table: readonly [path: string, runner: string | undefined][] = [
    [`/home/ada/.cache/uv/archive-v0/K2nd_x-1/${inSitePackages}`, 'uvx'],
    [`/var/uv cache/archive-v0/K2nd/${inSitePackages}`, 'uvx'],
    [`/home/ada/.cache/uv/environments-v2/kdeploy-1f/${inSitePackages}`, 'uvx'],
    [`/home/ada/.cache/uv/builds-v0/.tmpA1/${inSitePackages}`, 'uvx'],
    [
      'C:\\Users\\ada\\AppData\\Local\\uv\\cache\\archive-v0\\K2\\Lib\\site-packages\\kdeploy\\program\\bin\\run.js',
      'uvx',
    ],
    [`/home/ada/.local/share/uv/tools/kdeploy/${inSitePackages}`, undefined],
    [`/home/ada/.cache/pipx/0f3a/${inSitePackages}`, 'pipx run'],
    [`/home/ada/.local/pipx/.cache/0f3a/${inSitePackages}`, 'pipx run'],
    [`/Users/ada/Library/Caches/pipx/0f3a/${inSitePackages}`, 'pipx run'],
    [`/home/ada/.local/share/pipx/venvs/kdeploy/${inSitePackages}`, undefined],
    [`/home/ada/.local/pipx/venvs/kdeploy/${inSitePackages}`, undefined],
    ['/home/ada/.npm/_npx/1f2e/node_modules/kdeploy/bin/run.js', 'npx'],
    ['/home/ada/flights/node_modules/kdeploy/bin/run.js', undefined],
    ['/home/ada/.cache/pnpm/dlx/1f2e/19a/node_modules/kdeploy/bin/run.js', 'pnpm dlx'],
    ['/home/ada/.local/share/pnpm/global/5/node_modules/kdeploy/bin/run.js', undefined],
    ['/tmp/bunx-0-kdeploy@latest/node_modules/kdeploy/bin/run.js', 'bunx'],
    [`/home/ada/archive/flights/.venv/${inSitePackages}`, undefined],
  ];
  for (const [path, runner] of table) {
    it(`${path}: ${runner ?? 'installed'}`, () => {
      expect(runnerOf(path)?.name).to.equal(runner);
    });
  }
});
