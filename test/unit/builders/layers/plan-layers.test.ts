import { expect } from 'chai';
import fc from 'fast-check';
import { DEFAULT_SETTINGS } from '../../../../src/config/settings/settings.js';
import { planLayers, type PlannedLayer, type SizedPackage } from '../../../../src/builders/layers/plan-layers.js';

const MEGABYTE = 1_000_000;
/** The account with the empty environment, the project, and the bake. */
const OWN_LAYERS = 3;
/** Of a child Dockerfile. */
const FIVE_STEPS = 5;

const light = (name: string): SizedPackage => ({ name, size: MEGABYTE - 1 });
const heavy = (name: string, size = MEGABYTE): SizedPackage => ({ name, size });
/** As many as a Kedro project with MLflow has: a third is heavy. */
const PROJECT = Array.from({ length: 115 }, (_, index) => ({
  name: `package-${index}`,
  size: index % 3 === 0 ? MEGABYTE * (index + 1) : 1_000 * index,
}));
const { budget: DEFAULT_BUDGET } = DEFAULT_SETTINGS.image.layers;
const numbered = (count: number, prefix: string) =>
  Array.from({ length: count }, (_, index) => `${prefix}${String(index).padStart(3, '0')}`);

const membersOf = (plan: readonly PlannedLayer<SizedPackage>[]) =>
  plan.map(({ packages }) => packages.map(({ name }) => name).join());
const namesOf = (plan: readonly PlannedLayer<SizedPackage>[]) =>
  plan.flatMap(({ packages }) => packages.map(({ name }) => name)).sort();
const isGroup = ({ title }: PlannedLayer<SizedPackage>) => /^packages \d+$/.test(title);

/** Different names, with sizes on both sides of what is heavy. */
const someSize = fc.oneof(fc.nat(2 * MEGABYTE), fc.constantFrom(MEGABYTE, MEGABYTE - 1, 0));
const somePackages: fc.Arbitrary<SizedPackage[]> = fc.uniqueArray(
  fc.record({ name: fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/), size: someSize }),
  { maxLength: 130, selector: ({ name }) => name },
);
const someBudget = fc.record({ baseLayers: fc.nat(120), budget: fc.integer({ min: 10, max: 127 }) });

describe('the plan of the layers', () => {
  it('gives each heavy package a layer of its own, and shares few among the light ones', () => {
    const heavies = ['pandas', 'numpy', 'pyarrow'].map((name) => heavy(name));
    const plan = planLayers([...heavies, ...numbered(60, 'light-').map(light)], { baseLayers: 4, budget: 50 });
    expect(plan.slice(0, 3).map(({ title }) => title)).to.deep.equal(['numpy', 'pandas', 'pyarrow']);
    expect(plan.slice(3).every(isGroup)).to.equal(true);
    expect(plan).to.have.length.within(9, 11);
  });

  it('leaves nothing out on a base of 90 layers', () => {
    const packages = [
      ...numbered(40, 'heavy-').map((name, index) => heavy(name, MEGABYTE + index)),
      ...numbered(75, 'light-').map(light),
    ];
    const plan = planLayers(packages, { baseLayers: 90, budget: 50 });
    expect(namesOf(plan)).to.deep.equal(packages.map(({ name }) => name).sort());
    // What overlay takes (moby: 127 layers), with the project, the bake and a child Dockerfile.
    expect(90 + plan.length + OWN_LAYERS + FIVE_STEPS).to.be.at.most(127);
    expect(plan.map(({ title }) => title)).to.include('other large packages');
  });

  it('keeps the heaviest apart where the budget has no room for all', () => {
    const packages = numbered(30, 'heavy-').map((name, index) => heavy(name, MEGABYTE + index));
    const plan = planLayers(packages, { baseLayers: 5, budget: 31 });
    // 31 less the base, kdeploy's own, the child's and the eight groups: nine, and one for the rest.
    const [apart, shared] = [plan.filter(({ packages: { length } }) => length === 1), plan.at(-1)];
    expect(apart.map(({ title }) => title)).to.deep.equal(
      packages
        .slice(-9)
        .map(({ name }) => name)
        .sort(),
    );
    expect(shared?.title).to.equal('other large packages');
    expect(shared?.packages).to.have.length(21);
  });

  it('shares no layer where there is room for each heavy package, to the last one', () => {
    const packages = numbered(10, 'heavy-').map((name) => heavy(name));
    const titles = (budget: number) => planLayers(packages, { baseLayers: 5, budget }).map(({ title }) => title);
    expect(titles(31)).to.deep.equal(packages.map(({ name }) => name));
    expect(titles(30)).to.have.length(9).and.to.include('other large packages');
  });

  it('has each package once, in the order of the names, and as many layers as the budget has', () => {
    fc.assert(
      fc.property(somePackages, someBudget, (packages, input) => {
        const plan = planLayers(packages, input);
        expect(namesOf(plan)).to.deep.equal(packages.map(({ name }) => name).sort());
        for (const { packages: members } of plan) {
          const names = members.map(({ name }) => name);
          expect(names)
            .to.deep.equal([...names].sort())
            .and.not.to.deep.equal([]);
        }
        expect(new Set(plan.map(({ title }) => title)).size).to.equal(plan.length);
        const least = packages.some(({ size }) => size >= MEGABYTE) ? 9 : 8;
        const room = Math.max(least, input.budget - input.baseLayers - OWN_LAYERS - FIVE_STEPS);
        expect(plan.length).to.be.at.most(room);
      }),
    );
  });

  it('is the same whatever order the packages come in', () => {
    fc.assert(
      fc.property(
        somePackages.chain((packages) =>
          fc.tuple(
            fc.constant(packages),
            fc.shuffledSubarray(packages, { minLength: packages.length, maxLength: packages.length }),
          ),
        ),
        someBudget,
        ([packages, shuffled], input) => {
          expect(planLayers(shuffled, input)).to.deep.equal(planLayers(packages, input));
        },
      ),
    );
  });

  it('keeps the groups where base or budget change', () => {
    fc.assert(
      fc.property(somePackages, someBudget, someBudget, (packages, one, other) => {
        const groups = (input: typeof one) => planLayers(packages, input).filter(isGroup);
        expect(groups(one)).to.deep.equal(groups(other));
      }),
    );
  });

  it('changes one group where a light package comes or goes, or no longer has the same size', () => {
    fc.assert(
      fc.property(somePackages, someBudget, (packages, input) => {
        const name = 'new-and-light';
        const before = new Set(membersOf(planLayers(packages, input)));
        const after = membersOf(planLayers([...packages, light(name)], input));
        const changed = after.filter((members) => !before.has(members));
        expect(changed).to.have.length(1);
        expect(changed[0]?.split(',')).to.include(name);
        expect(membersOf(planLayers([...packages, { name, size: 1 }], input))).to.deep.equal(after);
      }),
    );
  });

  it('adds a layer where a heavy package comes and there is room', () => {
    fc.assert(
      fc.property(somePackages, (packages) => {
        const input = { baseLayers: 1, budget: 500 };
        const before = new Set(membersOf(planLayers(packages, input)));
        const after = membersOf(planLayers([...packages, heavy('new-and-heavy')], input));
        expect(after.filter((members) => !before.has(members))).to.deep.equal(['new-and-heavy']);
      }),
    );
  });

  it('has all 115 packages of a project, whatever the base and the budget are', () => {
    const all = PROJECT.map(({ name }) => name).sort();
    for (const baseLayers of [0, 1, 5, 49, 50, 51, 90, 126, 500])
      for (const budget of [0, 1, 10, DEFAULT_BUDGET, 127])
        expect(namesOf(planLayers(PROJECT, { baseLayers, budget })), `${budget} on ${baseLayers}`).to.deep.equal(all);
  });

  it('stays within the default budget on a usual base, the child’s steps counted', () => {
    for (const baseLayers of [1, 4, 5, 12, 25]) {
      const plan = planLayers(PROJECT, { baseLayers, budget: DEFAULT_BUDGET });
      expect(baseLayers + plan.length + OWN_LAYERS + FIVE_STEPS).to.equal(DEFAULT_BUDGET);
    }
  });

  it('has as few layers as there can be where the base has more than the budget', () => {
    for (const [baseLayers, budget] of [
      [90, DEFAULT_BUDGET],
      [DEFAULT_BUDGET, DEFAULT_BUDGET],
      [DEFAULT_BUDGET - 1, DEFAULT_BUDGET],
      [500, 127],
      [1, 0],
    ] as const) {
      const titles = planLayers(PROJECT, { baseLayers, budget }).map(({ title }) => title);
      expect(titles).to.deep.equal([
        'other large packages',
        ...Array.from({ length: 8 }, (_, index) => `packages ${index + 1}`),
      ]);
    }
  });

  it('puts a package into the group that it has always been in: another one would change two layers of each image', () => {
    const plan = planLayers(['numpy', 'pandas', 'kedro', 'mlflow', 'six', 'click', 'pyyaml'].map(light), {
      ...{ baseLayers: 5, budget: DEFAULT_BUDGET },
    });
    expect(plan.map(({ title, packages }) => [title, packages.map(({ name }) => name).join(' ')])).to.deep.equal([
      ...[
        ['packages 2', 'mlflow'],
        ['packages 3', 'kedro'],
        ['packages 4', 'numpy pyyaml'],
      ],
      ...[
        ['packages 5', 'six'],
        ['packages 6', 'click'],
        ['packages 7', 'pandas'],
      ],
    ]);
  });

  it('changes two layers at most where a heavy package comes for which there is none', () => {
    fc.assert(
      fc.property(
        somePackages,
        someBudget,
        fc.integer({ min: MEGABYTE, max: 3 * MEGABYTE }),
        (packages, input, size) => {
          const before = new Set(membersOf(planLayers(packages, input)));
          const after = membersOf(planLayers([...packages, heavy('new-and-heavy', size)], input));
          // Its own, or that of those without one, into which the lightest of the others may have to go.
          expect(after.filter((members) => !before.has(members)).length).to.be.within(1, 2);
        },
      ),
    );
  });
});
