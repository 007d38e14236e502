"""An ID token for the audience, whoever the container is at Google; and plain words where there is none."""

from __future__ import annotations

import json

import pytest
from google.auth import jwt
from kdeploy_runtime.authentication import bearer_tokens
from kdeploy_runtime.authentication.google_oauth2 import GoogleOAuth2
from kdeploy_runtime.authentication.tokens import TokenError
from support import FIXTURES
from token_issuer import ACCOUNT, METADATA_PATH, SUBJECT_TOKEN

SETTINGS = {"audience": "mlflow", "header": "Authorization"}


@pytest.fixture
def environ(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    return {"KDEPLOY_WAIT_SECONDS": "3", "CLOUDSDK_CONFIG": str(tmp_path / "gcloud")}


def claims(environ, issuer, settings=SETTINGS):
    (token,) = bearer_tokens([(GoogleOAuth2(), settings)], environ)
    scheme, _, value = token.value().partition(" ")
    assert scheme == "Bearer"
    return jwt.decode(value, certs=issuer.keys.public, audience=settings["audience"] or environ["GOOGLE_AUDIENCE"])


def failure(environ):
    (token,) = bearer_tokens([(GoogleOAuth2(), SETTINGS)], environ)
    with pytest.raises(TokenError) as error:
        token.value()
    return str(error.value)


def test_by_a_service_accounts_key(environ, issuer, tmp_path):
    environ["GOOGLE_APPLICATION_CREDENTIALS"] = str(issuer.service_account_file(tmp_path / "key.json"))
    assert claims(environ, issuer)["email"] == ACCOUNT
    assert issuer.asked == ["/token"]


def test_by_the_metadata_server_for_the_audience_of_the_environment(environ, issuer):
    environ.update(GCE_METADATA_HOST=issuer.url[len("http://") :], GOOGLE_AUDIENCE="from-the-environment")
    found = claims(environ, issuer, {"audience": None, "header": "Authorization"})
    assert found["aud"] == "from-the-environment"
    assert issuer.asked == [METADATA_PATH]


def test_by_a_federated_identity(environ, issuer, tmp_path):
    environ["GOOGLE_APPLICATION_CREDENTIALS"] = str(issuer.federation_file(tmp_path / "federation.json"))
    claims(environ, issuer)
    assert [path.rpartition("/")[2].rpartition(":")[2] for path in issuer.asked] == ["sts", "generateIdToken"]


def test_by_impersonation_with_gclouds_own_file(environ, issuer, tmp_path):
    (tmp_path / "gcloud").mkdir()
    issuer.impersonation_file(tmp_path / "gcloud/application_default_credentials.json")
    claims(environ, issuer)
    assert [path.rpartition("/")[2].rpartition(":")[2] for path in issuer.asked] == ["token", "generateIdToken"]


@pytest.mark.parametrize("kind", ["key", "metadata", "federation"])
def test_an_issuer_that_fails_for_a_moment_is_asked_again(environ, issuer, tmp_path, kind):
    if kind == "metadata":
        environ["GCE_METADATA_HOST"] = issuer.url[len("http://") :]
    else:
        make = {"key": issuer.service_account_file, "federation": issuer.federation_file}[kind]
        environ["GOOGLE_APPLICATION_CREDENTIALS"] = str(make(tmp_path / "file.json"))
    issuer.failing = 2
    claims(environ, issuer)
    assert len(issuer.asked) >= 3


def test_an_issuer_that_stays_down_is_given_up_within_the_bound(environ, issuer):
    environ.update(GCE_METADATA_HOST=issuer.url[len("http://") :], KDEPLOY_WAIT_SECONDS="0.3")
    issuer.failing = 1000
    assert "rejected the token request (503)" in failure(environ)


def test_no_credentials_at_all(environ):
    environ["GCE_METADATA_HOST"] = "127.0.0.1:9"
    environ["KDEPLOY_WAIT_SECONDS"] = "0"
    message = failure(environ)
    assert "metadata server (127.0.0.1:9) refused the connection." in message
    assert "mount a service account key and set GOOGLE_APPLICATION_CREDENTIALS" in message


def test_a_key_that_was_revoked(environ, issuer, tmp_path):
    key = issuer.service_account_file(tmp_path / "key.json", private_key=issuer.keys.private)
    environ["GOOGLE_APPLICATION_CREDENTIALS"] = str(key)
    message = failure(environ)
    assert message.startswith(f"Google ({ACCOUNT}, key in {key}) rejected the token request (invalid_grant")
    assert issuer.asked == ["/token"], "a refusal is not tried again"


def test_a_key_that_is_no_key(environ, issuer, tmp_path):
    key = issuer.service_account_file(tmp_path / "key.json", private_key="-----BEGIN PRIVATE KEY-----\nsecret\n")
    environ["GOOGLE_APPLICATION_CREDENTIALS"] = str(key)
    message = failure(environ)
    assert message == f"The Google credentials in {key} cannot be used: mount the file exactly as Google issued it."


def test_a_federated_identity_that_may_not_impersonate(environ, issuer, tmp_path):
    path = issuer.federation_file(tmp_path / "federation.json", token_url=f"{issuer.url}/nowhere")
    environ["GOOGLE_APPLICATION_CREDENTIALS"] = str(path)
    assert f"{ACCOUNT}, impersonated through {path}) rejected the token request" in failure(environ)


FILES = json.loads((FIXTURES / "google-credentials.json").read_text("utf-8"))
"""The host side's tests read the same (test/unit/authentication/google-credentials.test.ts)."""


@pytest.mark.parametrize(("content", "problem"), [*FILES, (None, "cannot be read: No such file or directory")])
def test_a_file_is_judged_before_anybody_is_asked(environ, tmp_path, content, problem):
    path = tmp_path / "credentials.json"
    if content is not None:
        path.write_text(content if isinstance(content, str) else json.dumps(content))
    environ["GOOGLE_APPLICATION_CREDENTIALS"] = str(path)
    found = GoogleOAuth2().check(SETTINGS, environ)
    if problem is None:
        assert found == []
        return
    assert found[0].startswith(f"The Google credentials file {path} (named by GOOGLE_APPLICATION_CREDENTIALS)")
    assert problem in found[0]
    assert "hunter2" not in found[0]
    assert problem in failure(environ), "and in the middle of a run, when the file was taken away"


@pytest.mark.parametrize("variable", ["GCE_METADATA_HOST", "GCE_METADATA_ROOT", "GCE_METADATA_IP"])
def test_the_metadata_server_may_be_named_by_each_of_googles_variables(environ, issuer, variable):
    environ["GCE_METADATA_IP"] = "127.0.0.1:9"
    environ[variable] = issuer.url[len("http://") :]
    claims(environ, issuer)
    environ[variable] = f"{issuer.url}/"
    claims(environ, issuer)
    assert issuer.asked == [METADATA_PATH] * 2


@pytest.mark.parametrize("source", ["url", "executable"])
def test_a_federated_identity_from_a_url_or_an_executable(environ, issuer, tmp_path, monkeypatch, source):
    if source == "executable":
        monkeypatch.setenv("GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES", "1")
        said = {"version": 1, "success": True, "token_type": "urn:ietf:params:oauth:token-type:jwt"}
        answer = tmp_path / "answer.json"
        answer.write_text(json.dumps({**said, "id_token": SUBJECT_TOKEN}))
        chosen = {"executable": {"command": f"cat {answer}"}}
    else:
        chosen = {"url": f"{issuer.url}/subject"}
    path = issuer.federation_file(tmp_path / "federation.json", credential_source=chosen)
    environ["GOOGLE_APPLICATION_CREDENTIALS"] = str(path)
    claims(environ, issuer)
    assert [path.rpartition("/")[2].rpartition(":")[2] for path in issuer.asked][-2:] == ["sts", "generateIdToken"]


def test_impersonation_by_a_federated_identity(environ, issuer, tmp_path):
    own = json.loads(issuer.federation_file(tmp_path / "own.json").read_text())
    environ["GOOGLE_APPLICATION_CREDENTIALS"] = str(issuer.impersonation_file(tmp_path / "file.json", own))
    claims(environ, issuer)
    assert issuer.asked[0] == "/sts"
