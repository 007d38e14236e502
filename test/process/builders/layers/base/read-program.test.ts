import { createReadStream } from 'node:fs';
import { readdir, realpath } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'chai';
import { execa } from 'execa';
import { readProgram } from '../../../../../src/builders/layers/base/read-program.js';

const ask = async (python: string, expression: string): Promise<string> =>
  (await execa(python, ['-c', `import platform, sys, sysconfig; print(${expression})`])).stdout;

/** The interpreter behind `python3`, which may be a script that looks for one (pyenv). */
const interpreter = async (): Promise<string> => realpath(await ask('python3', 'sys.executable'));

describe('programs of this machine', () => {
  before(function () {
    if (process.platform !== 'linux') this.skip();
  });

  it('say of Python what it says itself', async () => {
    const python = await interpreter();
    const version = await ask(python, 'platform.python_version()');
    const program = await readProgram(createReadStream(python));
    expect(program.kind).to.equal('elf');
    expect(program.machine).to.equal(await ask(python, 'platform.machine()'));
    const folder = await ask(python, "sysconfig.get_config_var('LIBDIR')");
    const libraries = (await readdir(folder)).filter((name) => /^libpython3\.\d+\.so\.1\.0$/.test(name));
    const own = libraries.filter((name) => name === `libpython${program.libraryVersion ?? ''}.so.1.0`);
    const linked = await Promise.all(
      own.map(async (name) => (await readProgram(createReadStream(path.join(folder, name)))).pythonVersions),
    );
    const minor = version.split('.').slice(0, 2).join('.');
    const found = [...linked.flat(), ...program.pythonVersions].find((each) => each.startsWith(`${minor}.`));
    expect(found).to.equal(version.replace(/\+$/, ''));
  });

  it('say of the C library what it says itself', async () => {
    const [name, version] = (await ask(await interpreter(), "' '.join(platform.libc_ver())")).split(' ');
    const { stdout } = await execa('ldd', [await interpreter()]);
    const library = /libc\.so\.6 => (\S+)/.exec(stdout)?.[1];
    expect([name, library !== undefined]).to.deep.equal(['glibc', true]);
    expect((await readProgram(createReadStream(library!))).glibc).to.equal(version);
  });
});
