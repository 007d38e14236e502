import { namesInWords, type Problem } from '../../problem.js';
import { entryInWords } from '../catalog-line.js';
import type { GraphRule } from '../rule.js';

/** Each `kedro run` saves under a version of its own, and loads the latest, which may be of another run of the pipeline. */
export const versioned: GraphRule = ({ crossing, options }) =>
  options.versionsAgree
    ? []
    : crossing
        .filter(({ dataset }) => !dataset.inMemory && dataset.definitions.some((definition) => definition.versioned))
        .map(({ dataset, from, to }): Problem => ({
          severity: 'error',
          kind: 'versioned',
          message: `${dataset.name} is versioned and saved by ${namesInWords(from)}: ${namesInWords(to)} would load the latest version, which may be another run's`,
          remedy: `let one run go at a time (max_active_runs: 1), or change ${entryInWords(dataset)} in the catalog: versioned: false`,
        }));
