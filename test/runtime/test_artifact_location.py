"""Where artifacts go is judged as on the host: the same cases as test/unit/mlflow/artifact-location.test.ts reads."""

from __future__ import annotations

import json

import pytest
from kdeploy_runtime.self_test import artifact_location
from support import FIXTURES, bake_dist_info

CASES = json.loads((FIXTURES / "artifact-locations.json").read_text("utf-8"))


@pytest.mark.parametrize("case", CASES, ids=[case["location"] for case in CASES])
def test_a_location(case, monkeypatch):
    kind, about = artifact_location.judge(case["location"])
    assert kind == case["kind"]
    if kind == "package":
        assert [artifact_location.PACKAGES[about][0]] == case["packages"]
    monkeypatch.setattr(artifact_location, "_is_installed", lambda module: False)
    problem = artifact_location.problem_with(case["location"])
    assert (problem is None) == (kind == "served")
    if "predicate" in case:
        assert problem == case["predicate"]
    monkeypatch.setattr(artifact_location, "_is_installed", lambda module: True)
    assert (artifact_location.problem_with(case["location"]) is None) == (kind in ("served", "package"))


def test_every_scheme_of_the_installed_mlflow_is_judged():
    from mlflow.store.artifact.artifact_repository_registry import _artifact_repository_registry as registry

    known = {*artifact_location.PACKAGES, *artifact_location.SERVED, "", "file"}
    assert set(registry._registry) - known == set()


def test_a_plugin_of_somebody_elses_counts(tmp_path, monkeypatch):
    assert "only with a plugin" in artifact_location.problem_with("oss://bucket")
    bake_dist_info(tmp_path, "[mlflow.artifact_repository]\noss = json:loads\n")
    monkeypatch.syspath_prepend(str(tmp_path / "lib"))
    assert artifact_location.problem_with("oss://bucket") is None


def test_what_is_installed_is_found_by_its_module():
    assert artifact_location._is_installed("json")
    assert not artifact_location._is_installed("nowhere")
    assert not artifact_location._is_installed("nowhere.at.all")
