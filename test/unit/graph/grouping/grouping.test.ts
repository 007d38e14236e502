import { expect } from 'chai';
import fc from 'fast-check';
import { buildTaskGraph } from '../../../../src/graph/build-task-graph.js';
import { groupPipeline } from '../../../../src/graph/grouping/group-pipeline.js';
import { GROUPINGS } from '../../../../src/graph/grouping/grouping.js';
import { planTasks } from '../../../../src/graph/plan-tasks.js';
import type { PipelineNode, Structure } from '../../../../src/graph/structure.js';
import type { TaskGraph } from '../../../../src/graph/task-graph.js';
import { dataset, IN_MEMORY, request } from '../sample.js';

const TAGS = ['g1', 'g2'];
const CHECK = {
  sharedFolders: [],
  storageSetting: 'run_config.volume',
  versionsAgree: true,
  readWriteOnce: true,
  maxTasks: 1000,
};

interface DrawnNode {
  readonly inputs: readonly number[];
  readonly namespace: string | null;
  readonly tags: readonly string[];
  readonly inMemory: boolean;
  readonly confirms: readonly number[];
}

const drawnNode: fc.Arbitrary<DrawnNode> = fc.record({
  inputs: fc.array(fc.nat(19), { maxLength: 3 }),
  namespace: fc.constantFrom(null, 'x', 'x.y', 'z'),
  tags: fc.subarray([...TAGS, 'other'], { maxLength: 1 }),
  inMemory: fc.boolean(),
  confirms: fc.array(fc.nat(60), { maxLength: 1 }),
});

/** Node i saves dataset i, and loads some of those before it; few confirm one. */
function structureOf(drawn: readonly DrawnNode[]): Structure {
  const nameOf = (index: number): string => {
    const namespace = drawn[index]?.namespace;
    return typeof namespace === 'string' ? `${namespace}.n${index}` : `n${index}`;
  };
  const nodes = drawn.map(({ inputs, namespace, tags, confirms }, index): PipelineNode => ({
    name: nameOf(index),
    namespace,
    tags,
    inputs: ['params:p', ...new Set(inputs.filter((input) => input < index).map((input) => `d${input}@in`))],
    outputs: [`d${index}@out`],
    confirms: confirms.filter((other) => other < drawn.length).map((other) => `d${other}@in`),
    function: 'f',
  }));
  const datasets = drawn.flatMap(({ inMemory }, index) =>
    ['in', 'out'].map((format) => [`d${index}@${format}`, inMemory ? IN_MEMORY : dataset()] as const),
  );
  return {
    package: 'p',
    kedroVersion: '1.7.0',
    kedroEnv: null,
    runOptions: null,
    folder: '/app',
    pipelines: { __default__: nodes },
    datasets: Object.fromEntries(datasets),
  };
}

function tasksOf(of: Structure, by: (typeof GROUPINGS)[number]): TaskGraph | null {
  return planTasks(request(of, by, { tags: TAGS }), CHECK, { image: 'x@sha256:0', tracked: true, id: 'x' }).graph;
}

/** What a task runs in the end: the nodes that Kedro selects for its arguments. */
function nodesRun(task: readonly string[], nodes: readonly PipelineNode[]): readonly string[] {
  const [option, value] = task.slice(2);
  const values = (value ?? '').split(',');
  return nodes
    .filter(({ name, namespace }) => {
      if (option === '--nodes') return values.includes(name);
      if (option !== '--namespaces') return true;
      return values.some((wanted) => namespace === wanted || namespace?.startsWith(`${wanted}.`) === true);
    })
    .map(({ name }) => name);
}

describe('any pipeline, in any grouping', () => {
  const pipelines = fc.array(drawnNode, { minLength: 1, maxLength: 20 });

  it('runs each node once, after what it needs, with all that it needs in memory', () => {
    let usable = 0;
    fc.assert(
      fc.property(pipelines, fc.constantFrom(...GROUPINGS), (drawn, by) => {
        const of = structureOf(drawn);
        const nodes = of.pipelines.__default__ ?? [];
        const graph = tasksOf(of, by);
        if (graph === null) return;
        usable++;
        const done = new Set<string>();
        const ran: string[] = [];
        const taskOf = new Map<string, string>();
        for (const task of graph.tasks) {
          // Each task stands after those that it waits for, so there is no circle.
          for (const before of task.after) expect(done).to.include(before);
          done.add(task.id);
          if (task.kind !== 'group') continue;
          expect([...nodesRun(task.arguments, nodes)].sort()).to.deep.equal([...task.nodes].sort());
          ran.push(...task.nodes);
          for (const name of task.nodes) taskOf.set(name, task.id);
        }
        expect(done.size).to.equal(graph.tasks.length);
        expect([...ran].sort()).to.deep.equal(nodes.map(({ name }) => name).sort());
        for (const [index, node] of nodes.entries())
          for (const input of drawn[index]?.inputs.filter((other) => other < index) ?? []) {
            const saver = nodes[input]?.name ?? '';
            expect(ran.indexOf(saver)).to.be.lessThan(ran.indexOf(node.name));
            if (drawn[input]?.inMemory === true) expect(taskOf.get(saver)).to.equal(taskOf.get(node.name));
            for (const [other, { confirms }] of drawn.entries())
              if (confirms.includes(input))
                expect(taskOf.get(nodes[other]?.name ?? '')).to.equal(taskOf.get(node.name));
          }
      }),
    );
    expect(usable).to.be.greaterThan(30);
  });

  it('gives the same tasks in any order of nodes', () => {
    fc.assert(
      fc.property(pipelines, fc.constantFrom(...GROUPINGS), fc.infiniteStream(fc.nat(999)), (drawn, by, keys) => {
        const of = structureOf(drawn);
        const shuffled = (of.pipelines.__default__ ?? [])
          .map((node) => [keys.next().value, node] as const)
          .sort(([a], [b]) => a - b)
          .map(([, node]) => node);
        const plan = (nodes: readonly PipelineNode[]) =>
          planTasks(request({ ...of, pipelines: { __default__: nodes } }, by, { tags: TAGS }), CHECK, {
            image: 'x@sha256:0',
            tracked: true,
            id: 'x',
          });
        expect(plan(shuffled)).to.deep.equal(plan(of.pipelines.__default__ ?? []));
      }),
    );
  });

  it('is never refused by memory or as one task', () => {
    fc.assert(
      fc.property(pipelines, fc.constantFrom('memory', 'pipeline'), (drawn, by) => {
        expect(tasksOf(structureOf(drawn), by)).not.to.equal(null);
      }),
    );
  });

  it('has the groups and dependencies of Kedro by namespace, where no data are in memory or confirmed', () => {
    // As Pipeline.group_nodes_by('namespace') of Kedro 1.7 makes them.
    const groupOf = ({ name, namespace }: PipelineNode): string => namespace?.split('.')[0] ?? name;
    fc.assert(
      fc.property(pipelines, (drawn) => {
        const of = structureOf(drawn.map((node) => ({ ...node, inMemory: false, confirms: [] })));
        const nodes = of.pipelines.__default__ ?? [];
        const expected = new Map(nodes.map((node) => [groupOf(node), new Set<string>()]));
        for (const [index, node] of nodes.entries())
          for (const input of drawn[index]?.inputs.filter((other) => other < index) ?? []) {
            const parent = nodes[input];
            if (parent !== undefined && groupOf(parent) !== groupOf(node))
              expected.get(groupOf(node))?.add(groupOf(parent));
          }
        const { grouped } = groupPipeline(request(of, 'namespace'));
        expect(new Map(grouped?.groups.map(({ name, dependsOn }) => [name, new Set(dependsOn)]))).to.deep.equal(
          expected,
        );
      }),
    );
  });

  it('has IDs that fit', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.string({ unit: 'grapheme', maxLength: 90 }), { minLength: 1, maxLength: 12 }),
        (names) => {
          const nodes = names.map((name, index) => ({
            ...{ name, namespace: null, tags: [], inputs: [], outputs: [`d${index}`], confirms: [], function: 'f' },
          }));
          const of = { ...structureOf([]), pipelines: { __default__: nodes } };
          const { grouped } = groupPipeline(request(of, 'none'));
          if (grouped === null) throw new Error('no groups');
          const { tasks } = buildTaskGraph(grouped, of, { image: 'x', tracked: true, id: 'x' });
          expect(new Set(tasks.map(({ id }) => id.toLowerCase())).size).to.equal(names.length + 2);
          for (const { id } of tasks) expect(id).to.match(/^[A-Za-z0-9_-]{1,60}$/);
        },
      ),
    );
  });
});
