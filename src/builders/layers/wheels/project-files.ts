import { createHash } from 'node:crypto';
import { lstat, readdir } from 'node:fs/promises';
import path from 'node:path';
import { gitOfFolder, tryGit } from '../../../git/git.js';
import { inFolderOf } from '../../../guarded-file.js';
import { systemCodeOf } from '../../../errors.js';
import { readFileStream } from './kept-file.js';

/** A file of a project, as git would have it. */
export interface ProjectFile {
  /** Below the project, with slashes. */
  readonly path: string;
  readonly mode: 0o644 | 0o755;
}

/** Made by tools, wherever they are. */
const IGNORED =
  /^(?:\.git|\.hg|__pycache__|.*\.egg-info|\.venv|\.tox|\.nox|\.(?:mypy|pytest|ruff)_cache|node_modules)$/;
/** Made by builds, at the top: below, it is a package called so. */
const IGNORED_AT_TOP = /^(?:build|dist)$/;

/**
 * The files of a project: those that git has or would add, so that data beside it does not count; without a repository, all but
 * what tools leave. `undefined` where some are links, which a copy would have to follow to who knows where.
 */
export async function projectFiles(folder: string, environment: NodeJS.ProcessEnv): Promise<ProjectFile[] | undefined> {
  const names = (await listedByGit(folder, environment)) ?? (await listed(folder, '', IGNORED_AT_TOP));
  const found: ProjectFile[] = [];
  for (const name of [...names].sort()) {
    const entry = await lstat(path.join(folder, name)).catch((error: unknown) => {
      // Deleted, and not committed yet.
      if (systemCodeOf(error) === 'ENOENT') return undefined;
      throw error;
    });
    if (entry?.isSymbolicLink() === true) return undefined;
    if (entry?.isFile() === true) found.push({ path: name, mode: (entry.mode & 0o100) === 0 ? 0o644 : 0o755 });
  }
  return found;
}

/** The same for the same files, in whatever folder they are. */
export async function hashOfFiles(folder: string, files: readonly ProjectFile[]): Promise<string> {
  const all = createHash('sha256');
  for (const file of files) {
    const hash = createHash('sha256');
    for await (const chunk of readFileStream(path.join(folder, file.path))) hash.update(chunk);
    all.update(`${hash.digest('hex')} ${file.mode.toString(8)} ${file.path}\0`);
  }
  return all.digest('hex');
}

/** Copies the files into an empty folder, with modes that no user's mask has changed. */
export async function copyFiles(folder: string, files: readonly ProjectFile[], to: string): Promise<void> {
  for (const { path: name, mode } of files) {
    const content = readFileStream(path.join(folder, name));
    await inFolderOf(to, name, (target, base) => target.replace(base, { content, mode }), { create: true });
  }
}

/** `undefined` where the folder is in no repository that git reads, or in one that ignores it. */
async function listedByGit(folder: string, environment: NodeJS.ProcessEnv): Promise<string[] | undefined> {
  const words = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  const asked = await tryGit(gitOfFolder(folder, environment), words).catch(() => undefined);
  const names = asked?.exitCode === 0 ? asked.stdout.toString('utf8').split('\0') : [];
  const files = [...new Set(names.filter((name) => name !== ''))];
  if (!files.some((name) => /^(?:pyproject\.toml|setup\.(?:py|cfg))$/.test(name))) return undefined;
  const below = await Promise.all(files.map((name) => withNested(folder, name)));
  return below.flat();
}

/** Of a submodule, or a repository in the repository, git lists the folder. */
async function withNested(folder: string, name: string): Promise<string[]> {
  const entry = await lstat(path.join(folder, name)).catch(() => undefined);
  return entry?.isDirectory() === true ? listed(folder, name.replace(/\/$/, '')) : [name];
}

async function listed(folder: string, below: string, alsoIgnored?: RegExp): Promise<string[]> {
  const entries = await readdir(path.join(folder, below), { withFileTypes: true });
  const kept = entries.filter(({ name }) => !IGNORED.test(name) && alsoIgnored?.test(name) !== true);
  const found = kept.map(async (entry) => {
    const name = path.posix.join(below, entry.name);
    return entry.isDirectory() ? listed(folder, name) : [name];
  });
  return (await Promise.all(found)).flat();
}
