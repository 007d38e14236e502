import type { Selection } from './grouping/grouping.js';
import { isAtLeast } from './kedro-version.js';

/** `kedro run`, with what selects the nodes of one group. */
export function groupArguments(selection: Selection, pipeline: string, kedroVersion: string): readonly string[] {
  return ['kedro', 'run', ...pipelineArguments(pipeline, kedroVersion), ...selectionArguments(selection, kedroVersion)];
}

/** Since 1.2 `--pipelines` is what Kedro wants; it takes a name with a comma for two. */
function pipelineArguments(pipeline: string, kedroVersion: string): readonly string[] {
  if (pipeline === '__default__') return [];
  return [isAtLeast(kedroVersion, 1, 2) && !pipeline.includes(',') ? '--pipelines' : '--pipeline', pipeline];
}

function selectionArguments(selection: Selection, kedroVersion: string): readonly string[] {
  switch (selection.kind) {
    case 'pipeline':
      return [];
    case 'namespaces':
      return [isAtLeast(kedroVersion, 1, 0) ? '--namespaces' : '--namespace', selection.namespaces.join(',')];
    case 'nodes':
      return ['--nodes', selection.nodes.join(',')];
  }
}

/** What Kedro < 1.0 calls a node without a name whose function is an object: another one in each process. */
const ADDRESS = /<[^<>]* at 0x[0-9a-f]+>/i;

/** Whether `--nodes` finds the node again: Kedro splits its value at commas outside of brackets, and strips the parts. */
export function isSelectable(node: string): boolean {
  if (ADDRESS.test(node)) return false;
  let depth = 0;
  for (const character of node) {
    if (character === '[') depth++;
    if (character === ']') depth--;
    if (character === ',' && depth === 0) return false;
  }
  return depth === 0 && node.trim() === node && node !== '';
}
