import { stat } from 'node:fs/promises';
import path from 'node:path';
import { KdeployError, systemCodeOf } from '../../errors.js';
import { readPlainFile } from '../../plain-file.js';
import { listOfTexts, parsePyProject, tableAt, type PyProject } from './pyproject.js';

/** The folder of the uv workspace that a project belongs to, which has the lock of all of its members. */
export async function findWorkspace(project: string): Promise<string | undefined> {
  const own = await pyprojectIn(project);
  if (tableAt(own?.table, 'tool', 'uv', 'workspace') !== undefined) return project;
  for (let folder = path.dirname(project); ; folder = path.dirname(folder)) {
    const pyproject = await pyprojectIn(folder);
    const workspace = tableAt(pyproject?.table, 'tool', 'uv', 'workspace');
    if (workspace !== undefined) {
      const member = path.relative(folder, project).replaceAll(path.sep, '/');
      const isIn = (globs: unknown): boolean => listOfTexts(globs).some((glob) => matches(member, glob));
      return isIn(workspace.members) && !isIn(workspace.exclude) ? folder : undefined;
    }
    // A project in another project is not a member of what is above both.
    if (tableAt(pyproject?.table, 'project') !== undefined) return undefined;
    if (path.dirname(folder) === folder) return undefined;
  }
}

/** `undefined`: there is none, or it cannot be read, which is somebody else's to say. */
export async function pyprojectIn(folder: string): Promise<PyProject | undefined> {
  try {
    return await parsePyProject(await readPlainFile(path.join(folder, 'pyproject.toml')));
  } catch (error) {
    if (error instanceof KdeployError || systemCodeOf(error) !== undefined) return undefined;
    throw error;
  }
}

/** The globs of Cargo and uv: `packages/*`, `libs/**`, `a?c`, `[ab]x`. */
function matches(folder: string, glob: string): boolean {
  const pattern = glob
    .replace(/^\.\//, '')
    .replace(/\/+$/, '')
    .split(/(\*\*\/?|\*|\?|\[[^\]]+\])/)
    .map((part) => {
      if (part.startsWith('**')) return part.endsWith('/') ? '(?:.*/)?' : '.*';
      if (part === '*') return '[^/]*';
      if (part === '?') return '[^/]';
      if (part.startsWith('[')) return part.replace(/^\[!/, '[^');
      return part.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
    });
  return new RegExp(`^${pattern.join('')}$`).test(folder);
}

/** uv keeps one lock for a workspace, in its folder: its path, relative to the project; `undefined`: there is none. */
export async function workspaceLock(project: string): Promise<string | undefined> {
  const workspace = await findWorkspace(project);
  if (workspace === undefined) return undefined;
  const file = path.join(workspace, 'uv.lock');
  const stats = await stat(file).catch(() => undefined);
  return stats?.isFile() === true ? path.relative(project, file).replaceAll(path.sep, '/') : undefined;
}
