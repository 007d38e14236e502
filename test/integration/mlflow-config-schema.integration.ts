import { expect } from 'chai';
import { execa } from 'execa';
import fc from 'fast-check';
import { configProblems } from '../../src/checks/mlflow-config-schema.js';
import { ensureVirtualEnvironment, pythonOf, type PythonVersions } from '../support/environment/python.js';

const DOCUMENTS = 2000;
const SEED = Number(process.env.KDEPLOY_TEST_SEED ?? 20_261_123);

type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** Everything that has ever stood at a key of mlflow.yml, whether it belongs there or not. */
const anything: fc.Arbitrary<Json> = fc.oneof(
  fc.constantFrom<Json>(
    null,
    true,
    false,
    0,
    1,
    2,
    -1,
    0.5,
    1.5,
    '',
    'text',
    'yes',
    'NO',
    'On',
    'off',
    't',
    'F',
    'y',
    'N',
    '1',
    '0',
    '2',
    'maybe',
    'fail',
    'truncate',
    'tag',
    'TAG',
    ' yes ',
    'true\n',
    5000,
  ),
  fc.constantFrom<Json>(
    [],
    ['a'],
    [1],
    [null],
    ['a', 'b'],
    ['a', true],
    {},
    { a: 'b' },
    { a: 1 },
    { a: null },
    { a: { b: 'c' } },
    { name: 'x' },
    [[]],
    [{}],
  ),
);
const text = fc.constantFrom<Json>('text', '', 'http://a:5000');
const strict = fc.boolean();

/** Mostly right, and now and then anything at all; keys are left out, and a foreign one is slipped in. */
function mostly(arbitrary: fc.Arbitrary<Json>): fc.Arbitrary<Json> {
  return fc.oneof({ weight: 14, arbitrary }, { weight: 1, arbitrary: anything });
}
function section(keys: Readonly<Record<string, fc.Arbitrary<Json>>>): fc.Arbitrary<Json> {
  const known = fc.record(Object.fromEntries(Object.entries(keys).map(([key, value]) => [key, mostly(value)])), {
    requiredKeys: [],
  });
  const strange = fc.constantFrom('name', 'Name', 'uri', 'experiment', 'run', 'extra', 'flatten', '__proto__');
  return fc
    .tuple(
      known,
      fc.oneof({ weight: 25, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: fc.tuple(strange, anything) }),
    )
    .map(([fields, extra]): Json => {
      const entries = Object.entries(fields as Record<string, Json>);
      return Object.fromEntries(extra === null ? entries : [...entries, extra]);
    });
}
const optional = fc.oneof(text, fc.constant<Json>(null));

const document = section({
  server: section({
    mlflow_tracking_uri: optional,
    mlflow_registry_uri: optional,
    credentials: optional,
    request_header_provider: section({
      type: optional,
      pass_context: fc.oneof(strict, anything),
      init_kwargs: fc.constantFrom<Json>({}, { a: 'b' }),
    }),
  }),
  tracking: section({
    disable_tracking: section({
      pipelines: fc.constantFrom<Json>([], ['a', 'b']),
      disable_autologging: fc.oneof(strict, anything),
    }),
    experiment: section({
      name: text,
      create_experiment_kwargs: section({
        artifact_location: optional,
        tags: fc.constantFrom<Json>(null, {}, { a: 1 }),
      }),
      restore_if_deleted: strict,
    }),
    run: section({ id: optional, name: optional, nested: strict }),
    params: section({
      dict_params: section({ flatten: strict, recursive: strict, sep: text }),
      long_params_strategy: fc.constantFrom<Json>('fail', 'truncate', 'tag'),
    }),
  }),
  ui: section({ port: text, host: text }),
});

const JUDGE = `
import importlib.metadata, json, sys
from kedro_mlflow.config.kedro_mlflow_config import KedroMlflowConfig

def accepts(document):
    try:
        KedroMlflowConfig.model_validate(document)
        return True
    except ValueError:
        return False

verdicts = [accepts(document) for document in json.load(sys.stdin)]
print()
print(json.dumps({"version": importlib.metadata.version("kedro-mlflow"), "verdicts": verdicts}))
`;

describe('the schema of mlflow.yml, beside kedro-mlflow’s own models, on generated documents', () => {
  const documents = fc.sample(document, { seed: SEED, numRuns: DOCUMENTS });

  for (const versions of ['newest', 'oldest'] satisfies PythonVersions[]) {
    it(`accepts and refuses the same as kedro-mlflow (${versions})`, async () => {
      const python = pythonOf(await ensureVirtualEnvironment(versions));
      const { stdout } = await execa(python, ['-c', JUDGE], {
        input: JSON.stringify(documents),
        env: { DO_NOT_TRACK: '1' },
      });
      const judged = JSON.parse(stdout.split('\n').at(-1) ?? '') as { version: string; verdicts: boolean[] };
      const differences: unknown[] = [];
      for (const [index, each] of documents.entries()) {
        const problems = await configProblems(each as Record<string, unknown>, judged.version);
        if ((problems.length === 0) !== judged.verdicts[index])
          differences.push({ document: each, accepted: judged.verdicts[index], problems });
      }
      expect(differences.slice(0, 3), JSON.stringify(differences.slice(0, 6))).to.deep.equal([]);
      // Documents that are all wrong, or all right, would show nothing.
      const accepted = judged.verdicts.filter(Boolean).length;
      expect(accepted).to.be.within(DOCUMENTS / 20, (DOCUMENTS * 9) / 10);
    });
  }
});
