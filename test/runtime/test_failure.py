"""Nothing but the command's own failure leaves the runtime as a traceback: else one line, and an exit code of ours."""

from __future__ import annotations

import json
import tempfile

import pytest
from http_server import Answer, HttpServer
from kdeploy_runtime.failure import CONFIGURATION, Failure, say
from kdeploy_runtime.shared_run.untracked import untracked_environment
from support import SECRET, run_runtime, write
from token_issuer import CLIENT_ID, TokenIssuer

HTML = Answer(200, b"<!doctype html><title>Sign in to the hotel's network</title>", {"Content-Type": "text/html"})


def told(env, *command):
    """The one line of a task that did not begin."""
    result = run_runtime(list(command) or ["kedro", "run"], env)
    assert (result.returncode, result.stdout) == (CONFIGURATION, ""), result.stderr
    assert result.stderr.startswith("kdeploy: ")
    assert result.stderr.count("\n") == 1, result.stderr
    assert SECRET not in result.stderr
    return result.stderr


OIDC = {
    "type": "OIDC",
    "client_id": CLIENT_ID,
    "client_secret_file": None,
    "client_secret_variable": "S",
    "scope": None,
    "audience": None,
    "header": "Authorization",
}


EXPERIMENT = {"experiment_id": "1", "name": "x"}


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"experiment": []},
        {"experiment": None},
        {"experiment": "1"},
        {"experiment": {"experiment_id": None}},
        {"experiment": {"experiment_id": {}}},
        {"experiment": {"experiment_id": "1\u001b[2J"}},
        {"experiment": EXPERIMENT, "runs": None},
        {"experiment": EXPERIMENT, "runs": [[]]},
        {"experiment": EXPERIMENT, "runs": [{"info": {}}]},
        {"experiment": EXPERIMENT, "runs": [{"info": {"run_id": 1.5, "experiment_id": "1"}}]},
        {"experiment": EXPERIMENT, "runs": [{"info": {"run_id": "r", "experiment_id": "1", "start_time": "soon"}}]},
        {"experiment": EXPERIMENT, "runs": [{"info": {"run_id": "r", "experiment_id": "1"}, "data": {"tags": [1]}}]},
        {"experiment": EXPERIMENT, "runs": [], "run": {"info": None}},
    ],
    ids=json.dumps,
)
@pytest.mark.parametrize("command", [["kedro", "run"], ["start-run"]])
def test_json_of_another_shape_is_not_mlflows(baked_environment, document, command):
    with HttpServer(lambda request: Answer.json(200, document)) as server:
        env = {**baked_environment, "MLFLOW_TRACKING_URI": server.url, "KDEPLOY_RUN_KEY": "k"}
        assert f"MLflow at {server.url} responded with JSON, but not as an MLflow server." in told(env, *command)


@pytest.mark.parametrize(
    "answer",
    [
        HTML,
        Answer(200, b"\xff\xfe\x00nonsense"),
        Answer.json(200, []),
        Answer.json(200, {}),
        Answer.json(200, {"id_token": None, "access_token": None}),
        Answer.json(200, {"id_token": 5, "access_token": 5, "expires_in": "²"}),
        Answer.json(200, {"id_token": "a.b.c", "access_token": "two words"}),
        Answer(200, b'{"id_token": ' + b"[" * 100_000),
    ],
    ids=lambda answer: repr(answer.body[:40]),
)
@pytest.mark.parametrize("kind", ["key", "metadata", "federation", "OIDC"])
def test_a_token_server_that_answers_with_anything_but_a_token_is_named(baked_environment, tmp_path, answer, kind):
    env = {**baked_environment, "MLFLOW_TRACKING_URI": "http://127.0.0.1:9", "GOOGLE_AUDIENCE": "mlflow"}
    entry = {"type": "GoogleOAuth2", "audience": None, "header": "Authorization"}

    def respond(request):
        is_discovery = request.path.endswith("/openid-configuration")
        return Answer.json(200, {"issuer": server.url, "token_endpoint": server.url}) if is_discovery else answer

    with HttpServer(respond) as server, TokenIssuer(client_secret=SECRET) as issuer:
        if kind == "metadata":
            env["GCE_METADATA_HOST"] = server.url[len("http://") :]
        elif kind == "OIDC":
            entry = {**OIDC, "issuer": server.url}
        else:
            make = {"key": issuer.service_account_file, "federation": issuer.federation_file}[kind]
            url = {"key": "token_uri", "federation": "token_url"}[kind]
            env["GOOGLE_APPLICATION_CREDENTIALS"] = str(make(tmp_path / "file.json", **{url: server.url}))
        message = told({**env, "S": SECRET, "KDEPLOY_AUTH": json.dumps({"types": [entry]})})
    assert "kdeploy: cannot authenticate to MLflow. " in message
    assert any(words in message for words in ("responded ", "rejected the token request", " contains a space")), message
    assert "did not expect" not in message
    assert "mount the file" not in message, "the file is fine"


@pytest.mark.parametrize("token", ["tök", "a\nb", "a b", "\u2026"])
def test_a_token_that_no_header_can_carry_is_told_without_it(baked_environment, token):
    def respond(request):
        if request.path.endswith("/openid-configuration"):
            return Answer.json(200, {"issuer": server.url, "token_endpoint": f"{server.url}/token"})
        return Answer.json(200, {"access_token": f"{SECRET}{token}", "expires_in": 60})

    with HttpServer(respond) as server:
        entry = {
            **OIDC,
            "issuer": server.url,
        }
        env = {**baked_environment, "MLFLOW_TRACKING_URI": server.url, "S": "x"}
        message = told({**env, "KDEPLOY_AUTH": json.dumps({"types": [entry]})})
    assert f"The access token of {CLIENT_ID} from {server.url} contains a " in message


def test_an_id_that_cannot_be_written_to_its_file_is_printed(baked_environment, mlflow_server, tmp_path):
    env = {**baked_environment, "MLFLOW_TRACKING_URI": mlflow_server.url, "KDEPLOY_RUN_KEY": "k"}
    in_the_way = write(tmp_path / "file", "")
    for command in (["start-run"], ["finish-run", "--status", "FINISHED"]):
        for output in (f"{in_the_way}/return.json", str(tmp_path)):
            result = run_runtime([*command, "--output", output, "--json"], env)
            run_id = json.loads(result.stdout)["run_id"]
            assert mlflow_server.client().get_run(run_id)
            assert result.returncode == CONFIGURATION
            assert result.stderr.startswith(f"kdeploy: {output} (--output) cannot be written: ")
            assert f"The run is there, with the ID {run_id}." in result.stderr


def test_to_run_untracked_needs_a_folder_that_is_writable(monkeypatch):
    def refuse():
        raise FileNotFoundError(2, "No usable temporary directory found in ['/tmp']")

    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setattr(tempfile, "_get_default_tempdir", refuse)
    with pytest.raises(Failure, match=r"the task cannot run untracked .*set TMPDIR") as failure:
        untracked_environment()
    assert failure.value.exit_code == CONFIGURATION


@pytest.mark.parametrize("command", [["kedro", "run"], ["start-run"], ["finish-run", "--status", "KILLED"], ["token"]])
def test_what_nobody_expected_is_one_line_too(baked_environment, tmp_path, command):
    """A module of the project's that has the name of one that we need."""
    write(tmp_path / "shadow/requests.py", f"raise RuntimeError('password={SECRET}\\n\x1b[2J::error::x')\n")
    env = {
        **baked_environment,
        "PYTHONPATH": f"{tmp_path / 'shadow'}:{baked_environment['PYTHONPATH']}",
        "MLFLOW_TRACKING_URI": "http://127.0.0.1:9",
        "KDEPLOY_RUN_KEY": "k",
        "KDEPLOY_AUTH": json.dumps({"types": [{"type": "TokenFile", "path": str(tmp_path / "token"), "header": "A"}]}),
    }
    write(tmp_path / "token", "word")
    result = run_runtime(command, env)
    assert (result.returncode, result.stdout) == (CONFIGURATION, "")
    assert result.stderr.count("\n") == 1
    assert "stopped by an error that kdeploy did not expect: RuntimeError: password=" in result.stderr
    assert "shadow/requests.py:1. Please report it." in result.stderr
    assert SECRET not in result.stderr
    assert "\x1b" not in result.stderr


def test_a_package_that_is_not_in_the_image_is_named(baked_environment, tmp_path):
    write(tmp_path / "shadow/requests.py", "raise ModuleNotFoundError('No module named x', name='x')\n")
    env = {**baked_environment, "MLFLOW_TRACKING_URI": "http://127.0.0.1:9", "KDEPLOY_RUN_KEY": "k"}
    message = told({**env, "PYTHONPATH": f"{tmp_path / 'shadow'}:{env['PYTHONPATH']}"})
    assert message == "kdeploy: tracking needs the package x, which is not in the image.\n"


def test_words_from_outside_move_no_cursor_and_begin_no_line(capsys):
    say("it said\n::error::x\x1b[31m\u202e, ünïcode")
    assert capsys.readouterr().err == "kdeploy: it said ::error::x [31m , ünïcode\n"
