import { chmod, readFile, rm } from 'node:fs/promises';
import { expect } from 'chai';
import { findCompilerPython, noCompilerPython } from '../../../../../src/builders/layers/resolve/compiler-python.js';
import { FolderCache } from '../../../../../src/cache/file-cache.js';
import { ResolveSandbox } from '../../../../support/resolve-sandbox.js';

describe('a Python to compile bytecode with', () => {
  let sandbox: ResolveSandbox;

  beforeEach(async () => (sandbox = await ResolveSandbox.create()));
  afterEach(async () => sandbox.remove());

  const find = async (version: string) =>
    findCompilerPython({
      version,
      uv: sandbox.uv,
      folder: sandbox.folder.file('project'),
      environment: sandbox.environment,
      signal: new AbortController().signal,
    });

  /** What is on this machine, whichever it is. */
  const anyVersion = async (): Promise<string> => {
    const answer = await find('3.99.0');
    expect(answer).to.have.property('reason');
    for (const minor of [9, 10, 11, 12, 13, 14, 15]) {
      const found = await find(`3.${minor}.99`);
      if ('python' in found) return found.python.version;
    }
    throw new Error('there is no Python on this machine');
  };

  it('is of the image’s version where the machine has it, else of the same minor version, which it says', async () => {
    const version = await anyVersion();
    const exact = await find(version);
    expect('python' in exact && exact.python).to.include({ version, isExact: true });
    const near = await find(`${version.split('.').slice(0, 2).join('.')}.99`);
    expect('python' in near && near.python).to.include({ isExact: false });
  });

  it('is not there, with uv’s reason, where none can be downloaded either', async () => {
    sandbox.environment = { ...sandbox.environment, UV_PYTHON_DOWNLOADS: 'manual' };
    const answer = await find('3.99.1');
    expect('reason' in answer && answer.reason)
      .to.be.a('string')
      .and.not.to.equal('');
  });

  it('is what uv downloads, where the machine has none', async () => {
    const python = sandbox.folder.file('downloaded/python');
    const uv = sandbox.folder.file('uv');
    await sandbox.folder.write({
      'downloaded/python': '#!/bin/sh\necho 3.14.1\n',
      // Finds what it has installed, and nothing before.
      uv: [
        '#!/bin/sh',
        `case "$*" in`,
        `*"python find cpython@3.14.1"*) test -e "${uv}.done" && echo "${python}" ;;`,
        `*"python install cpython@3.14.1"*) : > "${uv}.done" ;;`,
        '*) exit 2 ;;',
        'esac',
      ].join('\n'),
    });
    await chmod(python, 0o755);
    await chmod(uv, 0o755);
    const answer = await findCompilerPython({
      version: '3.14.1',
      uv: { program: uv, version: '0.9.5' },
      folder: sandbox.folder.file('project'),
      environment: sandbox.environment,
      signal: new AbortController().signal,
    });
    expect(answer).to.deep.equal({ python: { program: python, version: '3.14.1', isExact: true } });
  });

  it('is found once, and again where it was replaced; another patch version each time', async () => {
    const cache = new FolderCache(sandbox.folder.file('cache'));
    const asked = sandbox.folder.file('asked');
    const python = sandbox.folder.file('python');
    const write = (version: string): Promise<void> =>
      sandbox.folder.write({ python: `#!/bin/sh\necho ${version}\n` }).then(() => chmod(python, 0o755));
    await sandbox.folder.write({ uv: `#!/bin/sh\necho asked >> '${asked}'\necho '${python}'\n` });
    await chmod(sandbox.folder.file('uv'), 0o755);
    const found = async (version: string): Promise<readonly [unknown, number]> => {
      const answer = await findCompilerPython({
        ...{ version, cache, uv: { program: sandbox.folder.file('uv'), version: '0.9.5' } },
        ...{ folder: sandbox.folder.file('.'), environment: sandbox.environment, signal: new AbortController().signal },
      });
      const lines = await readFile(asked, 'utf8').catch(() => '');
      await rm(asked, { force: true });
      return ['python' in answer && answer.python.version, lines.split('\n').length - 1];
    };
    await write('3.14.1');
    expect(await found('3.14.1')).to.deep.equal(['3.14.1', 1]);
    expect(await found('3.14.1')).to.deep.equal(['3.14.1', 0]);
    expect(await found('3.14.0')).to.deep.equal(['3.14.1', 1]);
    expect(await found('3.14.0')).to.deep.equal(['3.14.1', 1]);
    await write('3.14.10');
    expect(await found('3.14.1')).to.deep.equal(['3.14.10', 1]);
    for (const { kind, key } of await cache.entries()) await cache.keep(kind, key, 'damaged');
    await write('3.14.1');
    expect(await found('3.14.1')).to.deep.equal(['3.14.1', 1]);
  });

  it('has three ways out where it is needed', () => {
    const { hint = '', message, cause } = noCompilerPython('3.11.2', 'dns error');
    expect(message).to.contain('Python 3.11');
    expect(String(cause)).to.contain('dns error');
    for (const way of ['install Python 3.11', 'UV_PYTHON_INSTALL_MIRROR', 'image.bytecode: false'])
      expect(hint).to.contain(way);
  });
});
