import type { Selection } from './grouping/grouping.js';
import { isAtLeast } from './kedro-version.js';
import type { Structure } from './structure.js';

/** What decides how `kedro run` is called. */
export type KedroRun = Pick<Structure, 'kedroVersion' | 'runOptions'>;

/** `kedro run`, with what selects the nodes of one group. */
export function groupArguments(selection: Selection, pipeline: string, run: KedroRun): readonly string[] {
  return ['kedro', 'run', ...pipelineArguments(pipeline, run), ...selectionArguments(selection, run)];
}

/** Whether `kedro run` has the option: a project's own, in its cli.py, may be older than its Kedro. */
export function hasOption({ runOptions }: KedroRun, option: string): boolean {
  return runOptions === null || runOptions.includes(option);
}

/** Kedro 0.19 takes one namespace, later ones several. */
export function namespacesOption({ kedroVersion }: KedroRun): '--namespaces' | '--namespace' {
  return isAtLeast(kedroVersion, 1, 0) ? '--namespaces' : '--namespace';
}

/** Since 1.2 `--pipelines` is what Kedro wants; it takes a name with a comma for two. */
function pipelineArguments(pipeline: string, run: KedroRun): readonly string[] {
  if (pipeline === '__default__') return [];
  const takesSeveral = isAtLeast(run.kedroVersion, 1, 2) && hasOption(run, '--pipelines');
  return [takesSeveral && !pipeline.includes(',') ? '--pipelines' : '--pipeline', pipeline];
}

function selectionArguments(selection: Selection, run: KedroRun): readonly string[] {
  switch (selection.kind) {
    case 'pipeline':
      return [];
    case 'namespaces':
      return [namespacesOption(run), selection.namespaces.join(',')];
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
