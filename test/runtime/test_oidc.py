"""Client credentials at an OpenID provider, as Keycloak takes them."""

from __future__ import annotations

import pytest
from google.auth import jwt
from kdeploy_runtime.authentication import bearer_tokens, load_type
from kdeploy_runtime.authentication.oidc import OIDC
from kdeploy_runtime.authentication.shape import ShapeError
from kdeploy_runtime.authentication.tokens import TokenError
from support import SECRET, write
from token_issuer import CLIENT_ID


@pytest.fixture
def entry(issuer):
    return {
        "type": "OIDC",
        "issuer": issuer.issuer,
        "client_id": CLIENT_ID,
        "client_secret_variable": "CLIENT_SECRET",
        "client_secret_file": None,
        "scope": None,
        "audience": "mlflow",
        "header": "Authorization",
    }


ENVIRON = {"CLIENT_SECRET": SECRET, "KDEPLOY_WAIT_SECONDS": "3"}


def bearer(entry, environ=ENVIRON):
    kind = load_type("OIDC")
    return bearer_tokens([(kind, kind.read(entry))], environ)[0]


def failure(entry, environ=ENVIRON):
    with pytest.raises(TokenError) as error:
        bearer(entry, environ).value()
    assert SECRET not in str(error.value)
    return str(error.value)


@pytest.mark.parametrize("methods", [["client_secret_basic"], ["client_secret_post"], []])
def test_a_token_by_whichever_way_the_provider_takes_the_secret(entry, issuer, methods):
    issuer.auth_methods = methods
    scheme, _, value = bearer(entry).value().partition(" ")
    assert (scheme, jwt.decode(value, certs=issuer.keys.public, audience="mlflow")["aud"]) == ("Bearer", "mlflow")


def test_the_endpoint_is_looked_up_once_and_the_token_kept(entry, issuer):
    issuer.lifetime = 2
    token = bearer(entry)
    first = token.value()
    assert token.value() == first
    assert token.renewed(first) == first, "it was fetched just now"
    assert issuer.asked == ["/realms/ml/.well-known/openid-configuration", "/realms/ml/token"]


def test_a_mounted_secret_is_read_without_its_line_break(entry, tmp_path):
    path = write(tmp_path / "secret", f"{SECRET}\n")
    entry.update(client_secret_variable=None, client_secret_file=str(path))
    assert bearer(entry).value().startswith("Bearer ")


def test_a_provider_that_fails_for_a_moment_is_asked_again(entry, issuer):
    issuer.failing = 2
    assert bearer(entry).value().startswith("Bearer ")


def test_a_wrong_secret_is_told_by_the_providers_own_words(entry, issuer):
    message = failure(entry, {"CLIENT_SECRET": "wrong", "KDEPLOY_WAIT_SECONDS": "3"})
    assert message == (
        f"The OpenID provider {issuer.issuer} (kedro) rejected the token request "
        "(401, invalid_client: Invalid client credentials)."
    )
    assert len(issuer.asked) == 2, "a refusal is not tried again"


def test_another_issuer_than_the_configured_one_is_not_trusted(entry, issuer):
    entry["issuer"] = issuer.issuer.replace("127.0.0.1", "localhost")
    assert f"identifies itself as {issuer.issuer}: if that is the right provider" in failure(entry)


def test_an_address_that_is_no_provider(entry, issuer):
    entry["issuer"] = f"{issuer.url}/realms/none"
    assert "rejected the token request (404)" in failure(entry)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({}, "CLIENT_SECRET, the client secret, is not set (or empty)"),
        ({"client_secret_variable": None, "client_secret_file": "/nowhere"}, "secret in /nowhere cannot be read"),
        ({"client_secret_variable": None, "client_secret_file": "/dev/null"}, "in /dev/null cannot be read: it is not"),
    ],
)
def test_a_missing_secret_is_told_before_anybody_is_asked(entry, changes, problem):
    kind = OIDC()
    (found,) = kind.check(kind.read({**entry, **changes}), {})
    assert problem in found


def test_airflows_form_of_the_variable_counts(entry):
    kind = OIDC()
    assert kind.check(kind.read(entry), {"AIRFLOW_VAR_CLIENT_SECRET": SECRET}) == []
    assert bearer(entry, {"AIRFLOW_VAR_CLIENT_SECRET": SECRET}).value()


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"issuer": ""}, "needs a string under 'issuer'"),
        ({"issuer": "keycloak"}, "needs an https:// URL"),
        ({"issuer": f"https://me:{SECRET}@host/"}, "without a password"),
        ({"client_id": None}, "needs a string under 'client_id'"),
        ({"client_secret_file": "/x"}, "either 'client_secret_variable' or 'client_secret_file'"),
        ({"client_secret_variable": None}, "either 'client_secret_variable' or 'client_secret_file'"),
        ({"scope": []}, "needs a string or null under 'scope'"),
        ({"header": ""}, "needs the name of an HTTP header"),
        ({"client_secret": SECRET}, "has the unknown key 'client_secret'"),
    ],
)
def test_a_near_miss_is_refused(entry, changes, problem):
    with pytest.raises(ShapeError) as error:
        OIDC().read({**entry, **changes})
    assert problem in str(error.value)
    assert SECRET not in str(error.value)
