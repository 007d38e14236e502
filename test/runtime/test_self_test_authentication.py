"""An image that would call MLflow unauthenticated must not be pushed: MLflow itself would only warn."""

from __future__ import annotations

from pathlib import Path

from support import RUNTIME, SERVER, write


def test_settings_that_no_container_could_start_with_are_found(self_test):
    outcome = self_test(env={**SERVER, "KDEPLOY_AUTH": '{"types": [{"type": "vars"}]}'})
    assert outcome.failed == ["read authentication settings"]


def test_credentials_need_not_be_there_when_the_image_is_built(self_test):
    outcome = self_test(env={**SERVER, "KDEPLOY_AUTH": '{"types": [{"type": "Vars", "params": ["TOKEN"]}]}'})
    assert outcome.failed == []


def dist_info(folder: Path, entry_points: str) -> dict[str, str]:
    """A dist-info as kdeploy bakes it, in front of PYTHONPATH."""
    info = folder / "lib/kdeploy_runtime-0.1.0.dist-info"
    write(info / "METADATA", "Metadata-Version: 2.1\nName: kdeploy_runtime\nVersion: 0.1.0\n")
    write(info / "entry_points.txt", entry_points)
    return {"PYTHONPATH": f"{folder / 'lib'}:{RUNTIME}"}


def test_an_image_that_would_call_mlflow_unauthenticated_is_not_fit(self_test):
    """MLflow itself only warns."""
    outcome = self_test(env={**SERVER, "MLFLOW_TRACKING_AUTH": "kdeploy"})
    assert outcome.failed == ["load kdeploy entry points"]
    assert outcome.step("load kdeploy entry points")["error"]["type"] == "NoAuthenticationProvider"


def test_our_entry_points_are_reported_and_must_load(self_test, tmp_path):
    lines = "[mlflow.request_auth_provider]\nkdeploy = json:JSONDecoder\n[kedro.hooks]\nkdeploy = {}\n"
    env = {**SERVER, "MLFLOW_TRACKING_AUTH": "kdeploy"}
    fine = self_test(env={**env, **dist_info(tmp_path / "fine", lines.format("json:loads"))})
    assert fine.failed == []
    assert fine.report["entry_points"] == {
        "mlflow.request_auth_provider": ["json:JSONDecoder"],
        "kedro.hooks": ["json:loads"],
    }
    broken = self_test(env={**env, **dist_info(tmp_path / "broken", lines.format("nowhere:hooks"))})
    assert broken.failed == ["load kedro plugins", "load kdeploy entry points"]
    assert broken.step("load kedro plugins")["error"]["message"] == "No module named 'nowhere'"
