import { expect } from 'chai';
import { NO_RESOURCES } from '../../../src/airflow/targets/kubernetes/pod.js';
import { planDag } from '../../../src/airflow/plan-dag.js';
import { structure } from '../graph/sample.js';
import { findingsOf, requestOf, type Given } from './dag-request.js';

const place = { file: 'conf/base/kdeploy.yml', line: 7 };

describe('settings for an image', () => {
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
        'takes the default of settings.py, which the image was built for',
        of(null, { ...set('dev'), builtFor: 'dev' }),
        false,
      ],
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
});
