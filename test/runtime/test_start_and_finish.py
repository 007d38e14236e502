"""The first task of a pipeline makes the run, the last one ends it."""

from __future__ import annotations

import json

import pytest
from support import run_runtime


@pytest.fixture
def env(baked_environment, mlflow_server):
    return {**baked_environment, "MLFLOW_TRACKING_URI": mlflow_server.url, "KDEPLOY_RUN_NAME": "demo-{run_key}"}


def test_a_run_is_started_found_and_ended(env, mlflow_server, tmp_path):
    output = tmp_path / "xcom/return.json"
    started = run_runtime(["start-run", "--run-key", "k", "--json", "--output", str(output)], env)
    assert (started.returncode, started.stderr) == (0, "")
    document = json.loads(started.stdout)
    assert document == json.loads(output.read_text())
    run_id = document["run_id"]
    assert document["run_name"] == "demo-k"
    assert document["url"] == f"{mlflow_server.url}/#/experiments/{document['experiment_id']}/runs/{run_id}"
    assert run_runtime(["start-run"], {**env, "KDEPLOY_RUN_KEY": "k"}).stdout == f"{run_id}\n"
    assert run_runtime(["start-run"], {**env, "MLFLOW_RUN_ID": run_id}).stdout == f"{run_id}\n"

    client = mlflow_server.client()
    ways = (["--run-id", run_id], "KILLED"), (["--run-key", "k"], "FAILED"), ([], "FINISHED")
    for which, status in ways:
        finished = run_runtime(["finish-run", "--status", status, *which], {**env, "MLFLOW_RUN_ID": run_id})
        assert (finished.returncode, finished.stdout, finished.stderr) == (0, f"{status}\n", "")
        run = client.get_run(run_id)
        assert run.info.status == status
        assert run.info.end_time >= run.info.start_time
    assert run_runtime(["start-run"], {**env, "KDEPLOY_RUN_KEY": "k"}).stdout == f"{run_id}\n"
    assert client.get_run(run_id).info.status == "RUNNING", "a cleared pipeline runs again"


def test_the_end_is_told_as_a_document(env):
    run_id = run_runtime(["start-run", "--run-key", "k"], env).stdout.strip()
    document = json.loads(run_runtime(["finish-run", "--status", "FAILED", "--run-key", "k", "--json"], env).stdout)
    assert document == {"run_id": run_id, "status": "FAILED", "unfinished_tasks": [], "url": document["url"]}


@pytest.mark.parametrize(("status", "code"), [("FINISHED", 0), ("KILLED", 0), ("FAILED", 1)])
def test_an_end_that_is_to_fail_with_the_run_exits_with_1_and_has_told_all(env, tmp_path, status, code):
    run_id = run_runtime(["start-run", "--run-key", "k"], env).stdout.strip()
    command = ["finish-run", "--status", status, "--run-key", "k", "--fail", "--json", "--output", str(tmp_path / "x")]
    finished = run_runtime(command, env)
    assert (finished.returncode, finished.stderr) == (code, "")
    assert json.loads(finished.stdout)["status"] == json.loads((tmp_path / "x").read_text())["status"] == status
    assert json.loads(finished.stdout)["run_id"] == run_id


@pytest.mark.parametrize(
    ("command", "changes", "code", "message"),
    [
        (["start-run"], {}, 2, "no run key: pass --run-key"),
        (["start-run", "--run-key", "k"], {"MLFLOW_TRACKING_URI": ""}, 78, "MLFLOW_TRACKING_URI is not set"),
        (["start-run", "--run-key", "k"], {"MLFLOW_EXPERIMENT_NAME": ""}, 78, "MLFLOW_EXPERIMENT_NAME is not set"),
        (["finish-run", "--status", "FINISHED"], {}, 2, "no run given: pass --run-id"),
        (["finish-run", "--status", "DONE"], {}, 2, "invalid choice: 'DONE'"),
        (["finish-run"], {}, 2, "--status"),
        (["start-run", "--run-key", "k", "--param", "image"], {}, 2, "--param needs NAME=VALUE"),
        (["start-run", "--run-key", "k", "--tag", "=x"], {}, 2, "--tag needs NAME=VALUE"),
        (["start-run", "--run-key", "k", "--param", "kdeploy.run_key=x"], {}, 2, "keeps this name for itself"),
        (["start-run", "--run-key", "k", "--tag", "kdeploy.task.a=x"], {}, 2, "keeps this name for itself"),
        (["start-run", "--run-key", "k", "--end-older-than", "60"], {}, 2, "--end-older-than needs to know the DAG"),
        (["start-run", "--run-key", "k", "--end-older-than", "-1"], {}, 2, "invalid"),
        (["finish-run", "--status", "FINISHED", "--run-key", "k", "--expect", ""], {}, 2, "needs the key of a task"),
        (["finish-run", "--status", "FINISHED", "--run-key", "k", "--expect", "{{ x }}"], {}, 78, "Set --expect to"),
        (["start-run", "--run-key", ""], {"KDEPLOY_RUN_KEY": "k"}, 78, "run key '' names nothing"),
        (["finish-run", "--status", "FINISHED", "--run-key", "{{ run_id }}"], {}, 78, "Set --run-key to the name"),
        (["finish-run", "--status", "FINISHED", "--run-id", "None"], {}, 78, "the run ID 'None' names nothing"),
        (["finish-run", "--status", "FINISHED", "--run-key", "other"], {}, 78, "no run with the run key 'other'"),
        (["finish-run", "--status", "FINISHED", "--run-id", "0" * 32], {}, 78, "does not have"),
    ],
)
def test_what_is_missing_is_told(env, command, changes, code, message):
    result = run_runtime(command, {**env, **changes})
    assert (result.returncode, result.stdout) == (code, "")
    assert message in result.stderr


def test_the_last_task_of_a_run_that_never_was_creates_none_and_fails(env, mlflow_server):
    """The first task failed, and the last one runs whatever happened."""
    for how in (["--run-key", "etl/manual__1"], ["--run-key", "etl/manual__1", "--expect", "train"]):
        finished = run_runtime(["finish-run", "--status", "FINISHED", "--fail", *how], env)
        assert (finished.returncode, finished.stdout, finished.stderr.count("\n")) == (78, "", 1)
        assert "no run with the run key 'etl/manual__1' exists" in finished.stderr
    assert mlflow_server.client().get_experiment_by_name(env["MLFLOW_EXPERIMENT_NAME"]) is None


def test_the_first_task_records_what_it_is_told_and_a_second_try_changes_no_parameter(env, mlflow_server):
    key = ["start-run", "--run-key", "etl/manual__1"]
    image = "registry.example.org/app@sha256:00"
    first = run_runtime(
        [*key, "--param", f"image={image}", "--param", "empty=", "--param", "a=b=c", "--tag", "dag=http://h/x?y=z"], env
    )
    assert (first.returncode, first.stderr) == (0, "")
    second = run_runtime(
        [*key, "--param", "image=other", "--param", "new=1", "--param", "a=b=c", "--tag", "dag=2"], env
    )
    assert (second.returncode, second.stdout) == (0, first.stdout)
    assert second.stderr.count("\n") == 1
    assert "keeps the first value of its parameter 'image'" in second.stderr
    data = mlflow_server.client().get_run(first.stdout.strip()).data
    assert data.params == {"image": image, "empty": "", "a": "b=c", "new": "1", "kdeploy.run_key": "etl/manual__1"}
    assert (data.tags["dag"], data.tags["kdeploy.airflow.dag_id"]) == ("2", "etl")


def test_runs_of_the_dag_that_airflow_gave_up_are_ended_and_no_others(env, mlflow_server):
    """By its timeout, which leaves nothing in the DAG that could end them."""
    client = mlflow_server.client()

    def started(key):
        return run_runtime(["start-run", "--run-key", key], env).stdout.strip()

    def grows_old(run_id):
        """By the hour; its start cannot be changed any more."""
        found = client.get_run(run_id)
        tags = {name: value for name, value in found.data.tags.items() if name != "mlflow.runName"}
        begun = found.info.start_time - 3_600_000
        old = client.create_run(found.info.experiment_id, start_time=begun, tags=tags).info.run_id
        client.log_param(old, "kdeploy.run_key", tags["kdeploy.run_key"])
        client.delete_run(run_id)
        return old

    stale, other_dag, ended, reopened = (
        grows_old(started(key)) for key in ("etl/manual__1", "other/manual__1", "etl/manual__2", "etl/manual__3")
    )
    fresh = started("etl/manual__4")
    for run_id in (ended, reopened):
        client.set_terminated(run_id, "FINISHED")
    assert started("etl/manual__3") == reopened, "a task that was cleared"
    by_hand = client.create_run(
        client.get_run(fresh).info.experiment_id, tags={"kdeploy.airflow.dag_id": "etl"}, start_time=1
    )
    new = run_runtime(["start-run", "--run-key", "etl/manual__5", "--end-older-than", "1800"], env)
    assert new.returncode == 0
    assert new.stderr == f"kdeploy: ended the run {stale} as KILLED: it began over 1800 s ago, and was RUNNING still.\n"
    killed = client.get_run(stale).info
    assert (killed.status, killed.end_time > killed.start_time) == ("KILLED", True)
    left = (other_dag, fresh, reopened, by_hand.info.run_id, new.stdout.strip())
    assert {client.get_run(run_id).info.status for run_id in left} == {"RUNNING"}
    assert client.get_run(ended).info.status == "FINISHED"


def test_when_the_server_is_down_and_that_is_allowed_the_id_is_empty(env):
    down = {**env, "MLFLOW_TRACKING_URI": "http://127.0.0.1:9", "KDEPLOY_WAIT_SECONDS": "0"}
    allowed = run_runtime(["start-run", "--run-key", "k"], {**down, "KDEPLOY_ON_UNREACHABLE": "warn"})
    assert (allowed.returncode, allowed.stdout) == (0, "\n")
    assert "no run was started" in allowed.stderr
    end = ["finish-run", "--status", "FINISHED", "--run-key", "k", "--fail"]
    assert run_runtime(end, {**down, "KDEPLOY_ON_UNREACHABLE": "warn"}).returncode == 0, (
        "nothing is known to have failed"
    )
    assert run_runtime(end, down).returncode == 78
    assert run_runtime(["start-run", "--run-key", "k"], down).returncode == 78
