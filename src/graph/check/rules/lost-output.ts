import { sortedNames } from '../../order.js';
import { namesInWords } from '../../problem.js';
import { isShared } from '../catalog-line.js';
import type { GraphRule } from '../rule.js';

/** What kedro-mlflow saves to a file is uploaded to the run as well. */
const UPLOADED = 'kedro_mlflow.';

/** The last results of a pipeline, which nobody loads, and which vanish with the container. One warning for all of them. */
export const lostOutput: GraphRule = ({ graph, groupOf, options }) => {
  const loaded = new Set(
    graph.datasets.flatMap(({ loadedBy, definitions }) =>
      loadedBy.length === 0 ? [] : definitions.flatMap(({ localPaths }) => localPaths),
    ),
  );
  const lost = graph.datasets.filter(
    ({ savedBy, definitions }) =>
      savedBy.length > 0 &&
      definitions.some(
        ({ type, localPaths }) =>
          !type.startsWith(UPLOADED) &&
          localPaths.some((path) => !loaded.has(path) && !isShared(path, options.sharedFolders)),
      ),
  );
  if (lost.length === 0) return [];
  const groups = sortedNames(lost.flatMap(({ savedBy }) => savedBy.map(groupOf)));
  const [are, own] = [lost.length === 1 ? 'is' : 'are', groups.length === 1 ? 'its' : 'their'];
  return [
    {
      severity: 'warning',
      kind: 'lost-output',
      message: `${namesInWords(lost.map(({ name }) => name))} ${are} gone when ${namesInWords(groups)} ${groups.length === 1 ? 'ends' : 'end'}: saved to a file of ${own} own container`,
      remedy: `save to a bucket or to MLflow, or give the tasks shared storage (${options.storageSetting})`,
    },
  ];
};
