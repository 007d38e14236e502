import { expect } from 'chai';
import fc from 'fast-check';
import type { RunConfiguration } from '../../../src/image/run-configuration.js';
import {
  comparedImage,
  imageDifference,
  isEmptyDifference,
  type ComparedImage,
} from '../../../src/inspect/image-difference.js';
import { digestOf } from '../../../src/image/digest.js';
import { sampleImage } from '../image/sample-image.js';

const LABELS = {
  'io.kdeploy.version': '0.1.0',
  'io.kdeploy.plan': 'sha256:p',
  'io.kdeploy.env': 'staging',
  'io.kdeploy.tracking-uri': 'https://mlflow.staging.acme.io',
  'io.kdeploy.experiment': 'flights',
  'io.kdeploy.authentication': 'Vars',
  'org.opencontainers.image.revision': '4be1c0ff',
  'org.opencontainers.image.source': 'https://github.com/acme/flights',
  'org.opencontainers.image.base.name': 'docker.io/library/python:3.11-slim',
  maintainer: 'ada',
};

const RUN: RunConfiguration = {
  env: ['PATH=/bin', 'MLFLOW_TRACKING_URI=https://mlflow.staging.acme.io', 'API_TOKEN=hunter2'],
  entrypoint: ['python', '-m', 'kdeploy_runtime'],
  cmd: ['kedro', 'run'],
  workingDirectory: '/home/kedro_docker',
  user: 'kedro_docker',
  labels: LABELS,
};

const compared = (run: Partial<RunConfiguration> = {}, rest: Partial<ComparedImage> = {}): ComparedImage => ({
  reference: 'app:v1',
  id: digestOf(JSON.stringify(run)),
  platform: 'linux/amd64',
  configuration: { ...RUN, ...run },
  layers: [],
  ...rest,
});
const labelled = (labels: Readonly<Record<string, string>>) => compared({ labels: { ...LABELS, ...labels } });
const without = (...names: string[]) =>
  compared({ labels: Object.fromEntries(Object.entries(LABELS).filter(([name]) => !names.includes(name))) });

describe('the difference of two images', () => {
  it('is empty for one image', () => {
    const difference = imageDifference(compared(), compared({}, { reference: 'app:v2' }));
    expect(difference).to.deep.equal({
      a: 'app:v1',
      b: 'app:v2',
      identical: true,
      fields: [],
      variables: [],
      labels: [],
      packages: null,
      layers: { shared: [], onlyInA: [], onlyInB: [], reordered: false },
    });
    expect(isEmptyDifference(difference)).to.equal(true);
  });

  it('is empty, but does not call two images one, where something differs that is not compared', () => {
    const difference = imageDifference(compared(), compared({}, { id: digestOf('built at another time') }));
    expect([difference.identical, isEmptyDifference(difference)]).to.deep.equal([false, true]);
  });

  const fields: readonly [name: string, b: ComparedImage, values: [unknown, unknown]][] = [
    ['baked.experiment', labelled({ 'io.kdeploy.experiment': 'trains' }), ['flights', 'trains']],
    [
      'baked.authentication',
      labelled({ 'io.kdeploy.authentication': 'GoogleOAuth2,Vars' }),
      [['Vars'], ['GoogleOAuth2', 'Vars']],
    ],
    ['baked.authentication', labelled({ 'io.kdeploy.authentication': '' }), [['Vars'], []]],
    ['baked.env', labelled({ 'io.kdeploy.env': 'prod' }), ['staging', 'prod']],
    ['baked.version', labelled({ 'io.kdeploy.version': '0.2.0' }), ['0.1.0', '0.2.0']],
    ['revision', labelled({ 'org.opencontainers.image.revision': '5c' }), ['4be1c0ff', '5c']],
    ['revision', without('org.opencontainers.image.revision'), ['4be1c0ff', null]],
    [
      'source',
      labelled({ 'org.opencontainers.image.source': 'https://4f2a9c8d7e6b5a@github.com/acme/flights' }),
      ['https://github.com/acme/flights', 'https://***@github.com/acme/flights'],
    ],
    [
      'base',
      labelled({ 'org.opencontainers.image.base.name': 'docker.io/library/python:3.12-slim' }),
      ['docker.io/library/python:3.11-slim', 'docker.io/library/python:3.12-slim'],
    ],
    ['platform', compared({}, { platform: 'linux/arm64' }), ['linux/amd64', 'linux/arm64']],
    ['user', compared({ user: '' }), ['kedro_docker', 'root']],
    ['workingDirectory', compared({ workingDirectory: '/' }), ['/home/kedro_docker', '/']],
    ['entrypoint', compared({ entrypoint: [] }), [['python', '-m', 'kdeploy_runtime'], []]],
    [
      'cmd',
      compared({ cmd: ['kedro', 'run', '--password', 'hunter2'] }),
      [
        ['kedro', 'run'],
        ['kedro', 'run', '--password', '***'],
      ],
    ],
  ];
  for (const [name, b, [one, other]] of fields) {
    it(`tells ${name}, from ${JSON.stringify(one)} to ${JSON.stringify(other)}, and nothing else`, () => {
      const difference = imageDifference(compared(), b);
      expect(difference.fields).to.deep.equal([{ name, a: one, b: other }]);
      expect([difference.variables, difference.labels]).to.deep.equal([[], []]);
      expect(isEmptyDifference(difference)).to.equal(false);
    });
  }

  /** Of an image that sets the variable, it says more than the label. */
  const baked = (uri: string, env: readonly string[] = []) =>
    compared({ env, labels: { ...LABELS, 'io.kdeploy.tracking-uri': uri } });
  for (const [uri, shown] of [
    ['https://mlflow.acme.io', 'https://mlflow.acme.io'],
    ['https://ada:hunter2@mlflow.acme.io', 'https://***@mlflow.acme.io'],
    ['', null],
  ] as const)
    it(`tells the tracking URI that was baked, ${JSON.stringify(shown)}, and nothing else`, () => {
      const difference = imageDifference(baked('https://mlflow.staging.acme.io'), baked(uri));
      const changed = { name: 'baked.trackingUri', a: 'https://mlflow.staging.acme.io', b: shown };
      expect(difference.fields).to.deep.equal([changed]);
      expect([difference.variables, difference.labels]).to.deep.equal([[], []]);
      expect(isEmptyDifference(difference)).to.equal(false);
    });

  it('tells the tracking URI that somebody set after the build', () => {
    const [a, b] = ['a', 'b'].map((name) => baked('https://baked', [`MLFLOW_TRACKING_URI=https://${name}`]));
    const { fields: changed } = imageDifference(a ?? compared(), b ?? compared());
    expect(changed).to.deep.equal([{ name: 'baked.trackingUri', a: 'https://a', b: 'https://b' }]);
  });

  it('tells that only a secret changed, and not the secret', () => {
    const uri = (password: string) => baked(`https://ada:${password}@mlflow`);
    const { fields: changed } = imageDifference(uri('hunter2'), uri('hunter3'));
    expect(changed).to.deep.equal([{ name: 'baked.trackingUri', a: 'https://***@mlflow', b: 'https://***@mlflow' }]);
  });

  it('tells of an image that kdeploy did not bake what it does not have', () => {
    const { fields: changed } = imageDifference(without('io.kdeploy.version', 'io.kdeploy.authentication'), compared());
    expect(changed.filter(({ name }) => name.startsWith('baked.'))).to.deep.equal([
      { name: 'baked.trackingUri', a: null, b: 'https://mlflow.staging.acme.io' },
      { name: 'baked.experiment', a: null, b: 'flights' },
      { name: 'baked.authentication', a: [], b: ['Vars'] },
      { name: 'baked.env', a: null, b: 'staging' },
      { name: 'baked.version', a: null, b: '0.1.0' },
    ]);
    const untracked = labelled({ 'io.kdeploy.authentication': '' });
    const names = imageDifference(without('io.kdeploy.version'), untracked).fields.map(({ name }) => name);
    expect(names).not.to.include('baked.authentication');
  });

  it('takes no user for root, who it is', () => {
    const difference = imageDifference(compared({ user: '' }), compared({ user: 'root' }));
    expect(isEmptyDifference(difference)).to.equal(true);
  });

  describe('in variables', () => {
    const changed = (env: readonly string[]) => imageDifference(compared(), compared({ env })).variables;

    it('is told with values for those that kdeploy bakes, and by name for all others', () => {
      expect(
        changed(['PATH=/sbin', 'MLFLOW_TRACKING_URI=https://mlflow.acme.io', 'API_TOKEN=hunter3', 'NEW=1']),
      ).to.deep.equal([
        { name: 'API_TOKEN', change: 'changed', a: null, b: null },
        {
          name: 'MLFLOW_TRACKING_URI',
          change: 'changed',
          a: 'https://mlflow.staging.acme.io',
          b: 'https://mlflow.acme.io',
        },
        { name: 'NEW', change: 'onlyInB', a: null, b: null },
        { name: 'PATH', change: 'changed', a: null, b: null },
      ]);
    });

    it('is told of those that one of them does not have', () => {
      expect(changed(['PATH=/bin', 'API_TOKEN=hunter2'])).to.deep.equal([
        { name: 'MLFLOW_TRACKING_URI', change: 'onlyInA', a: 'https://mlflow.staging.acme.io', b: null },
      ]);
    });

    it('is none where only their order, or one that a later one replaces, differs', () => {
      expect(changed([...RUN.env].reverse())).to.deep.equal([]);
      expect(changed(['PATH=/overwritten', ...RUN.env])).to.deep.equal([]);
      expect(changed([...RUN.env, 'PATH=/other'])).to.have.length(1);
    });
  });

  describe('in labels', () => {
    const changed = (labels: Readonly<Record<string, string>>) => imageDifference(compared(), labelled(labels)).labels;

    it('is told with values for those of kdeploy and of the specification, and by name for all others', () => {
      const labels = { 'io.kdeploy.plan': 'sha256:q', maintainer: 'bob', 'org.opencontainers.image.version': '2' };
      expect(changed(labels)).to.deep.equal([
        { name: 'io.kdeploy.plan', change: 'changed', a: 'sha256:p', b: 'sha256:q' },
        { name: 'maintainer', change: 'changed', a: null, b: null },
        { name: 'org.opencontainers.image.version', change: 'onlyInB', a: null, b: '2' },
      ]);
    });

    it('is told where no field tells it', () => {
      // Without a plan it is not an image that kdeploy baked, so no field says where it logs.
      const [a, b] = ['https://a', 'https://b'].map((uri) =>
        compared({ labels: { 'io.kdeploy.tracking-uri': uri } }, { id: digestOf(uri) }),
      );
      const { fields: inFields, labels } = imageDifference(a!, b!);
      expect(inFields).to.deep.equal([]);
      expect(labels).to.deep.equal([
        { name: 'io.kdeploy.tracking-uri', change: 'changed', a: 'https://a', b: 'https://b' },
      ]);
    });
  });

  it('is told of images that are values, with what made their layers', () => {
    const image = (layers: readonly string[], user: string) =>
      sampleImage(layers, {
        variant: 'v1',
        config: { User: user },
        history: layers.map((text) => ({ created_by: `COPY ${text} .` })),
      });
    const [a, b] = [comparedImage(image(['x', 'y'], 'u'), 'A'), comparedImage(image(['x', 'zz'], 'v'), 'B')];
    const difference = imageDifference(a, b);
    expect(difference.fields).to.deep.equal([{ name: 'user', a: 'u', b: 'v' }]);
    expect(difference.layers).to.deep.equal({
      shared: [{ digest: digestOf('x'), size: 1, madeBy: 'COPY x .' }],
      onlyInA: [{ digest: digestOf('y'), size: 1, madeBy: 'COPY y .' }],
      onlyInB: [{ digest: digestOf('zz'), size: 2, madeBy: 'COPY zz .' }],
      reordered: false,
    });
    expect(difference.identical).to.equal(false);
    expect(imageDifference(a, a).identical).to.equal(true);
  });

  const word = fc.constantFrom('a', 'b', 'https://ada:hunter2@host', '');
  const names = [...Object.keys(LABELS), 'PATH', 'MLFLOW_TRACKING_URI', '__proto__', 'constructor'];
  const pairs = fc.array(fc.tuple(fc.constantFrom(...names), word), { maxLength: 8 });
  const image = fc.record({ env: pairs, labels: pairs, words: fc.array(word), word }).map((drawn) =>
    compared(
      {
        env: drawn.env.map((pair) => pair.join('=')),
        labels: Object.fromEntries(drawn.labels),
        entrypoint: drawn.words,
        user: drawn.word,
      },
      { id: digestOf(JSON.stringify(drawn)) },
    ),
  );

  it('of an image with itself is empty, whatever it is', () => {
    fc.assert(
      fc.property(image, (one) => {
        const difference = imageDifference(one, one);
        expect([difference.identical, isEmptyDifference(difference)]).to.deep.equal([true, true]);
      }),
    );
  });

  it('is the same with both sides swapped, can be written as JSON, and holds no secret', () => {
    const back = { onlyInA: 'onlyInB', onlyInB: 'onlyInA', changed: 'changed' };
    fc.assert(
      fc.property(image, image, (one, other) => {
        const [there, here] = [imageDifference(one, other), imageDifference(other, one)];
        const swapped = <Each extends { a: unknown; b: unknown }>(list: readonly Each[]) =>
          list.map((each) => ({
            ...{ ...each, a: each.b, b: each.a },
            ...('change' in each && { change: back[each.change as keyof typeof back] }),
          }));
        expect(here.fields).to.deep.equal(swapped(there.fields));
        expect(here.variables).to.deep.equal(swapped(there.variables));
        expect(here.labels).to.deep.equal(swapped(there.labels));
        expect(JSON.parse(JSON.stringify(there))).to.deep.equal(there);
        expect(JSON.stringify(there)).not.to.include('hunter2');
      }),
    );
  });
});
