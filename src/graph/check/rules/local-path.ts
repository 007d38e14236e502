import { namesInWords, type Problem } from '../../problem.js';
import { entryInWords, isShared, sharedFilepath } from '../catalog-line.js';
import type { GraphRule } from '../rule.js';

/** A file that one container writes into its own file system is not in the next one. */
export const localPath: GraphRule = ({ crossing, request, options }) =>
  crossing.flatMap(({ dataset, from, to }): Problem[] => {
    if (dataset.inMemory) return [];
    const paths = dataset.definitions.flatMap(({ localPaths }) => localPaths);
    const path = paths.find((candidate) => !isShared(candidate, options.sharedFolders));
    if (path === undefined) return [];
    const line = sharedFilepath(path, request.structure, options.sharedFolders);
    return [
      {
        severity: 'error',
        kind: 'local-path',
        message: `${namesInWords(from)} saves ${dataset.name} to ${path}, which is not there in the container of ${namesInWords(to)}`,
        remedy:
          options.sharedFolders.length === 0
            ? `give the tasks shared storage (${options.storageSetting}), or change ${entryInWords(dataset)} in the catalog: ${line}`
            : `change ${entryInWords(dataset)} in the catalog: ${line}`,
      },
    ];
  });
