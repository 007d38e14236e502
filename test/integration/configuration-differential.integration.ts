import { expect } from 'chai';
import fc from 'fast-check';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KdeployError } from '../../src/errors.js';
import { findProject } from '../../src/project/project.js';
import { readTrackingConfig } from '../../src/project/tracking/tracking-config.js';
import { environment } from '../support/environment/mocha.js';
import { verdictsOf, writeProject, type Verdict } from '../support/kedro-judge.js';
import { isNight } from '../support/nightly.js';

/** How many projects one Python process judges; each is a few files. `npm run test:long` tries others, and more of them. */
const PROJECTS = Number(process.env.KDEPLOY_TEST_PROJECTS ?? (isNight ? 300 : 100));
const SEED = Number(process.env.KDEPLOY_TEST_SEED ?? 20_261_123);

interface Generated {
  readonly settings: string;
  readonly env: string | undefined;
  readonly files: Readonly<Record<string, string>>;
}

/** Scalars that YAML readers disagree about, beside plain ones. */
const SCALARS = [
  'text',
  '"quoted"',
  "'single'",
  '1',
  '0',
  '-7',
  '1.0',
  '1e3',
  '1.5e-3',
  '.5',
  '010',
  '089',
  '0x1F',
  '0b101',
  '1_000',
  '12:30:45',
  '190:20:30.15',
  '2024-01-02',
  '2024-01-02T03:04:05Z',
  'yes',
  'No',
  'on',
  'OFF',
  'y',
  'n',
  'true',
  'TRUE',
  'null',
  '~',
  'Null',
  '',
  '???',
  'http://a:5000',
  'a b',
  '+1',
  '-0',
  '1.',
  '1e400',
  '.inf',
  '=',
  '<<x',
  '12345678901234567890',
  '"a\\tb"',
  "'it''s'",
  '"\\u00e9"',
  'é',
  '[]',
  '{}',
  '[1, two, null]',
  '{a: {b: c}}',
  '|\n      block\n      text\n',
  '!!str 5',
  '!x y',
  '- a',
  '*missing',
  '@x',
  '%x',
  'a: b',
  '"unclosed',
  '0o17',
  '1__0',
  '0_',
  '0b_',
  '_1',
  '1:99',
];

/** References to keys that exist more often than not; and forms that only OmegaConf knows. */
const INTERPOLATIONS = [
  '${a}',
  '${b}',
  '${_h}',
  '${deep.x}',
  '${deep.y.z}',
  '${deep}',
  '${.s}',
  '${..a}',
  '${..deep.x}',
  '${...a}',
  '${missing}',
  '${globals:g}',
  '${globals:host}',
  '${globals:port}',
  '${globals:n.m}',
  '${globals:n}',
  '${globals:missing}',
  '${globals:missing, fallback}',
  "${globals:missing, 'a b'}",
  '${globals:missing,5}',
  '${globals:missing, null}',
  '${globals:missing, true}',
  '${globals:missing, 1.5}',
  '${globals:missing,http://x:5000/a}',
  '${globals:n.q, d}',
  '${globals:g.h, d}',
  '${globals:_x, d}',
  '${globals:missing, ${globals:g}}',
  '${globals: host }',
  '${ a }',
  'http://${globals:host}:${globals:port}',
  '${a}-${b}',
  'x${deep}',
  'x${a}y',
  '$${a}',
  '\\${a}',
  '${oc.env:HOME}',
  '${oc.env:NOPE,x}',
  '${runtime_params:p}',
  '${runtime_params:p, 3}',
  '${nope:1}',
  '${km.random_name:}',
  '${a.b}',
  '${list.0}',
  '${list[0]}',
  '${deep[x]}',
  '${deep.nothing}',
  '${a',
  '${}',
  'cost $5',
  '${null}',
  '${globals:true}',
  '${a}${a}${a}',
  '${e-f}',
  '${globals:h-y, z}',
  '${oc.decode:1}',
  '${s}',
  '${deep.loop}',
  '${globals:g,}',
];

const value = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(...SCALARS) },
  { weight: 6, arbitrary: fc.constantFrom(...INTERPOLATIONS).map((text) => quoted(text)) },
);
const plainValue = fc.constantFrom('text', '1', '1.0', 'yes', 'null', '"5"', 'http://a:1', '[1, 2]', '2024-01-02');

/** `a: …`, one line a key, so that a key may stand twice. */
const mlflowFile = fc
  .tuple(
    fc.record({ s: fc.option(value), x: fc.option(value), tail: fc.option(value) }),
    fc.array(fc.tuple(fc.constantFrom('a', 'b', '_h', 's', 'e-f', 'server', 'ui', 'c', '1', 'yes'), value), {
      maxLength: 4,
    }),
    fc.boolean(),
  )
  .map(([{ s, x, tail }, lines, hasList]) =>
    [
      ...lines.map(([key, text]) => `${key}: ${text}`),
      ...(s === null && x === null
        ? []
        : [
            'deep:',
            ...(s === null ? [] : [`  s: ${s}`]),
            ...(x === null ? [] : [`  x: ${x}`]),
            '  y: {z: 1, w: "${..x}"}',
          ]),
      ...(hasList ? ['list:', '  - first', `  - {i: ${tail === null || /[\n"{[*!%@]/.test(tail) ? '1' : tail}}`] : []),
      ...(tail === null ? [] : [`tail: ${tail}`]),
    ].join('\n'),
  );

const globalsFile = fc
  .tuple(
    fc.array(
      fc.tuple(
        fc.constantFrom('g', 'host', 'port', 'q', 'h-y'),
        fc.oneof({ weight: 4, arbitrary: plainValue }, { weight: 1, arbitrary: value }),
      ),
      {
        maxLength: 4,
      },
    ),
    fc.boolean(),
  )
  .map(([lines, isDeep]) =>
    [...new Map(lines).entries()]
      .map(([key, text]) => `${key}: ${text}`)
      .concat(isDeep ? ['n: {m: 2, s: x}'] : [])
      .join('\n'),
  );

const SETTINGS = [
  '',
  'CONFIG_LOADER_ARGS = {"base_env": "base", "default_run_env": "local"}\n',
  'CONFIG_LOADER_ARGS = {"base_env": "base", "default_run_env": "local", "merge_strategy": {"mlflow": "soft"}}\n',
  'CONFIG_LOADER_ARGS = {"base_env": "base", "default_run_env": "local", "merge_strategy": {"mlflow": "SOFT", "globals": "soft"}}\n',
  'CONFIG_LOADER_ARGS = {"base_env": "base", "default_run_env": "local", "merge_strategy": {"mlflow": "hard"}}\n',
  'CONFIG_LOADER_ARGS = {"base_env": "base", "default_run_env": "local", "config_patterns": {"mlflow": ["tracking*", "**/tracking.y?l"], "globals": ["globals*", "**/globals*"]}}\n',
  'CONFIG_LOADER_ARGS = {"base_env": "base", "default_run_env": "local", "config_patterns": {"mlflow": ["m*/*"], "spark": ["spark*"]}}\n',
  'CONFIG_LOADER_ARGS = {"base_env": "default", "default_run_env": "dev"}\n',
  'CONF_SOURCE = "configuration"\n',
];

const FOLDERS = ['base', 'base', 'local', 'default', 'dev'];
const MLFLOW_NAMES = [
  'mlflow.yml',
  'mlflow.yml',
  'mlflow.yml',
  'mlflow.json',
  'mlflow_b.yaml',
  'tracking.yml',
  'sub/tracking.yml',
  'mlflow/x.yml',
  'a/b/mlflow.yml',
  '.mlflow.yml',
  '.h/mlflow.yml',
  'mlflow.txt',
  'my_mlflow.yml',
];
const GLOBALS_NAMES = ['globals.yml', 'globals.yml', 'globals.yaml', 'sub/globals.yml', 'globals_b.yml'];

const project: fc.Arbitrary<Generated> = fc
  .record({
    settings: fc.oneof(
      { weight: 3, arbitrary: fc.constant('') },
      { weight: 2, arbitrary: fc.constantFrom(...SETTINGS) },
    ),
    env: fc.constantFrom(undefined, undefined, undefined, 'local', 'base', 'prod'),
    mlflow: fc.array(
      fc.tuple(
        fc.constantFrom('base', 'base', 'local', 'local', 'local', 'dev', 'default', 'prod'),
        fc.constantFrom(...MLFLOW_NAMES),
        mlflowFile,
      ),
      { minLength: 1, maxLength: 3 },
    ),
    globals: fc.array(fc.tuple(fc.constantFrom(...FOLDERS), fc.constantFrom(...GLOBALS_NAMES), globalsFile), {
      maxLength: 2,
    }),
  })
  .map(({ settings, env, mlflow, globals }) => {
    const conf = settings.includes('configuration') ? '/configuration' : '/conf';
    const keep = conf === '/conf' ? [] : FOLDERS.concat('prod').map((folder) => [`${conf}/${folder}/.gitkeep`, '']);
    const files = [...globals, ...mlflow].map(([folder, name, text]) => [`${conf}/${folder}/${name}`, text]);
    return { settings, env, files: Object.fromEntries([...keep, ...files]) as Record<string, string> };
  });

/** Interpolations stand in quotes as often as not; unquoted, YAML has its own word to say. */
function quoted(text: string): string {
  return text.length % 2 === 0 || text.includes('\\') ? text : `"${text}"`;
}

describe('configuration as kdeploy reads it, beside OmegaConfigLoader, on generated projects', () => {
  const projects = fc.sample(project, { seed: SEED, numRuns: PROJECTS });
  let folder: string;
  let verdicts: Verdict[];

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kdeploy-differential-'));
    for (const [index, each] of projects.entries()) await writeProject(rootOf(index), each);
    verdicts = await verdictsOf(
      environment().python,
      projects.map(({ env }, index) => ({ root: rootOf(index), env })),
    );
  });

  after(() => rm(folder, { recursive: true, force: true }));

  function rootOf(index: number): string {
    return join(folder, String(index));
  }

  it('answers as Kedro does, refuses what Kedro refuses, and asks where it cannot tell', async () => {
    const differences: unknown[] = [];
    const counts = { answered: 0, resolved: 0, refused: 0, asked: 0 };
    for (const [index, each] of projects.entries()) {
      const verdict = verdicts[index];
      const ours = await outcomeOf(rootOf(index), each.env);
      counts[ours.kind]++;
      if (ours.kind === 'answered' && Object.values(each.files).some((text) => text.includes('${'))) counts.resolved++;
      const isEqual =
        ours.kind === 'asked' ||
        (ours.kind === 'refused'
          ? verdict?.error !== undefined
          : verdict?.error === undefined &&
            JSON.stringify(sorted(ours.document)) === JSON.stringify(sorted(verdict?.document)));
      if (!isEqual) differences.push({ ...each, ours, verdict });
    }
    if (process.env.KDEPLOY_TEST_VERBOSE !== undefined) console.error(counts);
    expect(
      differences.length,
      JSON.stringify(differences.slice(0, Number(process.env.KDEPLOY_TEST_SHOW ?? 3)), undefined, 1),
    ).to.equal(0);
    // A reader that always asks would agree with everything.
    expect(counts.answered).to.be.greaterThan(PROJECTS / 5);
    expect(counts.refused).to.be.greaterThan(PROJECTS / 50);
  });

  type Outcome =
    | { readonly kind: 'answered'; readonly document: unknown }
    | { readonly kind: 'refused'; readonly message: string }
    | { readonly kind: 'asked'; readonly reason: string };

  async function outcomeOf(root: string, env: string | undefined): Promise<Outcome> {
    let asked: string | undefined;
    try {
      const config = await readTrackingConfig({
        project: await findProject(root),
        env,
        resolveWithKedro: (reason) => {
          asked = reason;
          return Promise.reject(new Error('Kedro was asked'));
        },
      });
      return { kind: 'answered', document: config.document ?? {} };
    } catch (error) {
      if (asked !== undefined) return { kind: 'asked', reason: asked };
      expect(error).to.be.instanceOf(KdeployError);
      return { kind: 'refused', message: String(error) };
    }
  }
});

function sorted(document: unknown): unknown {
  if (Array.isArray(document)) return document.map(sorted);
  if (typeof document !== 'object' || document === null) return document;
  return Object.entries(document)
    .map(([key, inner]) => [key, sorted(inner)])
    .sort(([one], [other]) => (String(one) < String(other) ? -1 : 1));
}
