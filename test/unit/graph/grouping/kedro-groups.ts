/** What `Pipeline.group_nodes_by` of Kedro 1.7.0 answered: for each group its nodes and what it depends on, sorted. */
export const KEDRO_GROUPS: readonly {
  readonly title: string;
  readonly nodes: readonly string[];
  readonly namespace: Readonly<Record<string, readonly [nodes: readonly string[], dependencies: readonly string[]]>>;
  readonly none: Readonly<Record<string, readonly string[]>>;
}[] = [
  {
    title: 'chain over namespaces',
    nodes: ['x.a: raw -> x.p', 'x.deep.b: x.p -> q', 'y.c: q -> r', 'out: r params:k -> s'],
    namespace: { x: [['x.a', 'x.deep.b'], []], y: [['y.c'], ['x']], out: [['out'], ['y']] },
    none: { 'x.a': [], 'x.deep.b': ['x.a'], 'y.c': ['x.deep.b'], out: ['y.c'] },
  },
  {
    title: 'transcoding',
    nodes: ['a: raw -> x@spark', 'z.b: x@pandas parameters -> y', 'z.c: y x@spark -> w'],
    namespace: { a: [['a'], []], z: [['z.b', 'z.c'], ['a']] },
    none: { a: [], 'z.b': ['a'], 'z.c': ['a', 'z.b'] },
  },
  {
    title: 'diamond',
    nodes: ['load: raw -> d', 'left.l: d -> m1', 'right.inner.r: d -> m2', 'join: m1 m2 -> out'],
    namespace: {
      load: [['load'], []],
      left: [['left.l'], ['load']],
      right: [['right.inner.r'], ['load']],
      join: [['join'], ['left', 'right']],
    },
    none: { load: [], 'left.l': ['load'], 'right.inner.r': ['load'], join: ['left.l', 'right.inner.r'] },
  },
  {
    title: 'a node between',
    nodes: ['x.a: raw -> p', 'mid: p -> q', 'x.b: q -> r'],
    namespace: { x: [['x.a', 'x.b'], ['mid']], mid: [['mid'], ['x']] },
    none: { 'x.a': [], mid: ['x.a'], 'x.b': ['mid'] },
  },
];
