import type { ProjectSource } from './source.js';

/** The same source, with each file read at most once: for the length of one check, in which nothing may change. */
export function readOnce(source: ProjectSource): ProjectSource {
  const files = new Map<string, Promise<Buffer | undefined>>();
  return {
    async read(path) {
      const known = files.get(path) ?? source.read(path);
      files.set(path, known);
      return known;
    },
    list: (folder, skip) => source.list(folder, skip),
  };
}
