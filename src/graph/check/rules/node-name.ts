import { isSelectable } from '../../kedro-arguments.js';
import type { Problem } from '../../problem.js';
import type { GraphRule } from '../rule.js';

/** A task that runs some nodes names them to Kedro, which splits names at commas. */
export const nodeName: GraphRule = ({ grouped }) =>
  grouped.groups.flatMap(({ selection }) =>
    selection.kind !== 'nodes'
      ? []
      : selection.nodes
          .filter((name) => !isSelectable(name))
          .map((name): Problem => ({
            severity: 'error',
            kind: 'node-name',
            message: `kedro run cannot select the node ${JSON.stringify(name)} by its name`,
            remedy: 'give it a name: node(…, name="…")',
          })),
  );
