import type { ProjectSource } from './source.js';

/**
 * A source with a few files that it lacks taken from another one: of a commit, what git ignores from the work tree.
 * A file that both have is the source's own.
 */
export function overlay(source: ProjectSource, other: ProjectSource, files: readonly string[]): ProjectSource {
  if (files.length === 0) return source;
  const added = new Set(files);
  return {
    async read(path) {
      return (await source.read(path)) ?? (added.has(path) ? other.read(path) : undefined);
    },
    async list(folder, skip = () => false) {
      const own = await source.list(folder, skip);
      const prefix = folder === '' ? '' : `${folder}/`;
      const more = files.filter((file) => file.startsWith(prefix) && !foldersBetween(prefix, file).some(skip));
      return [...new Set([...own, ...more])].sort();
    },
  };
}

/** `('conf/', 'conf/local/ml/mlflow.yml')`: conf/local and conf/local/ml, which a list of conf enters. */
function foldersBetween(prefix: string, file: string): string[] {
  const parts = file.slice(prefix.length).split('/').slice(0, -1);
  return parts.map((_, index) => prefix + parts.slice(0, index + 1).join('/'));
}
