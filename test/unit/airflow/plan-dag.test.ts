import { expect } from 'chai';
import { planDag, renderDag } from '../../../src/airflow/plan-dag.js';
import { DEFAULT_DAG_SETTINGS } from '../../../src/config/settings/dag-settings.js';
import { dataset, structure } from '../graph/sample.js';
import { findingsOf, requestOf, textOf, type Given } from './dag-request.js';
import { plainSettings } from './sample.js';

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
