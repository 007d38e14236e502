import { parsePyProject, tableAt } from './python/pyproject.js';
import type { ProjectSource } from './sources/source.js';

/** A monorepo's projects are near its top; what is deeper is found by whoever changes into it. */
const MAXIMUM_DEPTH = 4;
const MAXIMUM_FILES = 200;

/** The folders below a folder that are Kedro projects, sorted: `services/churn`. For an error, so that it can name them. */
export async function projectsBelow(source: ProjectSource): Promise<string[]> {
  const skip = (folder: string): boolean =>
    folder.split('/').length > MAXIMUM_DEPTH ||
    /(?:^|\/)(?:\.[^/]*|node_modules|venv|env|data|__pycache__)$/.test(folder);
  const files = (await source.list('', skip)).filter((file) => file.endsWith('/pyproject.toml'));
  const found = await Promise.all(
    files.slice(0, MAXIMUM_FILES).map(async (file) => {
      try {
        const { table } = await parsePyProject((await source.read(file)) ?? Buffer.alloc(0));
        return tableAt(table, 'tool', 'kedro') === undefined ? [] : [file.slice(0, -'/pyproject.toml'.length)];
      } catch {
        // A file that is too large or not TOML is no project that could be named.
        return [];
      }
    }),
  );
  return found.flat();
}
