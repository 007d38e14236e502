"""Imports DAG files, every warning an error and no Variable readable, and prints as JSON what their tasks would start.

Airflow's own modules warn when they are imported (Airflow 2), so they are imported first.
"""

from __future__ import annotations

import importlib.util
import inspect
import json
import sys
import traceback
import warnings
from pathlib import Path
from types import SimpleNamespace

import airflow.models
import airflow.providers.cncf.kubernetes.operators.pod as kubernetes_operator
import airflow.providers.docker.operators.docker as docker_operator
import airflow.providers.slack.hooks.slack_webhook
import airflow.timetables.interval
import lazy_object_proxy
import pendulum
from airflow.providers.cncf.kubernetes.hooks.kubernetes import KubernetesHook
from airflow.timetables.base import DataInterval, TimeRestriction
from kubernetes.client import ApiClient

try:
    import airflow.providers.standard.operators.empty
    import airflow.providers.standard.sensors.external_task
    from airflow.sdk import DAG, Variable
except ImportError:
    import airflow.datasets
    import airflow.operators.empty
    import airflow.sensors.external_task
    import airflow.utils.task_group
    from airflow.models import DAG, Variable

RUN = {"dag_id": "prices", "run_id": "manual__2026-01-01T00:00:00+00:00", "logical_date": None, "run_after": None}
CONF = {"n": 3, "on": True, "ids": [1, 2], "url": "http://h:1/a?b=c,d$$e$(HOME)", "code": "007", "none": None}
# As Airflow 3 has it where no run succeeded before.
CONTEXT = {"ds": "2026-05-01", "prev_start_date_success": lazy_object_proxy.Proxy(lambda: None)}
# What a user's DAG may set for all of its tasks.
DEFAULT_ARGUMENTS = {"retries": 5, "owner": "user", "trigger_rule": "none_failed", "depends_on_past": True}
LOG = ["warning", 'half a line{"run_id": "abc"}\na line that came with it', "a last line"]


def refuse(*_args, **_options):
    raise RuntimeError("a Variable was read while the file was imported")


def load(path: Path):
    read = Variable.get
    Variable.get = refuse
    try:
        spec = importlib.util.spec_from_file_location(path.stem, path)
        module = importlib.util.module_from_spec(spec)
        opened = []
        enter = DAG.__enter__
        DAG.__enter__ = lambda dag: (opened.append(dag), enter(dag))[1]
        try:
            spec.loader.exec_module(module)
            if not opened:
                with DAG(dag_id="of_a_user", schedule=None, default_args=DEFAULT_ARGUMENTS) as dag:
                    module.spaceflights()
                    module.spaceflights(group_id="x" * 60)
                opened = [dag]
        finally:
            DAG.__enter__ = enter
    finally:
        Variable.get = read
    return opened[0], module


def told_slack(module) -> list:
    """What a failure callback sends."""
    sent = []
    module.SlackWebhookHook = lambda **_options: SimpleNamespace(send=lambda text: sent.append(text))
    run = SimpleNamespace(**{**RUN, "logical_date": pendulum.datetime(2026, 5, 1)})
    module.notify_slack({"ti": SimpleNamespace(task_id="train", log_url="https://airflow/log"), "dag_run": run})
    return sent


def started(task, context) -> dict:
    """What the container would be started with. Only the operator's own work is left out."""
    execute = inspect.unwrap(type(task).execute)
    try:
        execute(task, context)
    except Exception as error:  # the test looks at it
        return {"error": f"{type(error).__name__}: {error}"}
    if isinstance(task, kubernetes_operator.KubernetesPodOperator):
        pod = ApiClient().sanitize_for_serialization(task.build_pod_request_obj())
        # Fails where a field is missing or of another type.
        again = ApiClient().deserialize(SimpleNamespace(data=json.dumps(pod)), "V1Pod")
        return {"pod": ApiClient().sanitize_for_serialization(again)}
    if isinstance(task, docker_operator.DockerOperator):
        environment = {**task.environment, **task._private_environment}
        return {"environment": environment, "command": task.command, "mounts": task.mounts}
    return {}


def describe(task, context) -> dict:
    pushed = []
    ti = SimpleNamespace(
        task_id=task.task_id,
        map_index=-1,
        try_number=1,
        log_url="https://airflow/dags/prices/runs/r/tasks/t?try_number=1",
        xcom_push=lambda key, value: pushed.append([key, value]),
    )
    runs = isinstance(task, (kubernetes_operator.KubernetesPodOperator, docker_operator.DockerOperator))
    return {
        "id": task.task_id,
        "upstream": sorted(task.upstream_task_ids),
        "template_fields": list(task.template_fields) if runs else [],
        "rendered": {name: str(getattr(task, name)) for name in task.template_fields},
        "do_xcom_push": task.do_xcom_push,
        "is_setup": task.is_setup,
        "is_teardown": task.is_teardown,
        "fails_dag_run": task.on_failure_fail_dagrun,
        "inlets": [asset.uri for asset in task.inlets],
        "outlets": [asset.uri for asset in task.outlets],
        "trigger_rule": str(getattr(task.trigger_rule, "value", task.trigger_rule)),
        "retries": task.retries,
        "owner": task.owner,
        "pushed": pushed,
        "doc": task.doc_md,
        "started": started(task, {**context, "ti": ti}) if runs else {},
    }


def scheduled(dag) -> dict:
    """When the run for 30 April starts, and which date it has."""
    before, day = (pendulum.datetime(2026, 4, number, tz="UTC") for number in (29, 30))
    always = TimeRestriction(earliest=before, latest=None, catchup=True)
    run = dag.timetable.next_dagrun_info(last_automated_data_interval=DataInterval(before, day), restriction=always)
    return {"starts": str(run.run_after.date()), "ds": str(run.logical_date.date())}


def without_engines() -> None:
    kubernetes_operator.KubernetesPodOperator.execute = lambda _task, _context: {"run_id": "abc"}
    docker_operator.DockerOperator.execute = lambda _task, _context: LOG
    KubernetesHook.is_in_cluster = False
    KubernetesHook.get_namespace = lambda _hook: "from-connection"


def main(paths: list[str]) -> None:
    result = {}
    without_engines()
    for path in map(Path, paths):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                dag, module = load(path)
            Variable.get = lambda name, *_args, **_options: f"planted-{name}"
            context = {**CONTEXT, "dag_run": SimpleNamespace(**RUN, conf=CONF)}
            missing = {"dag_run": context["dag_run"]}
            result[path.stem] = {
                "dag": dag.dag_id,
                "timetable": type(dag.timetable).__name__,
                "catchup": dag.catchup,
                "scheduled": scheduled(dag) if "Interval" in type(dag.timetable).__name__ else None,
                "doc": dag.doc_md,
                "description": dag.description,
                "tasks": [describe(task, context) for task in dag.tasks],
                "without_date": [describe(task, missing)["started"] for task in load(path)[0].tasks],
                "told_slack": told_slack(module) if hasattr(module, "notify_slack") else [],
            }
        except Exception:
            result[path.stem] = {"error": traceback.format_exc(limit=-3)}
    print(json.dumps({"airflow": airflow.__version__, "dags": result}, default=str))


main(sys.argv[1:])
