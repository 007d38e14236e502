import { expect } from 'chai';
import { airflowSettings } from '../../../../../src/config/settings/airflow/airflow-settings.js';
import { loadSettings } from '../../../../../src/config/settings/load.js';
import { DEFAULT_SETTINGS } from '../../../../../src/config/settings/settings.js';
import { lines, problemsOf, projectOf } from '../project-files.js';

const BASE = 'conf/base/kdeploy.yml';
const LEGACY = 'conf/base/airflow-k8s.yaml';

const load = (text: string, file = BASE) =>
  loadSettings({ source: projectOf({ [file]: text }), env: 'base', environmentVariables: {} });
const runConfig = (text: string) => `run_config:\n${text.replaceAll(/^/gm, '  ')}`;
const read = async (text: string, file = BASE) => airflowSettings(await load(runConfig(text), file));

describe('what run_config says of the DAG', () => {
  it('leaves everything to Airflow where nothing is configured', async () => {
    const settings = await airflowSettings(DEFAULT_SETTINGS);
    expect(settings).to.include({ schedule: null, startDate: null, catchup: false, retries: null, xcom: false });
    expect(settings.kubernetes).to.include({ namespace: null, startupTimeout: null, getLogs: null, volume: null });
    expect(settings.docker).to.deep.include({ url: null, mounts: [], memory: null, extraHosts: {} });
  });

  it('is read key by key, in units that a program can use', async () => {
    const settings = await read(`
schedule: "0 6 * * MON-FRI"
start_date: 2021-07-21
catchup: true
description: Flights
tags: ml
owner: team
max_active_runs: 1
dagrun_timeout: 2h
retries: 2
retry_delay: 1h30m
execution_timeout: 90
pool: small
failure_handlers: [{type: slack, connection_id: slack, message_template: "{task} of {dag} at {execution_time}: {url}"}]
external_dependencies: [{dag_id: upstream}, {dag_id: other, task_id: t, timeout: 2, check_existence: false, execution_delta: 1h}]
macro_params: [ds, prev_ds]
variables_params: env
env_vars: {PLAIN: "1", OF_AIRFLOW: {from_variable: stage}, OF_CLUSTER: {from_secret: {name: db, key: url}}}
xcom: true
authentication: {type: Vars, params: [MLFLOW_TRACKING_USERNAME, {name: MLFLOW_TRACKING_PASSWORD, from_secret: {name: mlflow, key: password}}]}
docker: {url: "tcp://host:2376", connection_id: registry, network_mode: host, mounts: ["/srv/d:/data", "models:/models:ro"], cpus: 0.5, memory: 2g, user: "1000:0", extra_hosts: {mlflow: 10.0.0.7}}
`);
    const { kubernetes, ...dag } = settings;
    expect(dag).to.deep.equal({
      schedule: '0 6 * * MON-FRI',
      scheduleAssets: [],
      startDate: '2021-07-21',
      catchup: true,
      description: 'Flights',
      tags: ['ml'],
      owner: 'team',
      maxActiveRuns: 1,
      dagrunTimeout: 7200,
      retries: 2,
      retryDelay: 5400,
      executionTimeout: 90,
      pool: 'small',
      failureHandlers: [
        { type: 'slack', connectionId: 'slack', message: '{task} of {dag} at {execution_time}: {url}' },
      ],
      externalDependencies: [
        { dagId: 'upstream', taskId: null, checkExistence: true, timeout: 86_400, executionDelta: 0 },
        { dagId: 'other', taskId: 't', checkExistence: false, timeout: 120, executionDelta: 3600 },
      ],
      macroParams: ['ds', 'prev_ds'],
      variablesParams: ['env'],
      envVars: { PLAIN: '1' },
      envFromVariables: { OF_AIRFLOW: 'stage' },
      xcom: true,
      variableSecrets: { MLFLOW_TRACKING_PASSWORD: { name: 'mlflow', key: 'password' } },
      docker: {
        url: 'tcp://host:2376',
        connectionId: 'registry',
        networkMode: 'host',
        mounts: [
          { source: '/srv/d', target: '/data', readOnly: false },
          { source: 'models', target: '/models', readOnly: true },
        ],
        cpus: 0.5,
        memory: '2g',
        user: '1000:0',
        extraHosts: { mlflow: '10.0.0.7' },
      },
    });
    expect(kubernetes.secrets).to.deep.equal([
      { setting: 'env_vars', as: 'env', target: 'OF_CLUSTER', secret: 'db', key: 'url' },
    ]);
  });

  it('is read for Kubernetes as kedro-airflow-k8s spelt it', async () => {
    const { kubernetes, variableSecrets } = await read(`
namespace: airflow
kubernetes_conn_id: cluster
in_cluster: false
image_pull_policy: Always
image_pull_secrets: one, two
service_account_name: flights
startup_timeout: 5m
host_network: true
deferrable: true
get_logs: false
resources:
  __default__: {requests: {cpu: 1, memory: 1Gi}, limits: {memory: 2Gi}, labels: {a/b: c}, annotations: {iam.amazonaws.com/role: "x y"}}
  huge: {node_selectors: {pool: huge.10x}, tolerations: [{key: group, effect: NoExecute}], affinity: {nodeAffinity: {}}}
kubernetes_pod_templates: {spark: {template: "spec: {containers: [{name: base, emptyDir: {{}}}]}"}}
secrets: [{secret: all}, {deploy_type: volume, deploy_target: /etc/x, secret: files}, {deploy_target: MLFLOW_TRACKING_TOKEN, secret: mlflow, key: token}]
authentication: {type: Vars, params: [MLFLOW_TRACKING_TOKEN]}
volume: {storageclass: , size: 5Gi, access_modes: ReadWriteMany, owner: 7, skip_init: true}
volumes: [{name: tokens, emptyDir: {}}]
volume_mounts: [{name: tokens, mountPath: /tokens}]
`);
    expect(kubernetes).to.deep.equal({
      namespace: 'airflow',
      connectionId: 'cluster',
      inCluster: false,
      imagePullPolicy: 'Always',
      imagePullSecrets: ['one', 'two'],
      serviceAccountName: 'flights',
      startupTimeout: 300,
      hostNetwork: true,
      deferrable: true,
      getLogs: false,
      resources: {
        __default__: {
          labels: { 'a/b': 'c' },
          annotations: { 'iam.amazonaws.com/role': 'x y' },
          nodeSelectors: {},
          tolerations: [],
          affinity: null,
          requests: { cpu: '1', memory: '1Gi' },
          limits: { memory: '2Gi' },
        },
        huge: {
          labels: {},
          annotations: {},
          nodeSelectors: { pool: 'huge.10x' },
          tolerations: [{ key: 'group', effect: 'NoExecute' }],
          affinity: { nodeAffinity: {} },
          requests: {},
          limits: {},
        },
      },
      podTemplates: { spark: { spec: { containers: [{ name: 'base', emptyDir: {} }] } } },
      secrets: [
        { as: 'env', target: null, secret: 'all', key: null },
        { as: 'volume', target: '/etc/x', secret: 'files', key: null },
      ],
      volume: {
        kind: 'own',
        storageClass: null,
        size: '5Gi',
        accessModes: ['ReadWriteMany'],
        owner: 7,
        skipInit: true,
      },
      volumes: [{ name: 'tokens', emptyDir: {} }],
      volumeMounts: [{ name: 'tokens', mountPath: '/tokens' }],
    });
    // One variable, one source: not from an Airflow Variable as well.
    expect(variableSecrets).to.deep.equal({ MLFLOW_TRACKING_TOKEN: { name: 'mlflow', key: 'token' } });
  });

  it('bakes the names of variables alone, wherever their values come from', async () => {
    const { runConfig } = await load(
      'run_config: {authentication: {type: Vars, params: [{name: MLFLOW_TRACKING_TOKEN, from_secret: {name: a, key: b}}]}}',
    );
    expect(runConfig.authentication).to.deep.equal([{ type: 'Vars', params: ['MLFLOW_TRACKING_TOKEN'] }]);
  });

  const forms: readonly [text: string, expected: object][] = [
    ['schedule: 6h', { schedule: 21_600 }],
    ['schedule: 3600', { schedule: 3600 }],
    ['schedule: "@daily"', { schedule: '@daily' }],
    ['cron_expression: "*/5 0-6,22 L * 5#3"', { schedule: '*/5 0-6,22 L * 5#3' }],
    ['schedule: {assets: ["s3://bucket/x"]}', { schedule: null, scheduleAssets: ['s3://bucket/x'] }],
    ['start_date: 20210721', { startDate: '2021-07-21' }],
    ['start_date: "20210721"', { startDate: '2021-07-21' }],
    ['start_date: 2024-02-29', { startDate: '2024-02-29' }],
    ['env_vars: [STAGE]', { envVars: {}, envFromVariables: { STAGE: 'STAGE' } }],
    [
      'env_vars: {APP_CONFIG: prod.env, TOKEN_FILE: /etc/token}',
      { envVars: { APP_CONFIG: 'prod.env', TOKEN_FILE: '/etc/token' } },
    ],
  ];
  for (const [text, expected] of forms) {
    it(`takes \`${text}\``, async () => {
      expect(await read(text)).to.deep.include(expected);
    });
  }

  it('names each tag, macro and asset once, as Airflow can store them', async () => {
    expect(
      await read('tags: [a, b, a]\nmacro_params: [ds, ds]\nschedule: {assets: ["s3://x", "s3://x"]}'),
    ).to.deep.include({
      tags: ['a', 'b'],
      macroParams: ['ds'],
      scheduleAssets: ['s3://x'],
    });
  });

  const volumes: readonly [text: string, expected: object | null][] = [
    ['volume: {claim: shared}', { kind: 'existing', claim: 'shared', owner: null }],
    ['volume: {disabled: true, size: 5Gi}', null],
    [
      'volume: {}',
      { kind: 'own', storageClass: null, size: '1Gi', accessModes: ['ReadWriteOnce'], owner: 0, skipInit: false },
    ],
  ];
  for (const [text, expected] of volumes) {
    it(`takes \`${text}\` for ${expected === null ? 'no volume' : JSON.stringify(expected)}`, async () => {
      expect((await read(text)).kubernetes.volume).to.deep.equal(expected);
    });
  }
});

describe('what is wrong with run_config or dag', () => {
  const mistakes: readonly [text: string, message: string][] = [
    ['run_config: {schedule: "@dayly"}', 'run_config.schedule is not a preset of Airflow'],
    ['run_config: {schedule: "60 * * * *"}', 'run_config.schedule is not a cron expression: its minute does not fit'],
    ['run_config: {schedule: "* * *"}', 'run_config.schedule is not a schedule'],
    [
      'run_config: {schedule: "* * * * MON-FOO"}',
      'run_config.schedule is not a cron expression: its day of the week does not fit',
    ],
    ['run_config: {schedule: {asets: [a]}}', 'unknown key "asets" in run_config.schedule; did you mean "assets"?'],
    ['run_config: {schedule: "@daily", cron_expression: "@daily"}', 'run_config has both schedule and cron_expression'],
    ['run_config: {start_date: 20210231}', 'run_config.start_date is not a date'],
    ['run_config: {start_date: 21-07-2021}', 'run_config.start_date is not a date'],
    ['run_config: {catchup: true}', 'run_config.catchup is true, but there is no start_date'],
    ['run_config: {retry_delay: 5 minutes}', 'run_config.retry_delay is not a duration'],
    ['run_config: {execution_timeout: 0}', 'run_config.execution_timeout is not a duration'],
    ['run_config: {pool: kedro pool}', 'run_config.pool is not the name of a pool that each Airflow accepts'],
    ['run_config: {retries: -1}', 'run_config.retries is too small'],
    ['run_config: {namespace: My_NS}', 'run_config.namespace is not a name that Kubernetes accepts here'],
    ['run_config: {volume: {claim: A}}', 'run_config.volume.claim is not a name that Kubernetes accepts'],
    ['run_config: {volume: {claim: a, size: 1Gi}}', 'run_config.volume.size has no effect on an existing claim'],
    [
      'run_config: {volume: {acess_modes: [ReadWriteOnce]}}',
      'unknown key "acess_modes" in run_config.volume; did you mean "access_modes"?',
    ],
    ['run_config: {macro_params: [dss]}', ' did you mean ds?'],
    [
      'run_config: {failure_handlers: [{type: slack, connection_id: s, message_template: "{tsk}"}]}',
      'message_template has a placeholder that nobody fills in',
    ],
    [
      'run_config: {resources: {a: {requests: {memory: 1GB}}}}',
      'run_config.resources.a.requests.memory is not an amount that Kubernetes accepts',
    ],
    ['run_config: {resources: {a: {requests: {cpu: 2}, limits: {cpu: 500m}}}}', 'a request is larger than its limit'],
    [
      'run_config: {resources: {a: {reqests: {}}}}',
      'unknown key "reqests" in run_config.resources.a; did you mean "requests"?',
    ],
    [
      'run_config: {resources: {a: {labels: {"a b": c}}}}',
      'a key of run_config.resources.a.labels is not a key that Kubernetes accepts',
    ],
    [
      'run_config: {resources: {a: {node_selectors: {gpu: true}}}}',
      'run_config.resources.a.node_selectors.gpu must be a string, not a boolean',
    ],
    ['run_config: {secrets: [{secret: s, key: k}]}', 'run_config.secrets.0 has a key, but no deploy_target'],
    ['run_config: {secrets: [{secret: s, deploy_target: X}]}', 'run_config.secrets.0 has a deploy_target, but no key'],
    [
      'run_config: {secrets: [{secret: s, deploy_type: volume, deploy_target: etc}]}',
      'run_config.secrets.0.deploy_target is not a path in the container',
    ],
    ['run_config: {docker: {mounts: ["./data:/data"]}}', 'run_config.docker.mounts.0 has a relative source'],
    ['run_config: {docker: {mounts: ["/data"]}}', 'run_config.docker.mounts.0 is not a mount'],
    ['run_config: {docker: {memory: 2Gi}}', 'run_config.docker.memory is not an amount of memory that Docker accepts'],
    ['run_config: {docker: {memory: 512}}', 'run_config.docker.memory is less than the 6m that Docker asks for'],
    ['run_config: {docker: {memory: 5m}}', 'run_config.docker.memory is less than the 6m that Docker asks for'],
    ['run_config: {docker: {cpus: "2"}}', 'run_config.docker.cpus must be a number of CPUs'],
    ['run_config: {docker: {cpus: .inf}}', 'run_config.docker.cpus must be a number of CPUs'],
    ['run_config: {docker: {cpus: 0}}', 'run_config.docker.cpus is too small'],
    ['run_config: {docker: {mounts: ["/a:/b", "/c:/b/"]}}', 'two mounts have the same target'],
    ['run_config: {docker: {mounts: ["/a:/"]}}', 'run_config.docker.mounts.0 is not a mount'],
    ['run_config: {docker: {url: docker.sock}}', "run_config.docker.url is not an engine's address"],
    ['run_config: {docker: {user: 1000}}', 'run_config.docker.user must be a string, not a number'],
    ['run_config: {volume_mounts: [{name: a, mountPath: /a}]}', 'a mount has no volume of that name'],
    ['run_config: {start_date: 2021-02-30}', 'run_config.start_date is not a date'],
    ['run_config: {schedule: 12:30}', 'run_config.schedule is not a schedule'],
    [
      'run_config: {resources: {__default__: {limits: {cpu: 1}}, a: {requests: {cpu: 2}}}}',
      'a request is larger than its limit',
    ],
    [
      'run_config: {resources: {a: {tolerations: [{key: x, operator: Exists, value: y}]}}}',
      'a toleration with the operator Exists has a value',
    ],
    ['run_config: {resources: {a: {tolerations: [{value: y}]}}}', 'a toleration has no key'],
    [
      'run_config: {resources: {a: {tolerations: [{key: x, tolerationSeconds: 5, effect: NoSchedule}]}}}',
      'a toleration has seconds, but not the effect NoExecute',
    ],
    ['run_config: {volume: {size: 0}}', 'run_config.volume.size is zero'],
    ['run_config: {volume: {access_modes: ReadOnlyMany}}', 'run_config.volume.access_modes lets no task write'],
    ['run_config: {volumes: [{name: a, emptydir: {}}]}', 'did you mean "emptyDir"?'],
    ['run_config: {volumes: [{name: a, emptyDir: {}, secret: {secretName: s}}]}', 'a volume has several sources'],
    ['run_config: {volumes: [{name: a, emptyDir: {}}, {name: a, emptyDir: {}}]}', 'two volumes have the same name'],
    ['run_config: {volumes: [{name: kdeploy-data, emptyDir: {}}]}', 'a volume has a name of kdeploy'],
    [
      'run_config: {volumes: [{name: a, emptyDir: {}}], volume_mounts: [{name: a, mountPath: /x, readonly: true}]}',
      'did you mean "readOnly"?',
    ],
    [
      'run_config: {volumes: [{name: a, emptyDir: {}}], volume_mounts: [{name: a, mountPath: /x}, {name: a, mountPath: /x/}]}',
      'two mounts have the same path',
    ],
    [
      'run_config: {secrets: [{secret: a, deploy_type: volume, deploy_target: /x}, {secret: b, deploy_type: volume, deploy_target: /x}]}',
      'two mounts have the same path',
    ],
    ['run_config: {env_vars: {X: a}, secrets: [{secret: s, deploy_target: X, key: k}]}', 'X is set twice'],
    ['run_config: {env_vars: {KDEPLOY_RUN_KEY: {from_variable: x}}}', 'KDEPLOY_RUN_KEY is for the DAG to set'],
    ['run_config: {env_vars: [MLFLOW_RUN_ID]}', 'MLFLOW_RUN_ID is for the DAG to set'],
    ['run_config: {env_vars: {"A-B": x}}', 'a key of run_config.env_vars is not a valid variable name'],
    [
      'run_config: {env_vars: {X: {from_secret: {name: a, kye: b}}}}',
      'run_config.env_vars.X.from_secret.key is missing',
    ],
    [
      'run_config: {env_vars: {X: "{{ var.value.x }}"}}',
      'an environment variable contains a template, which is not filled in',
    ],
    [
      'run_config: {env_vars: {API_TOKEN: hunter2hunter2}}',
      'an environment variable contains what looks like a password or token',
    ],
    [
      'run_config: {env_vars: {DB: "postgres://me:hunter2hunter2@db/x"}}',
      'an environment variable contains what looks like a password or token',
    ],
    ['dag: {target: kubernets}', 'dag.target must be kubernetes or docker; did you mean kubernetes?'],
    ['dag: {group_by: tag}', 'dag.group_by is tag, but there are no group_tags'],
    ['dag: {id: "{package}"}', 'dag.id has an unknown placeholder'],
    ['dag: {id: "a b"}', 'dag.id is not a name that Airflow accepts for a DAG'],
    ['dag: {pipelines: [a, b], id: x}', 'dag.id is the same for all pipelines'],
    ['dag: {pipelines: [a, b], output: dags/x.py}', 'dag.output is the same file for all pipelines'],
    ['dag: {output: ../x.py}', 'dag.output points outside the project'],
    ['dag: {output: dags/x}', 'dag.output is not a Python file'],
    ['dag: {output: .git/hooks/x.py}', "dag.output is in git's own folder"],
    ['dag: {output: "dags/\\0x.py"}', 'dag.output is not the name of a file'],
    [`dag: {output: ${'ü'.repeat(130)}.py}`, 'dag.output is not the name of a file'],
    ['dag: {pipeline: x}', 'unknown key "pipeline" in dag; did you mean "pipelines"?'],
  ];
  for (const [text, message] of mistakes) {
    it(`refuses \`${text}\``, async () => {
      const told = lines(await problemsOf(load(text)));
      expect(told.join('\n')).to.contain(`${BASE}:1: `).and.contain(message).and.not.contain('hunter2');
    });
  }

  for (const text of [
    'resources: {__default__: {requests: {cpu: 1}, limits: {cpu: 1}}, a: {limits: {cpu: 2}, requests: {cpu: 2}}, b: {}}',
    'resources: {a: {tolerations: [{operator: Exists}, {key: x, value: y}, {key: z, operator: Exists, effect: NoExecute, tolerationSeconds: 5}]}}',
    'volume: {access_modes: [ReadOnlyMany, ReadWriteMany]}',
    'volumes: [{name: a, emptyDir: }, {name: b, secret: {secretName: s}}]\nvolume_mounts: [{name: a, mountPath: /x}, {name: a, mountPath: /x/y, readOnly: true}]',
    'env_vars: [A, A]\nsecrets: [{secret: s}, {secret: t}, {secret: t, deploy_target: B, key: k}]',
    'pool: größe_1.a-b',
    'env_vars: {KDEPLOY_WAIT_SECONDS: "5", AIRFLOW_VAR_X: y}',
  ]) {
    it(`has nothing against \`${text.replaceAll('\n', ', ')}\``, async () => {
      expect(await read(text)).to.be.an('object');
    });
  }

  const templates: readonly [template: string, message: string][] = [
    ['{spec: {containers: [{name: base, command: [/bin/sh]}]}}', 'a pod template has a command in its first container'],
    [
      '{spec: {containers: [{name: sidecar}, {name: base}]}}',
      'a pod template has several containers, and the first one is not named base',
    ],
    ['{spec: {}}', 'a pod template has no spec.containers'],
    ['{kind: Job}', 'a pod template is not of the kind Pod'],
    ['"spec: ["', 'a pod template is not valid YAML'],
    [
      '"a: {self._pvc_name}"',
      'a pod template contains a placeholder of kedro-airflow-k8s, which kdeploy does not fill in',
    ],
    [
      '"a: {PodGenerator.make_unique_pod_id(1)}"',
      'a pod template contains a placeholder of kedro-airflow-k8s, which kdeploy does not fill in',
    ],
    [
      `"a: {'{{ task_instance.task_id }}'}"`,
      'a pod template contains a placeholder of kedro-airflow-k8s, which kdeploy does not fill in',
    ],
    [
      '{spec: {containers: [{env: [{name: A_TOKEN, value: hunter2hunter2}]}]}}',
      'an environment variable contains what looks like a password or token',
    ],
  ];
  for (const [template, message] of templates) {
    it(`stops a DAG, and nothing else, at the template ${template}`, async () => {
      const settings = await load(`run_config: {kubernetes_pod_templates: {a: {template: ${template}}}}`);
      const told = lines(await problemsOf(airflowSettings(settings)));
      expect(told).to.have.lengthOf(1);
      expect(told[0])
        .to.match(/^conf\/base\/kdeploy.yml:1: /)
        .and.contain(message)
        .and.not.contain('hunter2');
    });
  }

  for (const spark of [
    'spark: {type: dataproc}',
    'group_spark_nodes: true',
    'kubernetes_pod_templates: {a: {image: b}}',
  ]) {
    for (const file of [BASE, LEGACY]) {
      it(`lets \`${spark}\` in ${file} stop a DAG, and nothing else`, async () => {
        const settings = await load(runConfig(spark), file);
        expect(lines(await problemsOf(airflowSettings(settings)))[0]).to.match(new RegExp(`^${file}:2: `));
      });
    }
  }

  for (const none of ['spark: {}', 'spark:', 'group_spark_nodes: false']) {
    it(`has nothing against \`${none}\``, async () => {
      expect((await load(runConfig(none))).dagProblems).to.deep.equal([]);
    });
  }

  it('lets a mistake in the legacy file stop a DAG, and nothing else', async () => {
    const settings = await load(runConfig('namespace: My_NS\nsecrets: [{secret: s, key: k}]'), LEGACY);
    expect(lines(await problemsOf(airflowSettings(settings)))).to.deep.equal([
      `${LEGACY}:2: run_config.namespace is not a name that Kubernetes accepts here`,
      `${LEGACY}:3: run_config.secrets.0 has a key, but no deploy_target`,
    ]);
  });
});
