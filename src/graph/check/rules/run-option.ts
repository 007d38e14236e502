import { groupArguments, hasOption } from '../../kedro-arguments.js';
import { sortedNames } from '../../order.js';
import { namesInWords, type Problem } from '../../problem.js';
import type { GraphRule } from '../rule.js';

/** A project's own `kedro run`, in its cli.py, has only the options that it defines. */
export const runOption: GraphRule = ({ grouped, request: { structure } }): readonly Problem[] => {
  const used = grouped.groups.flatMap(({ selection }) =>
    groupArguments(selection, grouped.pipeline, structure).filter((_argument, index) => index > 1 && index % 2 === 0),
  );
  const missing = sortedNames(used.filter((option) => !hasOption(structure, option)));
  if (missing.length === 0) return [];
  return [
    {
      severity: 'error',
      kind: 'run-option',
      message: `the project has a \`kedro run\` of its own, without ${namesInWords(missing)}, so tasks cannot say what they run`,
      remedy: `add ${missing.length === 1 ? 'the option' : 'these options'} to \`run\` in src/${structure.package}/cli.py, as Kedro's own has, and build the image again`,
    },
  ];
};
