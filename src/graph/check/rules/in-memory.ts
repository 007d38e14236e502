import { namesInWords, type Problem } from '../../problem.js';
import type { NodeDataset } from '../../node-graph.js';
import { storedEntry } from '../catalog-line.js';
import type { GraphRule } from '../rule.js';

/** Data in memory are lost with the container that saved them. */
export const inMemory: GraphRule = ({ crossing, request, options }) =>
  crossing
    .filter(({ dataset }) => dataset.inMemory)
    .map(({ dataset, from, to }): Problem => ({
      severity: 'error',
      kind: 'in-memory',
      message: `${dataset.name} ${reason(dataset)}, so what ${namesInWords(from)} saves does not reach ${namesInWords(to)} in another container`,
      remedy: `${storedEntry(dataset, request.structure, options.sharedFolders)} (or group by memory, which keeps them in one task)`,
    }));

function reason({ definitions, spellings }: NodeDataset): string {
  const kept = definitions.find(({ ephemeral }) => ephemeral);
  if (kept === undefined || kept.definedBy === 'nothing' || definitions.length < spellings.length)
    return 'has no entry in the catalog and stays in memory';
  const type = kept.type.split('.').at(-1) ?? kept.type;
  return kept.definedBy === 'pattern' && kept.pattern !== null
    ? `is a ${type} by the pattern ${kept.pattern} and stays in memory`
    : `is a ${type} and stays in memory`;
}
