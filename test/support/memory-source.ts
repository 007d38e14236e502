import type { ProjectSource } from '../../src/project/sources/source.js';

/** A project that lies in memory: `{'conf/local/mlflow.yml': '…'}`. Counts its reads. */
export interface MemorySource extends ProjectSource {
  readonly reads: string[];
}

export function memorySource(files: Readonly<Record<string, string | Buffer>>): MemorySource {
  const reads: string[] = [];
  return {
    reads,
    read(path) {
      reads.push(path);
      const content = files[path];
      return Promise.resolve(content === undefined ? undefined : Buffer.from(content));
    },
    list(folder, skip = () => false) {
      const prefix = folder === '' ? '' : `${folder}/`;
      const inside = Object.keys(files).filter((file) => file.startsWith(prefix));
      const answers = new Map<string, boolean>();
      const isSkipped = (parent: string) => {
        const answer = answers.get(parent) ?? skip(parent);
        answers.set(parent, answer);
        return answer;
      };
      return Promise.resolve(inside.filter((file) => !parentsOf(file, prefix).some(isSkipped)).sort());
    },
  } satisfies MemorySource;
}

function parentsOf(file: string, prefix: string): string[] {
  const parts = file.split('/').slice(0, -1);
  return parts
    .map((_, index) => parts.slice(0, index + 1).join('/'))
    .filter((folder) => `${folder}/`.length > prefix.length);
}
