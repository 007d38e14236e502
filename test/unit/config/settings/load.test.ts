import { expect } from 'chai';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { loadSettings } from '../../../../src/config/settings/load.js';
import type { SettingsFlags } from '../../../../src/config/settings/flags.js';
import { DEFAULT_SETTINGS } from '../../../../src/config/settings/settings.js';
import { rejection } from '../../../support/rejection.js';
import { KdeployError } from '../../../../src/errors.js';
import { configurationErrorOf, errorOf, lines, problemsOf, projectOf } from './project-files.js';

const BASE = 'conf/base/kdeploy.yml';
const PROD = 'conf/prod/kdeploy.yml';

interface Given {
  readonly files?: Readonly<Record<string, string>>;
  readonly env?: string;
  readonly variables?: Readonly<Record<string, string>>;
  readonly flags?: SettingsFlags;
}

function load({ files = {}, env = 'prod', variables = {}, flags = {} }: Given) {
  return loadSettings({ source: projectOf(files), env, environmentVariables: variables, flags });
}

const withBase = (text: string) => load({ files: { [BASE]: text } });

describe('loading the configuration', () => {
  it('gives the defaults when nothing is configured', async () => {
    expect(await load({})).to.deep.equal(DEFAULT_SETTINGS);
  });

  it('names keys in its problems, but none that may be a secret', async () => {
    const keysOf = async (text: string) => (await configurationErrorOf(withBase(text))).problems.map(({ key }) => key);
    expect(await keysOf('image: {nmae: a}')).to.deep.equal(['image.nmae']);
    expect(await keysOf('"https://me:hunter2@host": 1')).to.deep.equal(['…']);
    expect(await keysOf('build: {args: {A: {}}}')).to.deep.equal(['build.args.A']);
  });

  it('gives the defaults for empty files and empty sections, as comments alone leave them', async () => {
    const settings = await load({
      files: { [BASE]: 'image:\n  # name: x\nbuild:\nmlflow:\nrun_config:\n', [PROD]: '' },
    });
    expect(settings).to.deep.equal({ ...DEFAULT_SETTINGS, sources: [BASE, PROD] });
  });

  it('reads every key', async () => {
    const settings = await withBase(`
image: {name: ghcr.io/acme/app, tags: [v1, "{git.sha}"], base: "python:3.11-slim", builder: engine, platform: linux/arm64, dockerfile: docker/Dockerfile, bytecode: false, layers: {budget: 60, gzip: single}, sbom: false}
build:
  uid: 1000
  gid: 0
  args: {VERSION: "1", FROM_ENVIRONMENT: }
  secrets: [{id: pip, env: PIP_INDEX_URL}, {id: netrc, file: .netrc}]
mlflow: {enabled: auto, tracking_uri: "https://mlflow.example.com", on_unreachable: warn}
run_config:
  experiment_name: churn
  run_name: churn-{dag.run_id}
  authentication:
    - {type: GoogleOAuth2, header: Proxy-Authorization}
    - {type: Vars, params: [MLFLOW_TRACKING_TOKEN]}
    - {type: OIDC, issuer: "https://id.example.com", client_id: flights, client_secret_variable: SECRET}
    - {type: TokenFile, path: /var/run/token}
  namespace: airflow
  start_date: 20210721
  image_pull_secrets: one, two
checks: {kedro-datasets-declared: warning, mlflow-online: off}
hook: {online: true}
dag: {target: docker, as: task-group, pipelines: train, group_by: tag, group_tags: etl, output: "airflow/{pipeline}.py", id: "{project}.{pipeline}", max_tasks: 20}
`);
    const { places, ...others } = settings;
    expect(places).to.deep.include({
      'dag.target': { file: BASE, line: 22 },
      'run_config.namespace': { file: BASE, line: 17 },
    });
    expect(others).to.deep.equal({
      image: {
        name: 'ghcr.io/acme/app',
        tags: ['v1', '{git.sha}'],
        base: 'python:3.11-slim',
        builder: 'engine',
        platform: 'linux/arm64',
        dockerfile: 'docker/Dockerfile',
        bytecode: false,
        layers: { budget: 60, gzip: 'single' },
        sbom: false,
      },
      build: {
        uid: 1000,
        gid: 0,
        args: { VERSION: '1', FROM_ENVIRONMENT: null },
        secrets: [
          { id: 'pip', env: 'PIP_INDEX_URL' },
          { id: 'netrc', file: '.netrc' },
        ],
      },
      mlflow: { enabled: 'auto', trackingUri: 'https://mlflow.example.com', onUnreachable: 'warn' },
      runConfig: {
        experimentName: 'churn',
        runName: 'churn-{dag.run_id}',
        authentication: [
          { type: 'GoogleOAuth2', audience: null, header: 'Proxy-Authorization' },
          { type: 'Vars', params: ['MLFLOW_TRACKING_TOKEN'] },
          {
            type: 'OIDC',
            issuer: 'https://id.example.com',
            client_id: 'flights',
            client_secret_variable: 'SECRET',
            client_secret_file: null,
            scope: null,
            audience: null,
            header: 'Authorization',
          },
          { type: 'TokenFile', path: '/var/run/token', header: 'Authorization' },
        ],
        variableSecrets: {},
        airflow: { namespace: 'airflow', start_date: '20210721', image_pull_secrets: ['one', 'two'] },
      },
      dag: {
        target: 'docker',
        as: 'task-group',
        pipelines: ['train'],
        groupBy: 'tag',
        groupTags: ['etl'],
        output: 'airflow/{pipeline}.py',
        id: '{project}.{pipeline}',
        maxTasks: 20,
      },
      checks: { 'kedro-datasets-declared': 'warning', 'mlflow-online': 'off' },
      hook: { online: true },
      sources: [BASE],
      warnings: [],
      dagProblems: [],
    });
  });

  it('takes one tag and one authentication type as lists of one', async () => {
    const settings = await withBase(
      'image: {tags: v1}\nrun_config: {authentication: {type: GoogleOAuth2, params: []}}',
    );
    expect(settings.image.tags).to.deep.equal(['v1']);
    expect(settings.runConfig.authentication).to.deep.equal([
      { type: 'GoogleOAuth2', audience: null, header: 'Authorization' },
    ]);
  });

  for (const none of [
    'authentication:',
    'authentication: []',
    'authentication: {type: Null}',
    'authentication: {type: "Null"}',
  ]) {
    it(`takes \`${none}\` for no authentication`, async () => {
      expect((await withBase(`run_config:\n  ${none}`)).runConfig.authentication).to.deep.equal([]);
    });
  }

  it('takes off and on for what YAML 1.1 makes of them, in quotes or not, and nothing for "as it is"', async () => {
    const { checks } = await withBase(
      'checks: {kedro-project: off, dockerfile-readable: false, mlflow-config-valid: "off", mlflow-config-exists: on, tracking-uri-usable: true, requirements-readable: }',
    );
    expect(checks).to.deep.equal({
      'kedro-project': 'off',
      'dockerfile-readable': 'off',
      'mlflow-config-valid': 'off',
      'mlflow-config-exists': 'on',
      'tracking-uri-usable': 'on',
    });
  });

  it('lets an environment take back what the base environment says of a check', async () => {
    const base = 'checks: {kedro-project: off, mlflow-online: warning}';
    const { checks } = await load({ files: { [BASE]: base, [PROD]: 'checks: {kedro-project: on}' } });
    expect(checks).to.deep.equal({ 'kedro-project': 'on', 'mlflow-online': 'warning' });
  });

  const mistakes: readonly [written: string, message: string][] = [
    [
      'kedro-mlflow-requird: off',
      'unknown key "kedro-mlflow-requird" in checks; did you mean "kedro-mlflow-required"?',
    ],
    ['mlflow_online: off', 'unknown key "mlflow_online" in checks; did you mean "mlflow-online"?'],
    ['kedro-project: warn', 'checks.kedro-project must be off, on, error, warning or info'],
    ['kedro-project: 0', 'checks.kedro-project must be off, on, error, warning or info'],
    ['kedro-project: [off]', 'checks.kedro-project must be off, on, error, warning or info'],
  ];
  for (const [written, message] of mistakes) {
    it(`does not take \`${written}\` under checks`, async () => {
      const { message: told } = await rejection(withBase(`checks:\n  ${written}\n`));
      expect(told).to.equal(`${BASE}:2: ${message}`);
    });
  }

  it('does not take a list of checks', async () => {
    const { message } = await rejection(withBase('checks: [kedro-project]'));
    expect(message).to.equal(`${BASE}:1: checks must be a mapping, not a list`);
  });

  it('reads the ending .yaml too', async () => {
    const settings = await load({ files: { 'conf/base/kdeploy.yaml': 'image: {name: a/b}' } });
    expect(settings.image.name).to.equal('a/b');
  });
});

describe('what wins over what', () => {
  const files = {
    [BASE]: 'image: {name: base/app, tags: [a, b], builder: kedro}\nmlflow: {tracking_uri: "https://base.example.com"}',
    [PROD]: 'image: {name: prod/app, tags: [c]}',
  };

  it('lays the environment over the base: maps key by key, lists as a whole', async () => {
    const { image, mlflow } = await load({ files });
    expect([image.name, image.tags, mlflow.trackingUri]).to.deep.equal(['prod/app', ['c'], 'https://base.example.com']);
  });

  it('reads no other environment', async () => {
    expect((await load({ files, env: 'local' })).image.name).to.equal('base/app');
  });

  it('reads the file once when the environment is the base itself', async () => {
    expect((await load({ files, env: 'base' })).sources).to.deep.equal([BASE]);
  });

  it('lays variables over files, and flags over variables, and names them all', async () => {
    const variables = { KDEPLOY_IMAGE_NAME: 'variable/app', KDEPLOY_IMAGE_TAGS: 'x, y', KDEPLOY_UID: '7' };
    const { image, build, sources } = await load({ files, variables, flags: { tags: ['flag'], uid: 8 } });
    expect([image.name, image.tags, build.uid]).to.deep.equal(['variable/app', ['flag'], 8]);
    expect(sources).to.deep.equal([
      BASE,
      PROD,
      'KDEPLOY_IMAGE_NAME',
      'KDEPLOY_IMAGE_TAGS',
      'KDEPLOY_UID',
      '--tag',
      '--uid',
    ]);
  });

  it('takes a null in the environment for "the default", not for "as in base"', async () => {
    const settings = await load({ files: { ...files, [PROD]: 'mlflow: {tracking_uri: null}' } });
    expect(settings.mlflow.trackingUri).to.equal(null);
  });

  it('replaces authentication of another type as a whole, and merges that of the same type', async () => {
    const vars = 'run_config: {authentication: {type: Vars, params: [MLFLOW_TRACKING_TOKEN]}}';
    const google = 'run_config: {authentication: {type: GoogleOAuth2, audience: a}}';
    const other = await load({ files: { [BASE]: vars, [PROD]: google } });
    expect(other.runConfig.authentication).to.deep.equal([
      { type: 'GoogleOAuth2', audience: 'a', header: 'Authorization' },
    ]);
    const same = await load({ files: { [BASE]: google, [PROD]: 'run_config: {authentication: {audience: b}}' } });
    expect(same.runConfig.authentication).to.deep.equal([
      { type: 'GoogleOAuth2', audience: 'b', header: 'Authorization' },
    ]);
  });

  it('takes a variable that is set to nothing for one that is not set', async () => {
    expect((await load({ files, variables: { KDEPLOY_IMAGE_NAME: ' ' } })).image.name).to.equal('prod/app');
  });
});

describe('run_config.image in kdeploy.yml', () => {
  it('is the image’s name and tag, with a warning', async () => {
    const { image, warnings } = await withBase('run_config:\n  image: gcr.io/acme/app:v1');
    expect([image.name, image.tags]).to.deep.equal(['gcr.io/acme/app', ['v1']]);
    expect(lines(warnings)).to.deep.equal([`${BASE}:2: run_config.image is a key of kedro-airflow-k8s`]);
  });

  it('gives way to image.name', async () => {
    expect((await withBase('image: {name: a/b}\nrun_config: {image: "c/d:v1"}')).image.name).to.equal('a/b');
  });

  it('is found at its own line when it is no name', async () => {
    const [problem] = await problemsOf(withBase('image:\n  tags: v1\nrun_config:\n  image: gcr.io/Acme/app'));
    expect(problem?.where).to.equal(`${BASE}:4`);
  });
});

describe('what is wrong with a configuration', () => {
  const table: readonly [name: string, text: string, problem: string][] = [
    ['an unknown key that is near a known one', 'imge: {}', '1: unknown key "imge"; did you mean "image"?'],
    [
      'another spelling of a key',
      'mlflow:\n  trackingUri: x',
      '2: unknown key "trackingUri" in mlflow; did you mean "tracking_uri"?',
    ],
    [
      'a key in the wrong section',
      'tracking_uri: x',
      '1: unknown key "tracking_uri"; did you mean "mlflow.tracking_uri"?',
    ],
    ['an unknown key that is near to nothing', 'kubernetes: {}', '1: unknown key "kubernetes"'],
    ['a key that may be a secret', '"https://me:hunter2@host": 1', '1: unknown key that is not a valid name'],
    ['the key __proto__', '__proto__: {image: 1}', '1: unknown key "__proto__"'],
    ['a list where a section belongs', 'image: [a]', '1: image must be a mapping, not a list'],
    ['a date where a section belongs', 'image: 2024-01-31', '1: image must be a mapping, not a string'],
    ['a number where text belongs', 'image:\n  tags: [v1, 1.10]', '2: image.tags.1 must be a string, not a number'],
    [
      'a YAML 1.1 boolean where text belongs',
      'run_config:\n  run_name: on',
      '2: run_config.run_name must be a string, not a boolean',
    ],
    ['no tags', 'image:\n  tags: []', '2: image.tags is empty'],
    ['an empty name', 'image:\n  name: ""', '2: image.name is empty'],
    [
      'an unknown builder',
      'image:\n  builder: kerdo',
      '2: image.builder must be kedro, engine or layers; did you mean kedro?',
    ],
    ['an unknown enabled', 'mlflow:\n  enabled: maybe', '2: mlflow.enabled must be true, false or auto'],
    ['a negative user id', 'build:\n  uid: -1', '2: build.uid is too small'],
    ['a user id beyond what Linux has', 'build:\n  uid: 4294967295', '2: build.uid is too large'],
    ['a fraction of a group id', 'build:\n  gid: 1.5', '2: build.gid must be a whole number, not a fraction'],
    [
      'authentication without a type',
      'run_config:\n  authentication:\n    audience: a',
      '2: run_config.authentication.type is missing',
    ],
    [
      'authentication of an unknown type',
      'run_config:\n  authentication:\n    type: Var',
      '3: run_config.authentication.type must be GoogleOAuth2, Vars, OIDC or TokenFile; did you mean Vars?',
    ],
    [
      'an unknown key of an authentication in a list',
      'run_config:\n  authentication:\n    - type: Vars\n      params: []\n      parms: []',
      '5: unknown key "parms" in run_config.authentication.0; did you mean "params"?',
    ],
    [
      'text where the names of variables belong',
      'run_config:\n  authentication:\n    type: Vars\n    params: X',
      '4: run_config.authentication.params must be a list, not a string',
    ],
    [
      'an image name with a tag',
      'image:\n  name: acme/app:v1',
      '2: image.name: the image name "acme/app:v1" contains the tag "v1"',
    ],
    [
      'an image name with capitals',
      'image:\n  name: Acme/app',
      '2: image.name: the image name "Acme/app" has capital letters',
    ],
    [
      'a base image that is none',
      'image:\n  base: "python:"',
      '2: image.base: the image name "python:" ends with a colon, without a tag',
    ],
    ['a platform without architecture', 'image:\n  platform: linux', '2: image.platform: "linux" is not a platform'],
    ['a platform that is no Linux', 'image:\n  platform: windows/amd64', '2: image.platform must be a Linux platform'],
    ['two platforms', 'image:\n  platform: linux/amd64,linux/arm64', '2: image.platform lists several platforms'],
    [
      'a Dockerfile outside the project',
      'image:\n  dockerfile: ../Dockerfile',
      '2: image.dockerfile points outside the project',
    ],
    [
      'an absolute Dockerfile',
      'image:\n  dockerfile: C:\\Dockerfile',
      '2: image.dockerfile points outside the project',
    ],
    [
      'an unknown placeholder',
      'image:\n  tags:\n    - a\n    - "{git.sah}"',
      '4: unknown placeholder {git.sah} in a tag; did you mean {git.sha}?',
    ],
    ['half a placeholder', 'image:\n  tags: "{git.sha"', '2: the tag has an unmatched brace'],
    [
      'a tag that no registry takes',
      'image:\n  tags: a/b',
      '2: the tag "a/b" contains a character that is not allowed',
    ],
    [
      'an interpolation of Kedro’s',
      'run_config:\n  experiment_name: ${globals:x}',
      '2: run_config.experiment_name contains an interpolation (${…}), which kdeploy does not resolve',
    ],
    [
      'an interpolation as a tag, reported once',
      'image:\n  tags: "${oc.env:TAG}"',
      '2: image.tags.0 contains an interpolation (${…}), which kdeploy does not resolve',
    ],
    [
      'a password in the tracking URI',
      'mlflow:\n  tracking_uri: https://me:hunter2@host',
      '2: mlflow.tracking_uri contains a user name or password',
    ],
    [
      'a password in a build argument',
      'build:\n  args:\n    INDEX: https://me:hunter2@host',
      "3: a build argument contains a user name or password, which would stay in the image's history",
    ],
    [
      'a build argument without a name',
      'build:\n  args:\n    "a b": x',
      '3: a key of build.args is not a valid name for a build argument',
    ],
    [
      'a build secret from nowhere',
      'build:\n  secrets:\n    - id: pip',
      '3: a build secret needs exactly one of env and file',
    ],
    [
      'a build secret from two places',
      'build:\n  secrets:\n    - {id: pip, env: A, file: b}',
      '3: a build secret needs exactly one of env and file',
    ],
    ['a list instead of keys', '- image', '1: the file must contain a mapping, not a list'],
    ['text that is not YAML', 'image:\n  name: [', '2: the file is not valid YAML'],
  ];

  for (const [name, text, expected] of table) {
    it(`names file and line of ${name}`, async () => {
      const problems = lines(await problemsOf(withBase(text)));
      expect(problems).to.have.lengthOf(1);
      expect(problems[0]).to.satisfy((line: string) => line.startsWith(`${BASE}:${expected}`), problems[0]);
      expect(problems.join()).not.to.contain('hunter2');
    });
  }

  it('reports everything at once, in the order of reading, once for each file that must be fixed', async () => {
    const error = await configurationErrorOf(
      load({
        files: { [BASE]: 'imge: {}\nimage:\n  name: A/b\n  builder: x', [PROD]: 'mlflow: {enabled: 3}\nimge: {}' },
        variables: { KDEPLOY_UID: 'root' },
        flags: { platform: 'linux' },
      }),
    );
    expect(lines(error.problems)).to.deep.equal([
      `${BASE}:1: unknown key "imge"; did you mean "image"?`,
      `${BASE}:3: image.name: the image name "A/b" has capital letters; registries accept only lower case`,
      `${BASE}:4: image.builder must be kedro, engine or layers`,
      `${PROD}:1: mlflow.enabled must be true, false or auto`,
      `${PROD}:2: unknown key "imge"; did you mean "image"?`,
      'KDEPLOY_UID: build.uid must be a whole number, not a string',
      '--platform: image.platform: "linux" is not a platform',
    ]);
    expect(error.message.split('\n')).to.have.lengthOf(8);
    expect([error.code, error.exitCode]).to.deep.equal(['configuration', 2]);
  });

  it('is one sentence with its place and what to do, when it is one problem', async () => {
    const error = await configurationErrorOf(withBase('image:\n  builder: kerdo\n'));
    expect(error.message).to.equal(`${BASE}:2: image.builder must be kedro, engine or layers; did you mean kedro?`);
    expect(error.place).to.deep.equal({ file: BASE, line: 2 });
    expect(error.hint).to.be.a('string');
  });

  it('still finds what is wrong in one file when another is no YAML', async () => {
    const problems = await problemsOf(load({ files: { [BASE]: 'image: [', [PROD]: 'imge: {}' } }));
    expect(problems.map(({ place }) => place?.file)).to.deep.equal([BASE, PROD]);
  });

  for (const [name, text] of [
    ['too large', `# ${'x'.repeat(1024 * 1024)}`],
    ['an alias bomb', bomb()],
    ['not text', 'image: \0'],
    ['one key twice', 'image: {}\nimage: {}'],
  ] as const) {
    it(`refuses a file that is ${name}, and names it`, async () => {
      const [problem] = await problemsOf(withBase(text));
      expect(problem?.place?.file).to.equal(BASE);
    });
  }

  for (const env of ['', '../x', 'a/b', '.']) {
    it(`refuses ${JSON.stringify(env)} as the name of an environment`, async () => {
      expect((await errorOf(load({ env }))).code).to.equal('usage');
    });
  }

  for (const key of ['name', 'base', 'platform', 'builder'] as const) {
    it(`repeats no password that stands in image.${key}`, async () => {
      const [problem] = await problemsOf(
        withBase(stringify({ image: { [key]: 'https://me:hunter2hunter2@host/path' } })),
      );
      expect(`${problem?.message ?? ''} ${problem?.remedy ?? ''}`)
        .to.contain(`image.${key}`)
        .and.not.contain('hunter2');
    });
  }

  it('never fails but with a KdeployError, whatever YAML says, and repeats no value', async () => {
    const SECRET = 'hunter2hunter2';
    const text = fc.oneof(
      fc.string(),
      fc.constant(`https://me:${SECRET}@host/path`),
      fc.constantFrom('{git.sha}', '${x}', 'Vars'),
    );
    const leaf = fc.oneof(text, fc.double(), fc.boolean(), fc.constant(null), fc.date({ noInvalidDate: true }));
    const known = fc.constantFrom(
      ...[
        'image',
        'build',
        'mlflow',
        'run_config',
        'name',
        'tags',
        'base',
        'builder',
        'platform',
        'dockerfile',
        'uid',
        'args',
        'secrets',
      ],
      ...[
        'id',
        'env',
        'file',
        'enabled',
        'tracking_uri',
        'experiment_name',
        'authentication',
        'type',
        'params',
        'header',
        'volume',
      ],
    );
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { depthSize: 'medium' },
        leaf,
        fc.array(tie('tree'), { maxLength: 4 }),
        fc.dictionary(fc.oneof(known, known, fc.string()), tie('tree'), { maxKeys: 6 }),
      ),
    }));
    const file = fc.dictionary(known, tree, { maxKeys: 6 });
    await fc.assert(
      fc.asyncProperty(file, file, async (base, prod) => {
        try {
          await load({ files: { [BASE]: stringify(base), [PROD]: stringify(prod) } });
        } catch (error) {
          expect(error).to.be.instanceOf(KdeployError);
          expect(`${(error as KdeployError).message} ${(error as KdeployError).hint ?? ''}`).not.to.contain(SECRET);
        }
      }),
      { numRuns: 300 },
    );
    // Half of the time tsx's loader, in a thread of its own, resolves what the code imports late, once for every import().
  }).timeout(60_000);
});

/** A few lines that expand to ten to the ninth elements. */
function bomb(): string {
  const levels = Array.from(
    { length: 9 },
    (_, level) => `a${level + 1}: &a${level + 1} [${Array(9).fill(`*a${level}`).join(', ')}]`,
  );
  return ['a0: &a0 [x, x, x]', ...levels].join('\n');
}
