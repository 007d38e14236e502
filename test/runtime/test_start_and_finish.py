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
