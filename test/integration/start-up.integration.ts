import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { expect } from 'chai';

import { createWorkspace, type Workspace } from '../support/workspace.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const dist = path.join(root, 'dist');
const hook = new URL('../support/loaded-files.mjs', import.meta.url).href;

/**
 * Time cannot be tested on a machine that does other things as well. What takes the time at a start can: reading and compiling
 * files.
 */
describe('what kdeploy check loads', () => {
  let workspace: Workspace;
  let files: string[];
  before(async () => {
    workspace = await createWorkspace();
    files = await filesLoadedBy(['check'], await workspace.project('spaceflights'));
  });
  after(() => workspace.remove());

  async function filesLoadedBy(args: string[], cwd: string): Promise<string[]> {
    const list = path.join(workspace.folder, 'loaded-files');
    const env = { NODE_OPTIONS: `--import=${hook}`, LOADED_FILES: list };
    const { exitCode, stderr } = await workspace.kdeploy(args, { cwd, env });
    expect(exitCode, stderr).to.equal(0);
    const urls = (await readFile(list, 'utf8')).trim().split('\n');
    return [...new Set(urls.filter((url) => url.startsWith('file:')).map((url) => fileURLToPath(url)))];
  }

  /** The files that were compiled into one. */
  async function sourcesOf(file: string): Promise<string[]> {
    const { sources } = JSON.parse(await readFile(`${file}.map`, 'utf8')) as { sources: string[] };
    return sources;
  }

  it('is nothing out of node_modules, where each file has to be found', () => {
    expect(files.filter((file) => file.includes('node_modules'))).to.deep.equal([]);
  });

  it('has the packages that every project needs, and none of those for building, pushing and starting processes', async () => {
    const sources = await Promise.all(files.filter((file) => file.startsWith(dist)).map(sourcesOf));
    const packages = sources.flat().map((source) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(source)?.[1]);
    expect(packages).to.include.members(['@oclif/core', 'yaml', 'smol-toml', '@renovatebot/pep440']);
    // zod and the rest are for a project with a kdeploy.yml, and for what has gone wrong.
    const unwanted = ['dockerode', 'execa', 'ora', 'zod', 'google-auth-library', '@grpc/grpc-js', 'tar-stream'];
    unwanted.push('pip-requirements-js', 'ohm-js', 'fastest-levenshtein');
    expect(unwanted.filter((name) => packages.includes(name))).to.deep.equal([]);
  });

  it('is few files and not much text', async () => {
    const program = files.filter((file) => file.startsWith(dist));
    const sizes = await Promise.all(program.map(async (file) => (await readFile(file)).length));
    expect(program.length, program.join('\n')).to.be.below(6);
    expect(sizes.reduce((sum, size) => sum + size, 0)).to.be.below(1_150_000);
  });
});
