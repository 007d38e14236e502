import { sortedNames } from '../../order.js';
import { namesInWords, type Problem } from '../../problem.js';
import { entryInWords, isShared, settingOf, sharedFilepath } from '../catalog-line.js';
import type { GraphRule } from '../rule.js';

/** A file that one container writes into its own file system is not in the next one. */
export const localPath: GraphRule = ({ crossing, request, options }) =>
  crossing.flatMap(({ dataset, from, to }): Problem[] => {
    if (dataset.inMemory) return [];
    const paths = dataset.definitions.flatMap(({ localPaths }) => localPaths);
    const lost = sortedNames(paths.filter((path) => !isShared(path, options.sharedFolders)));
    if (lost.length === 0) return [];
    const lines = sortedNames(
      lost.map((path) => sharedFilepath(settingOf(dataset, path), request.structure, options.sharedFolders)),
    ).join(', ');
    return [
      {
        severity: 'error',
        kind: 'local-path',
        message: `${namesInWords(from)} saves ${dataset.name} to ${namesInWords(lost)}, which ${lost.length === 1 ? 'is' : 'are'} not there in the container of ${namesInWords(to)}`,
        remedy:
          options.sharedFolders.length === 0
            ? `give the tasks shared storage (${options.storageSetting}), or change ${entryInWords(dataset)} in the catalog: ${lines}`
            : `change ${entryInWords(dataset)} in the catalog: ${lines}`,
      },
    ];
  });
