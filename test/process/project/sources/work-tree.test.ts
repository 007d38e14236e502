import { expect } from 'chai';
import fc from 'fast-check';
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KdeployError } from '../../../../src/errors.js';
import { workTree } from '../../../../src/project/sources/work-tree.js';
import { rejection } from '../../../support/rejection.js';

describe('workTree', () => {
  let outside: string;
  let root: string;

  beforeEach(async () => {
    outside = await mkdtemp(join(tmpdir(), 'kdeploy-work-tree-'));
    root = join(outside, 'a project');
    await mkdir(join(root, 'conf', 'base'), { recursive: true });
    await writeFile(join(root, 'conf', 'base', 'catalog.yml'), 'a: 1\n');
    await writeFile(join(outside, 'private.yml'), 'password: hunter2\n');
  });

  afterEach(() => rm(outside, { recursive: true, force: true }));

  it('reads a file, and undefined where there is none', async () => {
    const source = workTree(root);
    expect((await source.read('conf/base/catalog.yml'))?.toString()).to.equal('a: 1\n');
    expect(await source.read('conf/local/mlflow.yml')).to.equal(undefined);
    expect(await source.read('conf/base')).to.equal(undefined);
    expect(await source.read('conf/base/catalog.yml/below')).to.equal(undefined);
  });

  it('refuses a path and a link that lead out of the project, because an image cannot contain their target', async () => {
    await symlink(join(outside, 'private.yml'), join(root, 'conf', 'link.yml'));
    await symlink(outside, join(root, 'up'));
    for (const path of ['../private.yml', 'conf/../../private.yml', 'conf/link.yml', 'up/private.yml']) {
      const error = await rejection(workTree(root).read(path));
      expect(error.message, path).to.equal(`${path} points outside the project`);
      expect(error.code).to.equal('configuration');
    }
  });

  it('follows a link that stays inside the project', async () => {
    await symlink('catalog.yml', join(root, 'conf', 'base', 'link.yml'));
    expect((await workTree(root).read('conf/base/link.yml'))?.toString()).to.equal('a: 1\n');
  });

  it('works for a project that is itself reached through a link', async () => {
    await symlink(root, join(outside, 'linked'));
    expect((await workTree(join(outside, 'linked')).read('conf/base/catalog.yml'))?.toString()).to.equal('a: 1\n');
  });

  it('takes broken links and loops of links for missing files', async () => {
    await symlink('nowhere.yml', join(root, 'broken.yml'));
    await symlink('loop-b', join(root, 'loop-a'));
    await symlink('loop-a', join(root, 'loop-b'));
    expect(await workTree(root).read('broken.yml')).to.equal(undefined);
    expect(await workTree(root).read('loop-a')).to.equal(undefined);
  });

  it('refuses a file above the limit, naming it and its size', async () => {
    const error = await rejection(workTree(root, { maximumBytes: 4 }).read('conf/base/catalog.yml'));
    expect(error.message).to.equal('conf/base/catalog.yml is too large to read (5 bytes)');
    expect(error.place).to.deep.equal({ file: 'conf/base/catalog.yml' });
  });

  it('does not wait for a named pipe', async function () {
    if (process.platform === 'win32') this.skip();
    execFileSync('mkfifo', [join(root, 'pipe')]);
    expect(await workTree(root).read('pipe')).to.equal(undefined);
  });

  it('lists files recursively and sorted, links not followed', async () => {
    await writeFile(join(root, 'b.txt'), '');
    await symlink('.', join(root, 'conf', 'self'));
    await symlink(outside, join(root, 'up'));
    const source = workTree(root);
    expect(await source.list('')).to.deep.equal(['b.txt', 'conf/base/catalog.yml', 'conf/self', 'up']);
    expect(await source.list('conf/')).to.deep.equal(['conf/base/catalog.yml', 'conf/self']);
    expect(await source.list('missing')).to.deep.equal([]);
    expect(await source.list('../')).to.deep.equal([]);
  });

  it('does not enter folders that are to be skipped', async () => {
    await writeFile(join(root, 'b.txt'), '');
    const entered: string[] = [];
    const found = await workTree(root).list('', (folder) => {
      entered.push(folder);
      return folder === 'conf';
    });
    expect(found).to.deep.equal(['b.txt']);
    expect(entered).to.deep.equal(['conf']);
  });

  it('refuses to list a folder that is a link to the whole machine', async () => {
    await symlink('/', join(root, 'conf', 'local'));
    const error = await rejection(workTree(root).list('conf/local'));
    expect([error.code, error.message]).to.deep.equal(['configuration', 'conf/local points outside the project']);
    // From above it is a file like any other, and not entered.
    expect(await workTree(root).list('conf')).to.deep.equal(['conf/base/catalog.yml', 'conf/local']);
  });

  it('lists what a link within the project leads to, and nothing of a loop', async () => {
    await symlink(join(root, 'conf', 'base'), join(root, 'conf', 'local'));
    await symlink(join(root, 'loop'), join(root, 'loop'));
    expect(await workTree(root).list('conf/local')).to.deep.equal(['conf/local/catalog.yml']);
    expect(await workTree(root).list('loop')).to.deep.equal([]);
  });

  it('throws nothing but KdeployError, whatever the path', async () => {
    await symlink('/', join(root, 'root'));
    execFileSync('mkfifo', [join(root, 'pipe')]);
    const part = fc.constantFrom(
      '..',
      '.',
      '',
      'conf',
      'base',
      'root',
      'etc',
      'pipe',
      'catalog.yml',
      '\0',
      '\\',
      ' ',
      '~',
      'x'.repeat(300),
      '\ud800',
    );
    const source = workTree(root);
    await fc.assert(
      fc.asyncProperty(fc.array(part, { maxLength: 6 }), async (parts) => {
        const path = parts.join('/');
        for (const work of [() => source.read(path), () => source.list(`conf/${path}`)]) {
          const outcome = await work().catch((error: unknown) => error);
          if (outcome instanceof Error) expect(outcome).to.be.instanceOf(KdeployError);
          else expect(String(outcome)).not.to.contain('hunter2');
        }
      }),
      { numRuns: 300 },
    );
  });
});
