"""What stands between a container and MLflow: the same cases as test/process/mlflow/obstacle.test.ts reads."""

from __future__ import annotations

import json

import pytest
import requests
from kdeploy_runtime.server.responses import obstacle_in
from support import FIXTURES

CASES = json.loads((FIXTURES / "responses.json").read_text("utf-8"))
URI = "https://mlflow.acme.io:8443/team"


def response_of(case):
    response = requests.Response()
    response.status_code = case["status"]
    response.headers.update(case.get("headers", {}))
    response._content = case.get("body", "").encode()
    response.url = f"{case.get('uri', URI)}/api/2.0/mlflow/x"
    return response


@pytest.mark.parametrize("case", CASES, ids=[case["what"] for case in CASES])
def test_a_response(case):
    found = obstacle_in(response_of(case), case.get("uri", URI))
    assert (found.kind, found.where) == (
        case["obstacle"],
        "" if case["obstacle"] == "client-certificate" else case.get("where", ""),
    )
    if "predicate" in case:
        assert found.predicate == case["predicate"]
        assert "hunter2" not in found.predicate + found.remedy


def test_a_request_with_too_long_headers_is_told_as_such():
    """A token with many groups in it."""
    found = obstacle_in(response_of({"status": 431, "body": "<html>Request Header Fields Too Large"}), URI)
    assert found.predicate == "rejects the size of the request's headers (HTTP 431)"
    assert found.remedy.startswith("Use a shorter token")


def test_a_redirect_that_changes_the_method_is_judged_itself_and_one_that_keeps_it_is_not():
    end = response_of({"status": 200, "body": "<html>", "headers": {"Content-Type": "text/html"}})
    kept = response_of({"status": 307, "headers": {"Location": "/elsewhere"}})
    changed = response_of({"status": 302, "headers": {"Location": "/login"}})
    end.history = [kept]
    assert obstacle_in(end, URI).kind == "web-page"
    end.history = [kept, changed]
    assert obstacle_in(end, URI).kind == "refused"
