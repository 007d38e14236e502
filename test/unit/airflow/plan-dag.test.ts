import { expect } from 'chai';
import { planDag, renderDag, type DagRequest } from '../../../src/airflow/plan-dag.js';
import { NO_RESOURCES } from '../../../src/airflow/targets/kubernetes/pod.js';
import { planDags } from '../../../src/airflow/plan-dags.js';
import {
  DEFAULT_DAG_SETTINGS,
  type AirflowSettings,
  type DagSettings,
  type KubernetesSettings,
} from '../../../src/config/settings/dag-settings.js';
import type { Structure } from '../../../src/graph/structure.js';
import { dataset, structure } from '../graph/sample.js';
import { IMAGE, plainSettings } from './sample.js';

interface Given {
  readonly nodes?: readonly string[];
  readonly structure?: Structure;
  readonly pipeline?: string;
  readonly dag?: Partial<DagSettings>;
  readonly settings?: Partial<AirflowSettings>;
  readonly kubernetes?: Partial<KubernetesSettings>;
  readonly tracked?: boolean;
  readonly authentication?: readonly string[];
  readonly env?: readonly string[];
  readonly places?: DagRequest['places'];
}

function requestOf(given: Given): DagRequest {
  const { nodes = ['a: raw -> x', 'b: x -> y'], tracked = true, kubernetes = {} } = given;
  return {
    image: {
      reference: IMAGE,
      baked: {
        version: '0.1.0',
        plan: 'sha256:p',
        env: undefined,
        trackingUri: tracked ? 'https://mlflow.example.com' : undefined,
        experiment: tracked ? 'flights' : undefined,
        authentication: given.authentication ?? [],
      },
      revision: null,
      source: null,
      env: given.env ?? [],
      structure: given.structure ?? structure(nodes),
    },
    pipeline: given.pipeline ?? '__default__',
    dag: { ...DEFAULT_DAG_SETTINGS, ...given.dag },
    settings: { ...plainSettings, ...given.settings, kubernetes: { ...plainSettings.kubernetes, ...kubernetes } },
    places: given.places ?? {},
  };
}

const findingsOf = (given: Given): string[] =>
  planDag(requestOf(given)).findings.map(({ rule, severity, message }) => `${severity} ${rule}: ${message}`);
const textOf = (given: Given): string => {
  const asked = requestOf(given);
  return renderDag(planDag(asked), asked, 'python');
};
const place = { file: 'conf/base/kdeploy.yml', line: 7 };

describe('planning a DAG', () => {
  it('makes a task of each group, between one that starts the MLflow run and one that ends it', () => {
    const plan = planDag(requestOf({ dag: { groupBy: 'none' } }));
    expect(plan).to.include({ id: 'spaceflights', file: 'dags/spaceflights.py' });
    expect(plan.findings).to.deep.equal([]);
    expect(plan.graph?.tasks.map(({ id }) => id)).to.deep.equal(['start_mlflow_run', 'a', 'b', 'finish_mlflow_run']);
  });

  it('leaves both out where the image does not track its runs, and says why in the file', () => {
    const text = textOf({ tracked: false });
    expect(text).to.contain(
      '# The image does not track its runs with MLflow: no task starts or finishes an MLflow run.',
    );
    expect(text).not.to.match(/start_mlflow_run|finish_mlflow_run|KDEPLOY_RUN_KEY|all_succeeded|authenticates/);
    expect(text).to.contain('KDEPLOY_PARAMS');
  });

  it('has no tasks, but findings, for a pipeline that the image does not have', () => {
    const plan = planDag(requestOf({ pipeline: 'lost', places: { 'dag.pipelines': place } }));
    expect([plan.grouped, plan.graph]).to.deep.equal([null, null]);
    expect(plan.findings).to.deep.equal([
      {
        rule: 'unknown-pipeline',
        severity: 'error',
        message: 'the image has no pipeline lost',
        remedy: 'the image has __default__',
        place,
      },
    ]);
    expect(() => renderDag(plan, requestOf({ pipeline: 'lost' }), 'python')).to.throw('lost');
  });

  it('tells the target where tasks share storage: mounts that can be written to, and the volume', () => {
    const nodes = {
      structure: structure(['a: raw -> x', 'b: x -> y'], { x: dataset({ localPaths: ['/home/kedro_docker/data/x'] }) }),
    };
    const mount = (target: string, readOnly = false) => ({
      docker: { ...plainSettings.docker, mounts: [{ source: '/s', target, readOnly }] },
    });
    const volume = { kind: 'existing', claim: 'c', owner: null } as const;
    const none = { ...nodes, dag: { groupBy: 'none' } as const };
    const docker = { ...nodes, dag: { groupBy: 'none', target: 'docker' } as const };
    const kinds = (given: Given) => planDag(requestOf(given)).findings.map(({ rule }) => rule);
    expect(kinds(none)).to.deep.equal(['local-path']);
    expect(kinds({ ...none, kubernetes: { volume } })).to.deep.equal([]);
    expect(
      kinds({ ...none, kubernetes: { volumeMounts: [{ name: 'a', mountPath: '/home/kedro_docker/data' }] } }),
    ).to.deep.equal([]);
    expect(
      kinds({
        ...none,
        kubernetes: { volumeMounts: [{ name: 'a', mountPath: '/home/kedro_docker/data', readOnly: true }] },
      }),
    ).to.deep.equal(['local-path']);
    expect(kinds({ ...docker, settings: mount('/home/kedro_docker/data') })).to.deep.equal([]);
    expect(kinds({ ...docker, settings: mount('/home/kedro_docker/data', true) })).to.deep.equal(['local-path']);
    expect(kinds({ ...docker, settings: mount('/home/kedro_docker') })).to.deep.equal([]);
  });

  describe('with a volume that one machine can have at a time', () => {
    const own = (accessModes: readonly string[]) =>
      ({ kind: 'own', storageClass: null, size: '1Gi', accessModes, owner: 0, skipInit: false }) as const;
    const parallel = ['a: raw -> x', 'b: raw -> y', 'c: x y -> z'];
    const chain = ['a: raw -> x', 'b: x -> y', 'c: y -> z'];
    const warnings = (
      nodes: readonly string[],
      accessModes: readonly string[] | null,
      target: 'kubernetes' | 'docker' = 'kubernetes',
    ) =>
      findingsOf({
        nodes,
        dag: { groupBy: 'none', target },
        kubernetes: { volume: accessModes === null ? { kind: 'existing', claim: 'c', owner: null } : own(accessModes) },
      }).filter((text) => text.includes('read-write-once'));

    it('warns of the groups that may run at once', () => {
      expect(warnings(parallel, ['ReadWriteOnce'])).to.deep.equal([
        'warning read-write-once: the shared volume is ReadWriteOnce, for one machine at a time, but tasks may run at once: a with b',
      ]);
    });
    for (const [what, nodes, modes] of [
      ['for a chain', chain, ['ReadWriteOnce']],
      ['with ReadWriteMany', parallel, ['ReadWriteMany']],
      ['with ReadWriteMany beside it', parallel, ['ReadWriteOnce', 'ReadWriteMany']],
      ['for a claim that exists, of which nothing is known', parallel, null],
    ] as const) {
      it(`does not ${what}`, () => {
        expect(warnings(nodes, modes)).to.deep.equal([]);
      });
    }
  });

  describe('with a versioned dataset that crosses containers', () => {
    const versioned = {
      structure: structure(['a: raw -> t', 'b: t -> y'], { t: dataset({ versioned: true, address: 's3://b/t' }) }),
    };
    const rules = (given: Given) =>
      planDag(requestOf({ ...versioned, dag: { groupBy: 'none', ...given.dag }, ...given })).findings.map(
        ({ rule }) => rule,
      );

    it('lets the runtime hand over the version where a run is tracked', () => {
      expect(rules({})).to.deep.equal([]);
    });
    it('is refused where it is not, unless one run goes at a time', () => {
      expect(rules({ tracked: false })).to.deep.equal(['versioned']);
      expect(rules({ tracked: false, settings: { maxActiveRuns: 2 } })).to.deep.equal(['versioned']);
      expect(rules({ tracked: false, settings: { maxActiveRuns: 1 } })).to.deep.equal([]);
    });
    it('knows that a task group does not decide how many runs go at a time', () => {
      const group = { dag: { ...DEFAULT_DAG_SETTINGS, as: 'task-group', groupBy: 'none' } as const };
      expect(rules({ tracked: false, settings: { maxActiveRuns: 1 }, ...group })).to.include('versioned');
    });
  });

  describe('with keys of run_config that have no effect', () => {
    it('names those of another target, as errors with their place', () => {
      const [finding] = planDag(
        requestOf({
          dag: { target: 'docker' },
          kubernetes: { namespace: 'ml' },
          places: { 'run_config.namespace': place },
        }),
      ).findings;
      expect(finding).to.deep.include({ severity: 'error', rule: 'unused-key', place });
    });

    for (const [what, names, tags, warned] of [
      ['a node', ['a'], '', false],
      ['a tag', ['large'], '#resources:large', false],
      ['everything', ['__default__'], '', false],
      ['a misspelt tag', ['large'], '#resource:large', true],
      ['nobody', ['large'], '', true],
      ['a node in another case', ['A'], '', true],
    ] as const) {
      it(`${warned ? 'warns of' : 'takes'} resources for ${what}`, () => {
        const resources = Object.fromEntries(names.map((name) => [name, NO_RESOURCES]));
        const found = findingsOf({ nodes: [`a: raw -> x ${tags}`], kubernetes: { resources } });
        expect(found).to.have.lengthOf(warned ? 1 : 0);
        if (warned) expect(found[0]).to.match(/^warning unused-key: run_config\.resources\.\w+ is for no task/);
      });
    }

    it('takes resources for a node of another pipeline, whose DAG has a file of its own', () => {
      const of = structure(['a: raw -> x']);
      const pipelines = { ...of.pipelines, other: structure(['b: raw -> y']).pipelines.__default__ ?? [] };
      expect(
        findingsOf({ structure: { ...of, pipelines }, kubernetes: { resources: { b: NO_RESOURCES } } }),
      ).to.deep.equal([]);
    });

    it('warns of a pod template without a tag that names it', () => {
      const podTemplates = { gpu: { spec: { containers: [{ name: 'base' }] } } };
      expect(findingsOf({ nodes: ['a: raw -> x #k8s_template:gpu'], kubernetes: { podTemplates } })).to.deep.equal([]);
      expect(findingsOf({ nodes: ['a: raw -> x #k8s_template:gpus'], kubernetes: { podTemplates } })[0]).to.contain(
        'run_config.kubernetes_pod_templates.gpu is for no task: no node has this name or the tag k8s_template:gpu',
      );
    });

    it('notes that a task group has no schedule of its own', () => {
      const settings = { schedule: '@daily', tags: ['ml'], retries: 2 };
      expect(findingsOf({ settings, dag: { as: 'task-group' } })).to.deep.equal([
        "info unused-key: a task group has no schedule, tags: run_config's are not used",
      ]);
      expect(findingsOf({ settings })).to.deep.equal([]);
    });

    it('warns of macros that Airflow 3 does not provide', () => {
      expect(findingsOf({ settings: { macroParams: ['ds', 'prev_ds', 'execution_date'] } })).to.deep.equal([
        'warning gone-macro: run_config.macro_params has prev_ds, execution_date, which Airflow 3 does not provide: the tasks would fail there',
      ]);
      expect(findingsOf({ settings: { macroParams: ['ds', 'prev_start_date_success'] } })).to.deep.equal([]);
    });

    it('refuses a DAG that waits for itself, but not for its run before or from a DAG of yours', () => {
      const waiting = (dagId: string, executionDelta = 0) => ({
        externalDependencies: [{ dagId, taskId: null, checkExistence: true, timeout: 60, executionDelta }],
        schedule: '@daily',
      });
      expect(findingsOf({ settings: waiting('spaceflights') })).to.deep.equal([
        'error waits-for-itself: run_config.external_dependencies lets each run of spaceflights wait for itself',
      ]);
      expect(findingsOf({ settings: waiting('spaceflights', 60) })).to.deep.equal([]);
      expect(findingsOf({ settings: waiting('raw') })).to.deep.equal([]);
      const ofGroup = findingsOf({ settings: waiting('spaceflights'), dag: { as: 'task-group' } });
      expect(ofGroup.join()).to.not.contain('waits-for-itself');
    });

    it('warns of a DAG that waits for runs of its date, but has no dates that others have', () => {
      const externalDependencies = [
        { dagId: 'raw', taskId: null, checkExistence: true, timeout: 60, executionDelta: 0 },
      ];
      const [found, ...others] = findingsOf({ settings: { externalDependencies } });
      expect(found).to.match(/^warning no-schedule: run_config\.external_dependencies waits for runs of the same date/);
      expect(others).to.deep.equal([]);
      expect(findingsOf({ settings: { externalDependencies, scheduleAssets: ['s3://x'] } })).to.have.lengthOf(1);
      for (const schedule of ['@daily', 3600])
        expect(findingsOf({ settings: { externalDependencies, schedule } })).to.deep.equal([]);
      expect(findingsOf({ settings: { externalDependencies }, dag: { as: 'task-group' } })).to.deep.equal([]);
    });

    it('warns of xcom where there is no MLflow run', () => {
      expect(findingsOf({ settings: { xcom: true }, tracked: false })[0]).to.contain('run_config.xcom has no effect');
      expect(findingsOf({ settings: { xcom: true } })).to.deep.equal([]);
    });
  });

  describe('for an image that asks for ID tokens', () => {
    const asks = (audience: string | null) => ({
      authentication: ['GoogleOAuth2'],
      env: [`KDEPLOY_AUTH=${JSON.stringify([{ type: 'GoogleOAuth2', audience }])}`],
    });
    const secret = (as: 'env' | 'volume', target: string | null) => ({
      kubernetes: { secrets: [{ as, target, secret: 's', key: null }] },
    });
    const cases: readonly [what: string, given: Given, refused: boolean][] = [
      ['needs their audience', asks(null), true],
      ['has it from kdeploy.yml', asks('aud'), false],
      ['has it from the image', { ...asks(null), env: [...asks(null).env, 'GOOGLE_AUDIENCE=x'] }, false],
      ['has it from env_vars', { ...asks(null), settings: { envVars: { GOOGLE_AUDIENCE: 'x' } } }, false],
      [
        'has it from an Airflow Variable',
        { ...asks(null), settings: { envFromVariables: { GOOGLE_AUDIENCE: 'x' } } },
        false,
      ],
      ['has it from a Kubernetes secret', { ...asks(null), ...secret('env', 'GOOGLE_AUDIENCE') }, false],
      ['may have it from a whole secret', { ...asks(null), ...secret('env', null) }, false],
      ['does not have it from files', { ...asks(null), ...secret('volume', '/var/x') }, true],
      [
        'does not have it from a variable that starts alike',
        { ...asks(null), settings: { envVars: { GOOGLE_AUDIENCES: 'x' } } },
        true,
      ],
      ['without them needs none', { authentication: ['Vars'] }, false],
    ];
    for (const [what, given, refused] of cases) {
      it(what, () => {
        expect(findingsOf(given).some((text) => text.startsWith('error missing-variable'))).to.equal(refused);
      });
    }
  });

  describe('with a Kedro environment for the tasks', () => {
    const of = (kedroEnv: string | null, rest: Given): Given => ({
      structure: structure(['a: raw -> x'], {}, { kedroEnv }),
      ...rest,
    });
    const set = (value: string): Given => ({ settings: { envVars: { KEDRO_ENV: value } } });
    const secret = { as: 'env', target: 'KEDRO_ENV', secret: 's', key: 'k' } as const;
    const cases: readonly [what: string, given: Given, refused: boolean][] = [
      ['refuses another than that of the image', of('prod', set('test')), true],
      ["refuses one where the image has Kedro's default", of(null, set('prod')), true],
      ['refuses one that is not known here', of('prod', { settings: { envFromVariables: { KEDRO_ENV: 'E' } } }), true],
      ['refuses one from a secret', of('prod', { kubernetes: { secrets: [secret] } }), true],
      ['takes that of the image', of('prod', set('prod')), false],
      ["takes Kedro's default", of(null, set('local')), false],
      [
        'has nothing against a variable of a similar name',
        of(null, { settings: { envVars: { KEDRO_ENVS: 'x' } } }),
        false,
      ],
    ];
    for (const [what, given, refused] of cases)
      it(what, () => {
        expect(findingsOf(given).filter((text) => text.startsWith('error other-environment'))).to.have.lengthOf(
          refused ? 1 : 0,
        );
      });

    it('says where it is set, and how the image is built for it', () => {
      const given = of('prod', { ...set('test'), places: { 'run_config.env_vars': place } });
      expect(planDag(requestOf(given)).findings.find(({ rule }) => rule === 'other-environment')).to.deep.include({
        place,
        message:
          'run_config sets KEDRO_ENV for the tasks, but the pipelines and datasets of the DAG are those of the environment prod, for which the image was built',
        remedy: 'remove it, and build the image for its environment: `kdeploy build --env test`',
      });
    });
  });

  it('refuses an ID that Airflow does not accept, where it is set', () => {
    const found = (id: string, pipeline = '__default__') =>
      planDag(requestOf({ dag: { id }, pipeline, places: { 'dag.id': place } })).findings.filter(
        ({ rule }) => rule === 'dag-id',
      );
    expect(found('{pipeline}', 'a b')[0]).to.deep.include({ severity: 'error', place });
    expect(found('x'.repeat(251))).to.have.lengthOf(1);
    for (const id of ['x'.repeat(250), 'a.b-c_d', '{project}-{pipeline}']) expect(found(id)).to.deep.equal([]);
  });

  it('is the same whatever order nodes’ tags, datasets and pipelines come in', () => {
    const nodes = ['a: raw -> x #t #resources:big', 'b: x -> y #z #k8s_template:p', 'c: raw -> w'];
    const of = structure(nodes, { x: dataset({ address: 's3://b/x', asset: true }), w: dataset({ asset: 'a://w' }) });
    const other = {
      ...of,
      pipelines: Object.fromEntries(
        Object.entries(of.pipelines)
          .reverse()
          .map(([name, list]) => [name, list.map((one) => ({ ...one, tags: one.tags.toReversed() }))]),
      ),
      datasets: Object.fromEntries(Object.entries(of.datasets).reverse()),
    };
    const shape = { settings: { envVars: { B: '1', A: '2' }, envFromVariables: { D: 'd', C: 'c' } } };
    const turned = { settings: { envVars: { A: '2', B: '1' }, envFromVariables: { C: 'c', D: 'd' } } };
    for (const groupBy of ['none', 'memory', 'namespace'] as const)
      for (const target of ['kubernetes', 'docker'] as const)
        expect(textOf({ structure: other, dag: { groupBy, target }, ...turned })).to.equal(
          textOf({ structure: of, dag: { groupBy, target }, ...shape }),
        );
  });
});

describe('planning several DAGs', () => {
  const both = (dag: Partial<DagSettings>, settings: Partial<AirflowSettings> = {}) => {
    const of = structure(['a: raw -> x']);
    const pipelines = { ...of.pipelines, train: of.pipelines.__default__ ?? [] };
    return planDags(
      ['__default__', 'train'].map((pipeline) =>
        requestOf({ structure: { ...of, pipelines }, pipeline, dag, settings }),
      ),
    ).findings.map(({ rule, message }) => `${rule}: ${message}`);
  };
  it('has nothing against a file and an ID for each', () => {
    expect(both({})).to.deep.equal([]);
    expect(both({ id: '{pipeline}', output: '{pipeline}.py' })).to.deep.equal([]);
  });
  it('tells once what run_config says is wrong with each of them', () => {
    expect(both({}, { macroParams: ['prev_ds'] })).to.have.lengthOf(1);
  });
  it('refuses one file or one ID for two', () => {
    expect(both({ output: 'dags/x.py' })).to.deep.equal([
      'dag-file: the DAGs of __default__ and train would be written to the same file, dags/x.py',
    ]);
    expect(both({ id: 'x' })).to.deep.equal([
      'dag-id: the DAGs of __default__ and train would have the same ID, x',
      'dag-file: the DAGs of __default__ and train would be written to the same file, dags/x.py',
    ]);
  });
});
