"""Workspaces of an MLflow server: kdeploy's calls go where MLflow's client goes, or the task does not begin.

The answers are the same cases as test/unit/mlflow/workspace.test.ts reads.
"""

from __future__ import annotations

import json
import urllib.request
from dataclasses import replace
from importlib.util import find_spec
from urllib.parse import urlsplit

import pytest
from http_server import Answer, HttpServer
from kdeploy_runtime.server import workspace
from kdeploy_runtime.server.connection import Connection
from kdeploy_runtime.server.errors import NoWorkspace, ServerProblem
from kdeploy_runtime.shared_run.page import page_of
from kdeploy_runtime.shared_run.rest_runs import RestRuns
from kdeploy_runtime.shared_run.run import Run
from support import FIXTURES, run_runtime

CASES = json.loads((FIXTURES / "workspaces.json").read_text("utf-8"))


@pytest.mark.parametrize("case", CASES, ids=[case["what"] for case in CASES])
def test_a_server_answers_with(case):
    asked = []

    def answer(request):
        path = urlsplit(request.path).path.partition("/mlflow/")[2]
        asked.append((path, request.headers.get(workspace.HEADER)))
        given = case["answers"][path]
        body = given["body"]
        return Answer(given["status"], (body if isinstance(body, str) else json.dumps(body)).encode())

    with HttpServer(answer) as server:
        runs = RestRuns(Connection(server.url, {workspace.VARIABLE: case["workspace"]}, []))
        try:
            runs.check("flights")
            problem = None
        except ServerProblem as error:
            problem = error
    assert [path for path, _ in asked] == case["asked"]
    assert {sent for _, sent in asked} == {case.get("sent", case["workspace"].strip()) or None}
    if "predicate" in case:
        assert isinstance(problem, NoWorkspace)
        assert str(problem).startswith(f"{case['predicate']}. ")
    else:
        assert problem is None


def test_it_is_what_mlflows_client_takes_it_for(monkeypatch):
    if find_spec("mlflow.utils.workspace_context") is None:
        assert workspace.problems({workspace.VARIABLE: "team-a"}) == [
            "MLFLOW_WORKSPACE is team-a, but the MLflow in this image is older than 3.10 and would ignore it: "
            "add mlflow>=3.10 to the project's requirements, or unset the variable."
        ]
        return
    from mlflow.utils.workspace_context import get_request_workspace
    from mlflow.utils.workspace_utils import WORKSPACE_HEADER_NAME

    assert WORKSPACE_HEADER_NAME == workspace.HEADER
    for value in ("team-a", " team-a\n", "", "  "):
        monkeypatch.setenv(workspace.VARIABLE, value)
        assert workspace.workspace_of({workspace.VARIABLE: value}) == (get_request_workspace() or "")
        assert workspace.problems({workspace.VARIABLE: value}) == []


@pytest.mark.parametrize("value", ["Flüge", "a\nb", "a\x00b"])
def test_a_name_that_no_header_carries_is_told_before_any_call(value):
    assert "contains characters" in workspace.problems({workspace.VARIABLE: value})[0]


@pytest.mark.parametrize(
    ("value", "query"), [("", ""), ("default", ""), ("team-a", "?workspace=team-a"), ("a/b", "?workspace=a%2Fb")]
)
def test_the_runs_page_is_in_its_workspace(value, query):
    run = Run("0" * 32, "3", "name", "RUNNING", 0)
    environ = {"MLFLOW_TRACKING_URI": "https://m.example.org", workspace.VARIABLE: value}
    assert page_of(run, environ) == f"https://m.example.org/#/experiments/3/runs/{'0' * 32}{query}"


def create_workspace(server, name):
    body = json.dumps({"name": name}).encode()
    request = urllib.request.Request(  # noqa: S310 - our own server
        f"{server.url}/api/3.0/mlflow/workspaces", body, {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request) as answer:  # noqa: S310 - our own server
        assert answer.status == 201


def test_a_kedro_run_joins_its_run_in_the_workspace_that_airflow_passes(tracked, workspace_server):
    """kdeploy creates the run, and MLflow's client logs to it: only in one workspace do they meet."""
    create_workspace(workspace_server, "team-a")
    variables = {
        "KDEPLOY_RUN_KEY": "k",
        "KDEPLOY_AUTH": json.dumps({"types": [{"type": "Vars", "params": ["MLFLOW_WORKSPACE"]}]}),
        "AIRFLOW_VAR_MLFLOW_WORKSPACE": "team-a",
        "MLFLOW_TRACKING_URI": workspace_server.url,
    }
    outcome = tracked.task(**variables)
    assert outcome.code == 0, outcome.stderr
    assert "?workspace=team-a" in outcome.stderr
    from mlflow.utils.workspace_context import WorkspaceContext

    there = replace(tracked, client=workspace_server.client())
    assert there.runs() == [], "none in the default workspace"
    with WorkspaceContext("team-a"):
        run = there.run()
    assert (run.info.status, run.data.tags["kdeploy.run_key"]) == ("RUNNING", "k")


def test_a_workspace_that_is_not_there_stops_the_task(baked_environment, workspace_server):
    env = {**baked_environment, "MLFLOW_TRACKING_URI": workspace_server.url, "KDEPLOY_RUN_KEY": "k"}
    result = run_runtime(["echo", "begun"], {**env, workspace.VARIABLE: "nope"})
    assert (result.returncode, result.stdout) == (78, "")
    assert "has no workspace nope, which MLFLOW_WORKSPACE names. Create it, or correct" in result.stderr
