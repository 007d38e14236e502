"""A task that could not be tracked stops in its first second, and says why; real processes throughout."""

from __future__ import annotations

import base64
import json
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from certificates import HOUR, self_signed
from http_server import Answer, HttpServer
from kdeploy_runtime.patience import Patience
from kdeploy_runtime.server.errors import ServerProblem
from kdeploy_runtime.shared_run.client_runs import ClientRuns
from support import SECRET, run_runtime, write
from token_issuer import CLIENT_ID
from verifying_proxy import VerifyingProxy, basic, bearer

GOOGLE = {"type": "GoogleOAuth2", "audience": None, "header": "Authorization"}
VARS = {"type": "Vars", "params": ["MLFLOW_TRACKING_USERNAME", "MLFLOW_TRACKING_PASSWORD"]}
LOGIN = {"MLFLOW_TRACKING_USERNAME": "me", "MLFLOW_TRACKING_PASSWORD": SECRET}


def auth(*types):
    return {"KDEPLOY_AUTH": json.dumps({"types": list(types)}), "MLFLOW_TRACKING_AUTH": "kdeploy"}


@pytest.fixture
def google(baked_environment, issuer, proxy, tmp_path):
    """A container with a service account's key, before the verifying proxy."""
    return {
        **baked_environment,
        **auth(GOOGLE),
        "MLFLOW_TRACKING_URI": proxy.url,
        "GOOGLE_AUDIENCE": "mlflow",
        "GOOGLE_APPLICATION_CREDENTIALS": str(issuer.service_account_file(tmp_path / "key.json")),
    }


def run(env, *command):
    return run_runtime(list(command) or ["echo", "begun"], env)


def stopped(result):
    """The message of a task that did not begin."""
    assert (result.returncode, result.stdout) == (78, ""), result.stderr
    assert result.stderr.startswith("kdeploy: ")
    assert result.stderr.count("\n") == 1
    return result.stderr


def test_with_a_good_token_the_task_begins_and_nothing_is_said(google, proxy):
    result = run(google)
    assert (result.returncode, result.stdout, result.stderr) == (0, "begun\n", "")
    assert [call.status for call in proxy.calls] == [404], "the experiment is not there yet, which is fine"


def test_a_wrong_audience_stops_the_task_at_once(google, proxy, issuer):
    """Nothing is waited for: the wait is for servers that are down."""
    begun = time.monotonic()
    message = stopped(run({**google, "GOOGLE_AUDIENCE": "something-else", "KDEPLOY_WAIT_SECONDS": "60"}))
    assert time.monotonic() - begun < 20, "half a second, but for a busy machine"
    assert ([call.status for call in proxy.calls], issuer.asked) == ([401], ["/token"])
    assert "rejects the Google ID token for the audience 'something-else' (401:" in message
    assert "Invalid IAP credentials: Token has wrong audience something-else" in message
    assert "Set the audience that the proxy expects (for IAP, its OAuth client ID)" in message


def test_without_an_audience_nobody_is_asked(google, proxy, issuer):
    assert "pass GOOGLE_AUDIENCE to the container" in stopped(run({**google, "GOOGLE_AUDIENCE": ""}))
    assert (proxy.calls, issuer.asked) == ([], [])


def test_a_revoked_key_is_named_and_not_shown(google, issuer, tmp_path):
    issuer.service_account_file(tmp_path / "key.json", private_key=issuer.keys.private)
    message = stopped(run(google))
    assert f"key in {tmp_path / 'key.json'}) rejected the token request (invalid_grant" in message
    assert "PRIVATE KEY" not in message


def test_tokens_that_mlflow_would_not_send_stop_the_task(google):
    message = stopped(run({**google, "MLFLOW_TRACKING_AUTH": "other"}))
    assert "MLFLOW_TRACKING_AUTH is 'other', so MLflow's calls would not carry the tokens" in message


def test_mlflow_is_told_to_send_the_tokens_even_where_the_variable_is_lost(google):
    env = {name: value for name, value in google.items() if name != "MLFLOW_TRACKING_AUTH"}
    assert run(env, "sh", "-c", "echo $MLFLOW_TRACKING_AUTH").stdout == "kdeploy\n"


def test_iap_in_front_of_mlflows_own_login_takes_both(google, issuer, mlflow_server):
    checks = bearer(issuer.keys.public, "mlflow", "Proxy-Authorization"), basic("me", SECRET)
    with VerifyingProxy(mlflow_server.url, *checks) as both:
        env = {**google, **auth({**GOOGLE, "header": "Proxy-Authorization"}, VARS), "MLFLOW_TRACKING_URI": both.url}
        assert run({**env, **LOGIN}).stdout == "begun\n"
        wrong = stopped(run({**env, **LOGIN, "MLFLOW_TRACKING_PASSWORD": "wrong"}))
    assert "audience 'mlflow' or the credentials that the container sent (401: You are not authenticated)" in wrong


def test_a_wrong_password_is_refused_before_the_task_begins(baked_environment, mlflow_server):
    with VerifyingProxy(mlflow_server.url, basic("me", SECRET)) as proxy:
        env = {**baked_environment, **auth(VARS), "MLFLOW_TRACKING_URI": proxy.url}
        assert run({**env, **LOGIN}).stdout == "begun\n"
        airflow = {f"AIRFLOW_VAR_{name}": value for name, value in LOGIN.items()}
        assert run({**env, **airflow}).stdout == "begun\n"
        message = stopped(run({**env, **LOGIN, "MLFLOW_TRACKING_USERNAME": "you"}))
    assert "rejects the credentials that the container sent (401: You are not authenticated)." in message
    assert SECRET not in message


def test_oidc_and_token_file_reach_the_server_too(baked_environment, issuer, proxy, tmp_path):
    oidc = {
        "type": "OIDC",
        "issuer": issuer.issuer,
        "client_id": CLIENT_ID,
        "client_secret_variable": None,
        "client_secret_file": str(write(tmp_path / "secret", SECRET)),
        "scope": None,
        "audience": "mlflow",
        "header": "Authorization",
    }
    file = {"type": "TokenFile", "path": str(tmp_path / "token"), "header": "Authorization"}
    env = {**baked_environment, "MLFLOW_TRACKING_URI": proxy.url}
    assert run({**env, **auth(oidc)}).stdout == "begun\n"
    write(tmp_path / "token", issuer.token("mlflow"))
    assert run({**env, **auth(file)}).stdout == "begun\n"
    write(tmp_path / "token", issuer.token("mlflow", lifetime=-60))
    message = stopped(run({**env, **auth(file)}))
    assert f"rejects the token in {tmp_path / 'token'} (401: Invalid IAP credentials: Token expired" in message


def answering(answer):
    return HttpServer(lambda request: answer)


HTML = {"Content-Type": "text/html; charset=utf-8"}


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (
            Answer(200, b"<html>Sign in</html>", HTML),
            "responds with a web page (HTTP 200), not with MLflow's API; it may be a login page. Check which",
        ),
        (
            Answer(404, b"<html>nothing here</html>", HTML),
            "responded (HTTP 404), but not as an MLflow server. Check the path and port of MLFLOW_TRACKING_URI.",
        ),
        (Answer.json(200, ["not", "mlflow"]), "responded (HTTP 200), but not as an MLflow server"),
        (
            Answer(
                403, b"Invalid Host header - possible DNS rebinding attack detected", {"Content-Type": "text/plain"}
            ),
            "does not accept the host name 127.0.0.1:PORT (HTTP 403, Invalid Host header). "
            "Start the MLflow server with --allowed-hosts 127.0.0.1:PORT.",
        ),
        (
            Answer(301, b"", {"Location": "/mlflow/api/2.0/mlflow/experiments/get-by-name"}),
            "redirects to http://127.0.0.1:PORT/mlflow (HTTP 301), and a redirected POST becomes a GET",
        ),
        (Answer(403, b"<h1>Forbidden</h1>", HTML), "rejects the credentials that the container sent (403: Forbidden)"),
        (
            Answer.json(403, {"error_code": "PERMISSION_DENIED", "message": "Permission denied"}),
            "rejects the credentials that the container sent (403: Permission denied)",
        ),
        (
            Answer.json(400, {"error_code": "INVALID_PARAMETER_VALUE", "message": "no such thing"}),
            "returned INVALID_PARAMETER_VALUE: no such thing",
        ),
        (Answer(503, b"<html><p>no healthy upstream</p></html>", HTML), "responded with 503: no healthy upstream."),
        (Answer(401, f"<p>{SECRET} is wrong</p>".encode(), HTML), "(401: *** is wrong)"),
        (
            Answer(401, f"<p>Basic {base64.b64encode(f'me:{SECRET}'.encode()).decode()}</p>".encode(), HTML),
            "(401: Basic ***)",
        ),
    ],
)
def test_what_stands_in_the_way_is_told_apart(baked_environment, answer, expected):
    with answering(answer) as server:
        env = {**baked_environment, **auth(VARS), **LOGIN, "KDEPLOY_WAIT_SECONDS": "0.2"}
        message = stopped(run({**env, "MLFLOW_TRACKING_URI": f"{server.url}/"}))
    assert f"MLflow at {server.url}/ " in message
    assert expected.replace("PORT", str(server.port)) in message
    assert SECRET not in message


def test_a_redirect_to_a_login_page_is_named(baked_environment):
    login = answering(Answer(200, b"<html>Sign in with Google</html>", HTML))
    server = HttpServer(lambda request: Answer(302, b"", {"Location": f"{login.url}/signin"}))
    with login, server:
        env = {**baked_environment, **auth(VARS), **LOGIN, "MLFLOW_TRACKING_URI": server.url}
        message = stopped(run(env))
    assert f"rejects the credentials that the container sent (302, a redirect to 127.0.0.1:{login.port})" in message


def test_a_certificate_that_is_not_trusted_is_a_matter_of_the_ca_bundle(baked_environment, tmp_path):
    context, bundle = self_signed(tmp_path)
    with HttpServer(lambda request: Answer.json(200, {"experiment": {"experiment_id": "1"}}), context) as server:
        env = {**baked_environment, **auth(VARS), **LOGIN, "MLFLOW_TRACKING_URI": server.url}
        message = stopped(run(env))
        assert f"MLflow at {server.url} has a certificate from an authority that is not trusted. " in message
        assert "Set REQUESTS_CA_BUNDLE or MLFLOW_TRACKING_SERVER_CERT_PATH to the CA certificate" in message
        for trust in (
            {"REQUESTS_CA_BUNDLE": str(bundle)},
            {"MLFLOW_TRACKING_SERVER_CERT_PATH": str(bundle)},
            {"MLFLOW_TRACKING_INSECURE_TLS": "true"},
        ):
            assert run({**env, **trust}).stdout == "begun\n", trust


@pytest.mark.parametrize(
    ("valid_for", "scheme", "words"),
    [
        (HOUR, "https", "has a certificate from an authority that is not trusted. Set REQUESTS_CA_BUNDLE"),
        (-HOUR, "https", "has a certificate that has expired. Renew the server's certificate."),
        (None, "https", "does not support HTTPS. Write http:// in the address"),
        (HOUR, "http", "expects HTTPS. Write https:// in the address."),
    ],
)
def test_only_an_authority_is_a_matter_of_the_ca_bundle(
    baked_environment, tmp_path, valid_for, scheme, words, monkeypatch
):
    """Whoever calls: we do, or MLflow's own client does where a plugin of somebody else's signs."""
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    context = None if valid_for is None else self_signed(tmp_path / "tls", valid_for)[0]
    with HttpServer(lambda request: Answer(200), context) as server:
        url = f"{scheme}://127.0.0.1:{server.port}"
        message = stopped(run({**baked_environment, "KDEPLOY_RUN_KEY": "k", "MLFLOW_TRACKING_URI": url}))
        with pytest.raises(ServerProblem) as by_client:
            ClientRuns(url, Patience(60)).check(None)
    said = f"{by_client.value} {getattr(by_client.value, 'remedy', '')}"
    assert words in message
    assert scheme == "http" or words in said, said
    assert ("BUNDLE" in message, "BUNDLE" in said) == ("BUNDLE" in words,) * 2


NOWHERE = {"MLFLOW_TRACKING_URI": "https://127.0.0.1:9"}


@pytest.mark.parametrize(
    ("variables", "problem"),
    [
        (
            {"MLFLOW_TRACKING_INSECURE_TLS": "true", "MLFLOW_TRACKING_SERVER_CERT_PATH": "/ca.pem"},
            "MLFLOW_TRACKING_INSECURE_TLS and MLFLOW_TRACKING_SERVER_CERT_PATH are both set",
        ),
        ({"REQUESTS_CA_BUNDLE": "/nowhere/ca.pem"}, "REQUESTS_CA_BUNDLE names /nowhere/ca.pem, which does not exist"),
        (
            {"MLFLOW_TRACKING_TOKEN": f"{SECRET}\n"},
            "MLFLOW_TRACKING_TOKEN ends with a line break: correct the value (a ",
        ),
        (
            {"MLFLOW_TRACKING_USERNAME": "me ", "MLFLOW_TRACKING_PASSWORD": SECRET},
            "USERNAME ends with a space: correct",
        ),
        (
            {"MLFLOW_TRACKING_URI": "https://127.0.0.1:9/team/#/experiments/3"},
            "MLFLOW_TRACKING_URI is https://127.0.0.1:9/team/#/experiments/3, the address of a page in MLflow's UI, "
            "not of a server: set it to https://127.0.0.1:9/team.",
        ),
    ],
)
@pytest.mark.parametrize("authentication", [{}, auth(VARS)])
def test_what_keeps_mlflows_client_from_calling_is_told_before_any_call(
    baked_environment, variables, problem, authentication
):
    """Also where kdeploy itself calls nobody: MLflow's client would fail in the first node."""
    given = {**LOGIN, **NOWHERE} if authentication else NOWHERE
    message = stopped(run({**baked_environment, **authentication, **given, **variables}))
    assert problem in message
    assert SECRET not in message


@pytest.mark.parametrize(
    "spelling", ["HTTP://127.0.0.1:{}", " http://127.0.0.1:{}", "\thttp://127.0.0.1:{}/\n", "Http://127.0.0.1:{}\r\n"]
)
def test_a_server_is_asked_however_its_address_is_spelled_and_the_task_gets_one_that_mlflow_reads(
    baked_environment, mlflow_server, spelling
):
    env = {**baked_environment, **auth(VARS), **LOGIN, "KDEPLOY_RUN_KEY": "k"}
    with VerifyingProxy(mlflow_server.url, basic("me", SECRET)) as proxy:
        env["MLFLOW_TRACKING_URI"] = spelling.format(proxy.port)
        result = run(env, "sh", "-c", 'printf "%s" "$MLFLOW_TRACKING_URI"')
        assert result.returncode == 0, result.stderr
        assert result.stdout == env["MLFLOW_TRACKING_URI"].strip()
        assert "kdeploy: logs to the MLflow run " in result.stderr
        assert "/#/experiments/" in result.stderr
        assert "rejects the credentials" in stopped(run({**env, "MLFLOW_TRACKING_PASSWORD": "wrong"}))


@pytest.mark.parametrize("authentication", [{}, auth(VARS)])
@pytest.mark.parametrize(
    ("uri", "problem"),
    [
        ("http://mlflow\n.example.org", "MLFLOW_TRACKING_URI contains a line break: correct the value."),
        ("https://mlflow.example.org/my team", "MLFLOW_TRACKING_URI contains a space or a control character"),
        ("http://", "MLFLOW_TRACKING_URI names no server: write it as https://HOST"),
        ("http:/mlflow.example.org", "MLFLOW_TRACKING_URI names no server"),
        ("https://:5000", "MLFLOW_TRACKING_URI names no server"),
        ("http://[half", "MLFLOW_TRACKING_URI is not a valid address"),
        ("http://mlflow.example.org:99999", "MLFLOW_TRACKING_URI is not a valid address"),
        ("http://mlflow.example.org:port", "MLFLOW_TRACKING_URI is not a valid address"),
    ],
)
def test_an_address_that_nobody_could_call_is_told_at_once(baked_environment, uri, problem, authentication):
    message = stopped(run({**baked_environment, **authentication, **LOGIN, "MLFLOW_TRACKING_URI": uri}))
    assert problem in message


@pytest.mark.parametrize("uri", ["sqlite:///m.db", "databricks", ""])
def test_a_store_without_a_server_needs_no_certificate(baked_environment, uri):
    env = {**baked_environment, "MLFLOW_TRACKING_URI": uri, "REQUESTS_CA_BUNDLE": "/nowhere/ca.pem"}
    assert run(env).stdout == "begun\n"


def test_a_password_with_a_space_at_its_end_is_sent_and_remarked_when_it_is_refused(baked_environment, mlflow_server):
    spaced = {**LOGIN, "MLFLOW_TRACKING_PASSWORD": f"{SECRET} "}
    for password, is_accepted in ((f"{SECRET} ", True), (SECRET, False)):
        with VerifyingProxy(mlflow_server.url, basic("me", password)) as proxy:
            env = {**baked_environment, **auth(VARS), **spaced, "MLFLOW_TRACKING_URI": proxy.url}
            if is_accepted:
                assert run(env).stdout == "begun\n"
            else:
                assert "MLFLOW_TRACKING_PASSWORD ends with a space: is that meant?" in stopped(run(env))


def test_plain_http_to_a_server_that_expects_https_is_told_at_once(baked_environment, tmp_path):
    context, _ = self_signed(tmp_path)
    with HttpServer(lambda request: Answer(200), context) as server:
        env = {**baked_environment, **auth(VARS), **LOGIN, "KDEPLOY_WAIT_SECONDS": "60"}
        message = stopped(run({**env, "MLFLOW_TRACKING_URI": server.url.replace("https:", "http:")}))
    assert "expects HTTPS. Write https:// in the address." in message


def test_a_server_that_is_down_is_waited_for_and_then_given_up(google, proxy):
    proxy.stop()
    message = stopped(run({**google, "KDEPLOY_WAIT_SECONDS": "1"}))
    assert f"MLflow at {proxy.url} refused the connection. Gave up after 1 s (KDEPLOY_WAIT_SECONDS). Check " in message


def test_a_server_that_comes_up_in_time_costs_nothing_but_time(google, proxy):
    proxy.stop()
    timer = threading.Timer(1.5, proxy.start)
    timer.start()
    result = run(google)
    timer.join()
    assert (result.returncode, result.stdout, result.stderr) == (0, "begun\n", "")


def test_a_container_that_waits_can_be_stopped(google, proxy):
    """As the first process of a container it has no default handlers."""
    proxy.stop()
    command = [sys.executable, "-m", "kdeploy_runtime", "echo", "begun"]
    with subprocess.Popen(command, env={**google, "KDEPLOY_WAIT_SECONDS": "60"}, stdout=subprocess.PIPE) as process:
        while not has_handler(process.pid, signal.SIGTERM):
            time.sleep(0.02)
        process.terminate()
        assert process.wait(10) == 143
        assert process.stdout.read() == b""


def has_handler(pid: int, number: int) -> bool:
    """Asked of Linux."""
    (line,) = [line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("SigCgt")]
    return bool(int(line.split()[1], 16) >> (number - 1) & 1)


def test_by_choice_the_task_runs_untracked_while_the_server_is_down(google, proxy):
    proxy.stop()
    env = {**google, "KDEPLOY_ON_UNREACHABLE": "warn", "KDEPLOY_WAIT_SECONDS": "0.5", "MLFLOW_RUN_ID": "1" * 32}
    result = run(env, "sh", "-c", "echo $MLFLOW_TRACKING_URI ${MLFLOW_RUN_ID-none}")
    assert result.returncode == 0
    assert result.stdout.startswith("file:///")
    assert result.stdout.endswith(" none\n")
    lines = result.stderr.splitlines()
    assert "refused the connection" in lines[0]
    assert lines[1].startswith("kdeploy: the task runs UNTRACKED (mlflow.on_unreachable is warn)")


def test_a_refusal_is_never_a_reason_to_run_untracked(google):
    stopped(run({**google, "KDEPLOY_ON_UNREACHABLE": "warn", "GOOGLE_AUDIENCE": "something-else"}))


def test_a_run_that_is_not_there_or_deleted_stops_the_task(google, mlflow_server):
    message = stopped(run({**google, "MLFLOW_RUN_ID": "0" * 32}))
    assert f"MLFLOW_RUN_ID names the run '{'0' * 32}', which http://" in message
    client = mlflow_server.client()
    run_id = client.create_run("0").info.run_id
    client.delete_run(run_id)
    assert "which is deleted: restore it in MLflow" in stopped(run({**google, "MLFLOW_RUN_ID": run_id}))


@pytest.fixture
def open_to_all(baked_environment, mlflow_server):
    """A container without authentication, before a server that asks for none."""
    return {**baked_environment, "MLFLOW_TRACKING_URI": mlflow_server.url}


def test_a_given_run_that_cannot_be_joined_stops_the_task_without_authentication_too(open_to_all, mlflow_server):
    client = mlflow_server.client()
    run_id = client.create_run("0").info.run_id
    client.delete_run(run_id)
    message = stopped(run({**open_to_all, "MLFLOW_RUN_ID": run_id}, "kedro", "run"))
    assert f"MLFLOW_RUN_ID names the run '{run_id}', which is deleted: restore it in MLflow" in message
    message = stopped(run({**open_to_all, "MLFLOW_RUN_ID": "0" * 32}, "kedro", "run"))
    assert f"MLFLOW_RUN_ID names the run '{'0' * 32}', which http://" in message


def test_a_given_run_that_has_ended_is_open_again_and_told(open_to_all, mlflow_server):
    client = mlflow_server.client()
    run_id = client.create_run("0").info.run_id
    client.set_terminated(run_id, "FAILED")
    result = run({**open_to_all, "MLFLOW_RUN_ID": run_id})
    assert (result.returncode, result.stdout) == (0, "begun\n")
    assert f"kdeploy: logs to the MLflow run {mlflow_server.url}/#/experiments/0/runs/{run_id}\n" == result.stderr
    assert client.get_run(run_id).info.status == "RUNNING"


@pytest.mark.parametrize("way", [{"MLFLOW_RUN_ID": "1" * 32}, {"KDEPLOY_RUN_KEY": "k"}])
def test_what_is_done_while_the_server_is_down_does_not_depend_on_the_way_in(baked_environment, way):
    down = {**baked_environment, **way, "MLFLOW_TRACKING_URI": "http://127.0.0.1:9", "KDEPLOY_WAIT_SECONDS": "0"}
    assert "MLflow at http://127.0.0.1:9 refused the connection." in stopped(run(down, "kedro", "run"))
    result = run({**down, "KDEPLOY_ON_UNREACHABLE": "warn"}, "sh", "-c", "echo ${MLFLOW_RUN_ID-none}")
    assert (result.returncode, result.stdout) == (0, "none\n")
    assert "the task runs UNTRACKED" in result.stderr


def test_a_given_run_in_an_image_that_tracks_nowhere_is_nobodys(baked_environment):
    assert run({**baked_environment, "MLFLOW_RUN_ID": "1" * 32}).stdout == "begun\n"


def test_an_experiment_that_was_deleted_is_restored_as_kedro_mlflow_does(google, mlflow_server):
    client = mlflow_server.client()
    experiment = client.create_experiment(google["MLFLOW_EXPERIMENT_NAME"])
    client.delete_experiment(experiment)
    env = {**google, "KDEPLOY_RUN_KEY": "k"}
    message = stopped(run({**env, "KDEPLOY_EXPERIMENT_OPTIONS": '{"restore_if_deleted": false}'}))
    assert "is deleted, and mlflow.yml sets restore_if_deleted: false" in message
    result = run(env, "sh", "-c", "echo $MLFLOW_RUN_ID")
    assert client.get_run(result.stdout.strip()).info.experiment_id == experiment
    assert client.get_experiment(experiment).lifecycle_stage == "active"


def test_a_missing_experiment_is_made_as_mlflow_yml_wants_it(google, mlflow_server):
    options = {"artifact_location": "mlflow-artifacts:/elsewhere", "tags": {"team": "ml"}}
    env = {**google, "KDEPLOY_RUN_KEY": "k", "KDEPLOY_EXPERIMENT_OPTIONS": json.dumps(options)}
    assert run(env).stdout == "begun\n"
    experiment = mlflow_server.client().get_experiment_by_name(google["MLFLOW_EXPERIMENT_NAME"])
    assert experiment.artifact_location.endswith("/elsewhere")
    assert experiment.tags["team"] == "ml"
    assert "is not a JSON object" in stopped(run({**env, "KDEPLOY_EXPERIMENT_OPTIONS": "{"}))


@pytest.mark.parametrize("missing", ["MLFLOW_TRACKING_URI", "MLFLOW_EXPERIMENT_NAME"])
def test_a_run_key_needs_a_place_for_the_run(baked_environment, missing):
    env = {**baked_environment, "MLFLOW_TRACKING_URI": "http://127.0.0.1:9", "KDEPLOY_RUN_KEY": "k"}
    del env[missing]
    assert f"KDEPLOY_RUN_KEY is set, but not {missing}" in stopped(run(env))


@pytest.mark.parametrize("key", ["{{ run_id }}", "None", "  "])
def test_a_run_key_that_names_no_execution_stops_the_task_before_anybody_is_called(baked_environment, key):
    """Else all executions would be one run."""
    down = {"MLFLOW_TRACKING_URI": "http://127.0.0.1:9", "KDEPLOY_WAIT_SECONDS": "60"}
    for more in ({}, {"KDEPLOY_ON_UNREACHABLE": "warn"}):
        message = stopped(run({**baked_environment, **down, **more, "KDEPLOY_RUN_KEY": key}))
        assert f"the run key '{key}' " in message
        assert "all executions would share one MLflow run. Set KDEPLOY_RUN_KEY" in message


@pytest.mark.parametrize("run_id", ["None", "{{ ti.xcom_pull(task_ids='start') }}", " "])
def test_a_run_id_that_went_missing_stops_the_task(baked_environment, run_id):
    message = stopped(run({**baked_environment, "MLFLOW_RUN_ID": run_id}, "kedro", "run"))
    assert f"the run ID '{run_id}' " in message


def test_a_password_that_was_not_rendered_is_told_and_one_with_odd_characters_is_not(baked_environment, mlflow_server):
    env = {**baked_environment, **auth(VARS), **LOGIN, "MLFLOW_TRACKING_URI": mlflow_server.url}
    message = stopped(run({**env, "MLFLOW_TRACKING_PASSWORD": "{{ var.value.MLFLOW_PASSWORD }}"}))
    assert "MLFLOW_TRACKING_PASSWORD is a template that was not rendered" in message
    for odd in ("$PASSWORD", "None", "${x}", "a{{b}}"):
        assert run({**env, "MLFLOW_TRACKING_PASSWORD": odd}).stdout == "begun\n"


def test_a_store_without_a_server_is_joined_by_mlflows_own_client(baked_environment, tmp_path):
    env = {**baked_environment, "MLFLOW_TRACKING_URI": f"sqlite:///{tmp_path / 'm.db'}", "KDEPLOY_RUN_KEY": "k"}
    command = ["sh", "-c", "echo $MLFLOW_RUN_ID"]
    first, second = (run_runtime(command, env, cwd=tmp_path) for _ in range(2))
    assert first.stdout == second.stdout
    assert len(first.stdout.strip()) == 32


@pytest.mark.parametrize("value", ["soon", "-1", "inf"])
def test_a_wait_that_is_no_number_is_told(google, value):
    assert "KDEPLOY_WAIT_SECONDS is not a number of seconds" in stopped(run({**google, "KDEPLOY_WAIT_SECONDS": value}))


def test_the_token_command_prints_the_token_alone(google, issuer):
    result = run(google, "token")
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.count(".") == 2
    assert run(google, "token", "--type", "GoogleOAuth2").returncode == 0
    other = run(google, "token", "--type", "OIDC")
    assert (other.returncode, other.stdout) == (2, "")
    assert "KDEPLOY_AUTH has no OIDC" in other.stderr
    assert stopped(run({**google, "GOOGLE_AUDIENCE": ""}, "token"))
    issuer.failing = 100
    assert stopped(run({**google, "KDEPLOY_WAIT_SECONDS": "0"}, "token"))
