import { expect } from 'chai';
import fc from 'fast-check';
import {
  findOmissions,
  omittedBy,
  type ComparedFile,
  type ComparedWheel,
  type ComparisonParts,
  type Contest,
  type Omissions,
} from '../../../../src/builders/layers/omissions.js';
import { rejection } from '../../../support/rejection.js';

/** What each wheel has, by its name: paths and their content. */
type Files = Readonly<Record<string, Readonly<Record<string, string>>>>;

interface Found {
  readonly omissions: Omissions;
  readonly contests: readonly Contest[];
  /** Names of the wheels that were read. */
  readonly read: readonly string[];
  readonly remembered: readonly (readonly [names: string, contests: readonly Contest[]])[];
}

const wheel = (name: string, ...roots: readonly string[]): ComparedWheel => ({ name, sha256: `of ${name}`, roots });

async function compare(
  wheels: readonly ComparedWheel[],
  files: Files,
  known: ComparisonParts['known'] = () => Promise.resolve(undefined),
): Promise<Found> {
  const contests: Contest[] = [];
  const read: string[] = [];
  const remembered: [string, readonly Contest[]][] = [];
  const omissions = await findOmissions(wheels, {
    known,
    filesOf: ({ name }) => {
      read.push(name);
      return Promise.resolve(
        Object.entries(files[name] ?? {}).map(([path, content]): ComparedFile => ({ path, content })),
      );
    },
    remember: (group, found) => {
      remembered.push([group.map(({ name }) => name).join(), found]);
      return Promise.resolve();
    },
    onContests: (found) => contests.push(...found),
  });
  return { omissions, contests, read, remembered };
}

const SKINNY = [wheel('mlflow', 'lib/mlflow'), wheel('mlflow-skinny', 'lib/mlflow')];

describe('files that several wheels have', () => {
  it('are no matter where all are equal', async () => {
    const same = { 'lib/mlflow/__init__.py': 'one', 'lib/mlflow/db.py': 'two' };
    const { omissions, contests } = await compare(SKINNY, { mlflow: same, 'mlflow-skinny': same });
    expect([omissions, contests]).to.deep.equal([{}, []]);
  });

  it('are those of the last name where they differ, which is told once for each path', async () => {
    const { omissions, contests } = await compare(SKINNY, {
      mlflow: { 'lib/mlflow/b.py': 'one', 'lib/mlflow/a.py': 'one', 'lib/mlflow/same.py': '', 'lib/mlflow/own.py': '' },
      'mlflow-skinny': { 'lib/mlflow/a.py': 'two', 'lib/mlflow/same.py': '', 'lib/mlflow/b.py': 'two' },
    });
    expect(omissions).to.deep.equal({ mlflow: ['lib/mlflow/a.py', 'lib/mlflow/b.py'] });
    expect(contests).to.deep.equal([
      { path: 'lib/mlflow/a.py', winner: 'mlflow-skinny', losers: ['mlflow'] },
      { path: 'lib/mlflow/b.py', winner: 'mlflow-skinny', losers: ['mlflow'] },
    ]);
  });

  it('are left to another wheel by one called like what every object in JavaScript has, too', async () => {
    const two = ['constructor', 'x'].map((name) => wheel(name, 'lib/x'));
    const { omissions } = await compare(two, { constructor: { 'lib/x/1': 'one' }, x: { 'lib/x/1': 'two' } });
    expect(Object.entries(omissions)).to.deep.equal([['constructor', ['lib/x/1']]]);
    expect(omittedBy('constructor', omissions)).to.deep.equal(['lib/x/1']);
    for (const name of ['x', 'constructor', 'toString', '__proto__']) expect(omittedBy(name, {})).to.deep.equal([]);
  });

  it('stay with each wheel that has what the winner has', async () => {
    const three = ['a', 'b', 'c'].map((name) => wheel(name, 'lib/x'));
    const { omissions, contests } = await compare(three, {
      ...{ a: { 'lib/x/1': 'same', 'lib/x/2': 'same' }, b: { 'lib/x/1': 'other', 'lib/x/2': 'same' } },
      c: { 'lib/x/1': 'same', 'lib/x/2': 'other' },
    });
    expect(omissions).to.deep.equal({ a: ['lib/x/2'], b: ['lib/x/1', 'lib/x/2'] });
    expect(contests).to.deep.include({ path: 'lib/x/1', winner: 'c', losers: ['b'] });
  });

  it('are decided in the same way, in whichever order the wheels come', async () => {
    const names = ['a', 'b', 'b-1', 'B', 'c.d', 'zz'];
    const content = fc.constantFrom('one', 'two', 'three');
    const paths = fc.dictionary(fc.constantFrom('lib/x/1', 'lib/x/2', 'lib/x/3'), content);
    await fc.assert(
      fc.asyncProperty(
        fc.tuple(...names.map(() => paths)),
        fc.shuffledSubarray(names, { minLength: 2 }),
        async (contents, order) => {
          const files = Object.fromEntries(names.map((name, index) => [name, contents[index] ?? {}]));
          const shuffled = await compare(
            order.map((name) => wheel(name, 'lib/x')),
            files,
          );
          const sorted = await compare(
            [...order].sort().map((name) => wheel(name, 'lib/x')),
            files,
          );
          expect(shuffled).to.deep.equal(sorted);
          // Whatever order layers are unpacked in: each path has one content left, that of the last name.
          for (const path of ['lib/x/1', 'lib/x/2', 'lib/x/3']) {
            const having = [...order].sort().filter((name) => files[name]?.[path] !== undefined);
            const left = having.filter((name) => shuffled.omissions[name]?.includes(path) !== true);
            const winner = having.at(-1);
            expect(new Set(left.map((name) => files[name]?.[path]))).to.deep.equal(
              new Set(winner === undefined ? [] : [files[winner]?.[path]]),
            );
          }
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('wheels that could share a path', () => {
  const none: Files = {};
  const cases: readonly (readonly [what: string, wheels: readonly ComparedWheel[], read: readonly string[]])[] = [
    ['the same root', [wheel('a', 'lib/x'), wheel('b', 'lib/x')], ['a', 'b']],
    ['a root in another one', [wheel('a', 'lib/x/y/z'), wheel('b', 'lib/x')], ['a', 'b']],
    ['a root above another one', [wheel('a', 'lib/x'), wheel('b', 'lib/x/y')], ['a', 'b']],
    [
      'neighbours that have no root in common',
      [wheel('c', 'lib/x'), wheel('a', 'lib/y'), wheel('b', 'lib/x', 'lib/y')],
      ['a', 'b', 'c'],
    ],
    ['a name that only begins in the same way', [wheel('a', 'lib/x'), wheel('b', 'lib/x-y'), wheel('c', 'lib/xy')], []],
    ['roots beside each other', [wheel('a', 'lib/x/1', 'bin/a'), wheel('b', 'lib/x/2', 'bin/b')], []],
    ['one wheel alone', [wheel('a', 'lib/x', 'lib/x/y')], []],
    ['no wheel', [], []],
    ['a wheel without files', [wheel('a'), wheel('b', 'lib')], []],
  ];
  for (const [what, wheels, expected] of cases)
    it(`are read, and no others: ${what}`, async () => {
      const { read, remembered } = await compare(wheels, none);
      expect(read).to.deep.equal(expected);
      expect(remembered.map(([names]) => names)).to.deep.equal(expected.length === 0 ? [] : [expected.join()]);
    });

  it('are found as a comparison of all roots finds them', async () => {
    const root = fc
      .array(fc.constantFrom('a', 'b', 'ab'), { minLength: 1, maxLength: 3 })
      .map((parts) => parts.join('/'));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(root, { maxLength: 3 }), { maxLength: 6 }), async (allRoots) => {
        const wheels = allRoots.map((roots, index) => wheel(`w${index}`, ...roots));
        const touches = (one: string, other: string) =>
          `${one}/`.startsWith(`${other}/`) || `${other}/`.startsWith(`${one}/`);
        const having = wheels.filter((one) =>
          wheels.some((other) => other !== one && one.roots.some((a) => other.roots.some((b) => touches(a, b)))),
        );
        const { read, remembered } = await compare(wheels, none);
        expect([...read].sort()).to.deep.equal(having.map(({ name }) => name));
        // Neighbours are in one group.
        const groupOf = (name: string) => remembered.findIndex(([names]) => names.split(',').includes(name));
        for (const one of having)
          for (const other of having)
            if (one.roots.some((a) => other.roots.some((b) => touches(a, b))))
              expect(groupOf(one.name)).to.equal(groupOf(other.name));
      }),
      { numRuns: 200 },
    );
  });

  it('are not read where it is known what a comparison finds', async () => {
    const known = [{ path: 'lib/mlflow/a.py', winner: 'mlflow-skinny', losers: ['mlflow'] }];
    const asked: string[][] = [];
    const { omissions, contests, read, remembered } = await compare([...SKINNY].reverse(), none, (group) => {
      asked.push(group.map(({ name }) => name));
      return Promise.resolve(known);
    });
    expect([omissions, contests]).to.deep.equal([{ mlflow: ['lib/mlflow/a.py'] }, known]);
    expect([read, remembered]).to.deep.equal([[], []]);
    expect(asked).to.deep.equal([['mlflow', 'mlflow-skinny']]);
  });

  it('are remembered group by group', async () => {
    const wheels = [...SKINNY, wheel('a', 'lib/x'), wheel('b', 'lib/x')];
    const { remembered } = await compare(wheels, {
      mlflow: { 'lib/mlflow/a': '1' },
      'mlflow-skinny': { 'lib/mlflow/a': '2' },
    });
    expect(remembered).to.have.deep.members([
      ['mlflow,mlflow-skinny', [{ path: 'lib/mlflow/a', winner: 'mlflow-skinny', losers: ['mlflow'] }]],
      ['a,b', []],
    ]);
  });

  it('cannot be installed together where one has a file and another a folder', async () => {
    for (const [a, b] of [
      [{ 'lib/x': 'file' }, { 'lib/x/y': 'in a folder' }],
      [{ 'lib/x/y/z': 'in a folder' }, { 'lib/x': 'file' }],
    ] as const) {
      const error = await rejection(compare([wheel('a', 'lib/x'), wheel('b', 'lib/x')], { a, b }));
      expect(error.code).to.equal('build-failed');
      expect(error.message).to.match(/^[ab] has a file where [ab] has a folder: lib\/x$/);
      expect(error.hint).to.contain('remove one of them');
    }
  });
});
