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
  const near =
    names.find((name) => fold(name) === fold(pipeline)) ?? names.find((name) => isOneEditApart(name, pipeline));
  return [
    {
      severity: 'error',
      kind: 'unknown-pipeline',
      message: `the image has no pipeline ${pipeline}`,
      remedy: `${near === undefined ? '' : `did you mean ${near}? `}${others}`,
    },
  ];
}

function fold(name: string): string {
  return name.toLowerCase().replaceAll(/[-_.\s]/g, '');
}

/** One letter too many, too few, another, or two of them swapped. */
function isOneEditApart(a: string, b: string): boolean {
  let start = 0;
  while (start < Math.min(a.length, b.length) && a[start] === b[start]) start++;
  const [restA, restB] = [a.slice(start), b.slice(start)];
  return (
    restA.slice(1) === restB ||
    restA === restB.slice(1) ||
    restA.slice(1) === restB.slice(1) ||
    (restA.slice(2) === restB.slice(2) && restA.slice(0, 2) === `${restB.slice(1, 2)}${restB.slice(0, 1)}`)
  );
}
