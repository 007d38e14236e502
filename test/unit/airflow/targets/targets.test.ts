import { expect } from 'chai';

import { NO_RESOURCES } from '../../../../src/airflow/targets/kubernetes/pod.js';
import { TARGETS } from '../../../../src/airflow/targets/targets.js';
import { fullDag, fullSettings, group, plainSettings, sampleDag, tracked } from '../sample.js';

describe('targets of a DAG', () => {
  for (const name of ['kubernetes', 'docker'] as const) {
    it(`write the same bytes for the same pipeline: ${name}`, () => {
      expect(TARGETS[name].render(fullDag(name))).to.equal(TARGETS[name].render(fullDag(name)));
    });

    it(`find nothing wrong with settings of their own: ${name}`, () => {
      expect(TARGETS[name].problems(fullSettings(name))).to.eql([]);
      expect(TARGETS[name].problems(plainSettings)).to.eql([]);
    });

    it(`give their own tasks other names than the groups have: ${name}`, () => {
      const names = ['copy_data', 'create_data_volume', 'delete_data_volume', 'all_succeeded', 'wait_for_raw'];
      const dag = fullDag(name);
      const graph = { ...dag.graph, tasks: tracked(names.map((id) => group(id, [id], []))) };
      const ids = [...TARGETS[name].render({ ...dag, graph }).matchAll(/task_id="([^"]+)"/g)].map(([, id]) => id);
      expect(new Set(ids)).to.have.lengthOf(ids.length);
      expect(ids).to.include.members([...names, 'all_succeeded_2']);
    });
  }

  it('give a task group an ID without dots, which Airflow refuses for groups alone', () => {
    const { graph } = sampleDag();
    const of = (shape: 'dag' | 'task-group') =>
      TARGETS.docker.render(sampleDag({ shape, graph: { ...graph, id: 'team.spaceflights' } }));
    expect(of('task-group')).to.contain('def team_spaceflights(group_id="team-spaceflights") -> TaskGroup:');
    expect(of('dag')).to.contain('dag_id="team.spaceflights"');
  });

  it('remove shared storage when nothing is going to mount it any more: after the end of the MLflow run, where there is one', () => {
    const dag = fullDag('kubernetes');
    const rendered = (isTracked: boolean): string => {
      const groups = [group('first', ['first'], []), group('second', ['second'], ['first'])];
      const tasks = isTracked ? tracked(groups) : groups;
      return TARGETS.kubernetes.render({ ...dag, graph: { ...dag.graph, tracked: isTracked, tasks } });
    };
    const before = (text: string): string[] =>
      [...text.matchAll(/^ *(\S+) >> delete_data_volume$/gm)].map(([, name]) => name ?? '');
    expect(before(rendered(true))).to.eql(['finish_mlflow_run']);
    expect(before(rendered(false))).to.eql(['second']);
  });

  it('keep what is empty in a pod and says something', () => {
    const affinity = { podAntiAffinity: { required: [{ labelSelector: {}, namespaceSelector: {} }] } };
    const resources = { __default__: { ...NO_RESOURCES, affinity } };
    const kubernetes = { ...plainSettings.kubernetes, resources, volumes: [{ name: 'a', downwardAPI: {} }] };
    const text = TARGETS.kubernetes.render(sampleDag({ settings: { ...plainSettings, kubernetes } }));
    expect(text).to.contain('{"labelSelector": {}, "namespaceSelector": {}}').and.contain('"downwardAPI": {}');
    expect(text).to.not.match(/"(?:metadata|resources|nodeSelector|env)": [[{][\]}]/);
  });

  it('name the keys that mean nothing for them', () => {
    const keys = (target: 'kubernetes' | 'docker', settings: 'kubernetes' | 'docker'): string[] =>
      TARGETS[target].problems(fullSettings(settings)).map(({ key }) => key);
    expect(keys('kubernetes', 'docker')).to.eql(['docker']);
    expect(keys('docker', 'kubernetes')).to.include.members([
      'namespace',
      'volume',
      'kubernetes_pod_templates',
      'authentication',
    ]);
  });

  it('refuse a pod template that takes the entrypoint away, or leaves open which container runs the task', () => {
    const problem = (containers: readonly object[]): string | undefined =>
      TARGETS.kubernetes.problems({
        ...plainSettings,
        kubernetes: { ...plainSettings.kubernetes, podTemplates: { gpu: { spec: { containers } } } },
      })[0]?.message;
    expect(problem([{ name: 'base', command: ['/bin/sh'] }])).to.include('`gpu` sets a command');
    expect(problem([{ name: 'main', command: ['/bin/sh'] }])).to.include('`gpu` sets a command');
    expect(problem([{ name: 'a' }, { name: 'b' }])).to.include('none of them called `base`');
    expect(problem([{ name: 'proxy', command: ['proxy'] }, { name: 'base' }])).to.equal(undefined);
    expect(problem([])).to.equal(undefined);
    expect(problem([{ name: 'main' }])).to.equal(undefined);
  });

  it('put no user name or password of an address into the documentation', () => {
    const dag = sampleDag();
    const about = {
      ...dag.about,
      source: 'https://me:planted@git.example.com/x',
      trackingUri: 'https://me:planted@mlflow',
    };
    const more = { ...about, source: 'ssh://me:planted@git.example.com/x' };
    for (const one of [about, more]) {
      const text = TARGETS.docker.render({ ...dag, about: one });
      expect(text).to.include('git.example.com').and.not.include('planted');
    }
  });

  it('end runs that the time limit of an earlier DAG run left open, where there is such a limit', () => {
    const render = (dagrunTimeout: number | null, shape: 'dag' | 'task-group' = 'dag'): string =>
      TARGETS.docker.render({ ...sampleDag(), shape, settings: { ...plainSettings, dagrunTimeout } });
    expect(render(600)).to.include('--end-older-than').and.include('"600"');
    expect(render(null)).to.not.include('--end-older-than');
    expect(render(600, 'task-group')).to.not.include('--end-older-than');
  });
});
