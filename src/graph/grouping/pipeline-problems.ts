import { nearName } from '../../near-name.js';
import { byName } from '../order.js';
import { namesInWords, type Problem } from '../problem.js';
import type { Structure } from '../structure.js';

/** A pipeline that the image does not have, or that has nothing to run. */
export function pipelineProblems(structure: Structure, pipeline: string): readonly Problem[] {
  const nodes = Object.hasOwn(structure.pipelines, pipeline) ? structure.pipelines[pipeline] : undefined;
  if (nodes !== undefined && nodes.length > 0) return [];
  const names = Object.keys(structure.pipelines).sort(byName);
  const full = names.filter((name) => (structure.pipelines[name]?.length ?? 0) > 0);
  const others = full.length === 0 ? 'the image has no pipeline with nodes' : `the image has ${namesInWords(full, 12)}`;
  if (nodes !== undefined)
    return [
      {
        severity: 'error',
        kind: 'empty-pipeline',
        message: `the pipeline ${pipeline} has no nodes`,
        remedy: `add nodes to it and build the image again, or name another pipeline: ${others}`,
      },
    ];
  const near = nearName(pipeline, names);
  return [
    {
      severity: 'error',
      kind: 'unknown-pipeline',
      message: `the image has no pipeline ${pipeline}`,
      remedy: `${near === undefined ? '' : `did you mean ${near}? `}${others}`,
    },
  ];
}
