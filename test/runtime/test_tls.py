"""The certificates of MLflow's client: the same cases as test/unit/mlflow/tls.test.ts reads."""

from __future__ import annotations

import json

import pytest
from kdeploy_runtime.network.tls import mlflow_problems
from support import FIXTURES, write

CASES = json.loads((FIXTURES / "tls.json").read_text("utf-8"))


def block(kind, head=""):
    return f"-----BEGIN {kind}-----\n{head}aHVudGVyMg==\n-----END {kind}-----\n"


PARTS = {
    "certificate": block("CERTIFICATE"),
    "trusted certificate": block("TRUSTED CERTIFICATE"),
    "key": block("PRIVATE KEY"),
    "rsa key": block("RSA PRIVATE KEY"),
    "encrypted key": block("ENCRYPTED PRIVATE KEY"),
    "old encrypted key": block("RSA PRIVATE KEY", "Proc-Type: 4,ENCRYPTED\n"),
    "words": "words\n",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("certificates")
    for name, parts in CASES["files"].items():
        write(folder / name, "".join(PARTS[part] for part in parts))
    return folder


@pytest.mark.parametrize(("variables", "scheme", "problem"), CASES["problems"])
def test_what_mlflow_would_refuse_is_found_before_a_call(folder, variables, scheme, problem):
    environ = {name: value[1:] if value.startswith("=") else str(folder / value) for name, value in variables.items()}
    found = mlflow_problems(environ, f"{scheme}://mlflow.example.com")
    if problem is None:
        assert found == []
    else:
        (sentence,) = found
        assert sentence.startswith(problem.replace("FOLDER", str(folder)))
        assert sentence.endswith(".")
