"""An image that would call MLflow unauthenticated must not be pushed: MLflow itself would only warn."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from http_server import Answer, HttpServer
from support import SERVER, bake_dist_info


def test_settings_that_no_container_could_start_with_are_found(self_test):
    outcome = self_test(env={**SERVER, "KDEPLOY_AUTH": '{"types": [{"type": "vars"}]}'})
    assert outcome.failed == ["read authentication settings"]
    assert outcome.step("load authentication")["error"]["type"] == "NotRun"


def test_credentials_need_not_be_there_when_the_image_is_built(self_test):
    outcome = self_test(env={**SERVER, "KDEPLOY_AUTH": '{"types": [{"type": "Vars", "params": ["TOKEN"]}]}'})
    assert outcome.failed == []


def dist_info(folder: Path, entry_points: str) -> dict[str, str]:
    return {"PYTHONPATH": bake_dist_info(folder, entry_points)}


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


GOOGLE = '{"types": [{"type": "GoogleOAuth2", "audience": null, "header": "Authorization"}]}'


def test_the_real_entry_points_load_and_every_type_is_made_ready(self_test, tmp_path):
    env = {**SERVER, "PYTHONPATH": bake_dist_info(tmp_path), "MLFLOW_TRACKING_AUTH": "kdeploy", "KDEPLOY_AUTH": GOOGLE}
    outcome = self_test(env=env)
    assert outcome.failed == []
    assert outcome.report["authentication"] == ["GoogleOAuth2"]
    assert "hint" not in outcome.step("load authentication"), "google-auth is here"
    assert outcome.report["entry_points"] == {
        "mlflow.request_auth_provider": ["kdeploy_runtime.authentication.mlflow_provider:AuthProvider"],
        "kedro.hooks": ["kdeploy_runtime.hook.plugin:hooks"],
    }


def test_tokens_that_mlflow_would_not_send_are_found(self_test):
    outcome = self_test(env={**SERVER, "KDEPLOY_AUTH": GOOGLE})
    assert outcome.failed == ["load authentication"]
    assert outcome.step("load authentication")["error"]["type"] == "Unsigned"


def test_online_the_server_is_called_with_real_authentication(self_test, proxy, issuer, tmp_path):
    env = {
        "PYTHONPATH": bake_dist_info(tmp_path),
        "MLFLOW_TRACKING_URI": proxy.url,
        "MLFLOW_TRACKING_AUTH": "kdeploy",
        "KDEPLOY_AUTH": GOOGLE,
        "KDEPLOY_WAIT_SECONDS": "0",
        "GOOGLE_AUDIENCE": "mlflow",
        "GOOGLE_APPLICATION_CREDENTIALS": str(issuer.service_account_file(tmp_path / "key.json")),
    }
    assert self_test("--online", env=env).failed == []
    assert [call.status for call in proxy.calls] == [200]
    outcome = self_test("--online", env={**env, "GOOGLE_AUDIENCE": "another"})
    assert outcome.failed == ["reach MLflow"]
    assert "Token has wrong audience another" in outcome.step("reach MLflow")["error"]["message"]
    proxy.stop()
    assert "refused the connection" in self_test("--online", env=env).step("reach MLflow")["error"]["message"]


@pytest.mark.parametrize(
    ("experiment", "options", "failed", "said"),
    [
        ({"artifact_location": "mlflow-artifacts:/1"}, {}, [], None),
        ({"artifact_location": "/mlflow/1"}, {}, [], "location /mlflow/1 of the experiment flights is a local folder"),
        (
            {"artifact_location": "sftp://me:PLANTED@files.acme.io/1"},
            {},
            [],
            "sftp://***@files.acme.io/1 of the experiment flights needs pysftp",
        ),
        (
            {"artifact_location": "gcs://bucket/1"},
            {},
            [],
            "has the scheme gcs, which MLflow supports only with a plugin",
        ),
        ({"lifecycle_stage": "deleted"}, {}, [], None),
        (
            {"lifecycle_stage": "deleted"},
            {"restore_if_deleted": False},
            ["use the experiment"],
            "the MLflow experiment 'flights' is deleted, and mlflow.yml sets restore_if_deleted: false",
        ),
    ],
)
def test_online_an_experiment_that_exists_is_judged_as_a_run_would_find_it(
    self_test, experiment, options, failed, said
):
    document = {"experiment": {"experiment_id": "1", "name": "flights", **experiment}}
    with HttpServer(lambda request: Answer.json(200, document)) as server:
        outcome = self_test(
            "--online",
            env={
                "MLFLOW_TRACKING_URI": server.url,
                "MLFLOW_EXPERIMENT_NAME": "flights",
                "KDEPLOY_EXPERIMENT_OPTIONS": json.dumps(options),
                "KDEPLOY_WAIT_SECONDS": "0",
            },
        )
    assert outcome.failed == failed
    step = outcome.step("use the experiment")
    text = step["error"]["message"] if failed else step.get("hint")
    assert text is None if said is None else said in text
    assert "PLANTED" not in outcome.stdout
