import { readdir, readFile, realpath } from 'node:fs/promises';
import path from 'node:path';
import type { KedroCommand } from './kedro-command.js';

/**
 * The folders that the Python of this kedro may be installed in: the virtual environment, and what that or the command
 * is a link into.
 */
async function prefixes({ kedro, python }: KedroCommand): Promise<string[]> {
  const programs = [python, kedro].filter((program) => program !== undefined);
  const real = await Promise.all(programs.map((program) => realpath(program).catch(() => program)));
  return [...new Set([...programs, ...real].map((program) => path.dirname(path.dirname(program))))];
}

/**
 * The version of the Python that runs kedro, `3.11`: from pyvenv.cfg of its virtual environment, else from the name of
 * the program that `python` is a link to (a system's Python, conda, pyenv). Nothing is started.
 */
export async function pythonVersionOfKedro(kedro: KedroCommand): Promise<string | undefined> {
  for (const prefix of await prefixes(kedro)) {
    const config = await readFile(path.join(prefix, 'pyvenv.cfg'), 'utf8').catch(() => '');
    const version = /^version(?:_info)?\s*=\s*(\d+\.\d+)/m.exec(config)?.[1];
    if (version !== undefined) return version;
  }
  const program = kedro.python === undefined ? '' : await realpath(kedro.python).catch(() => '');
  return /^python(3\.\d+)$/.exec(path.basename(program))?.[1];
}

/** What its Python says itself, where no file tells: a pyenv shim, Windows. Reads nothing of the project. */
export async function askedPythonVersion({ python }: KedroCommand, folder: string): Promise<string | undefined> {
  if (python === undefined) return undefined;
  const { execa } = await import('execa');
  // No sign in it that a batch file of pyenv's for Windows would read in its own way.
  const { exitCode, stdout } = await execa(python, ['-I', '-S', '-c', 'import sys; print(sys.version)'], {
    cwd: folder,
    stdin: 'ignore',
    timeout: 10_000,
    reject: false,
  });
  return exitCode === 0 ? /^3\.\d+\b/.exec(stdout)?.[0] : undefined;
}

/** Where the packages of that Python are, `…/lib/python3.11/site-packages`, those of Debian and of `pip --user` too. */
export async function sitePackagesOf(kedro: KedroCommand, home: string | undefined): Promise<string[]> {
  const found = await prefixes(kedro);
  const roots = [
    ...found,
    ...(found.includes('/usr') ? ['/usr/local'] : []),
    ...(home === undefined ? [] : [path.join(home, '.local')]),
  ];
  const version = await pythonVersionOfKedro(kedro);
  const folders: string[] = [];
  for (const root of roots) {
    const names = await readdir(path.join(root, 'lib')).catch(() => []);
    for (const name of names) {
      if (!name.startsWith('python3') || (version !== undefined && name !== 'python3' && name !== `python${version}`))
        continue;
      for (const packages of ['site-packages', 'dist-packages']) folders.push(path.join(root, 'lib', name, packages));
    }
    folders.push(path.join(root, 'Lib', 'site-packages'));
  }
  return folders;
}
