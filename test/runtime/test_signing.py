"""MLflow's own client, signed: every call, uploads too, and once more when a token was refused on its way."""

from __future__ import annotations

import itertools
import threading

import pytest
import requests
from http_server import Answer, HttpServer
from kdeploy_runtime.authentication.bearer import BearerToken
from kdeploy_runtime.authentication.signing import Signature
from kdeploy_runtime.authentication.tokens import Token
from verifying_proxy import VerifyingProxy, bearer


@pytest.fixture
def signed(issuer):
    """A signature, and the list of the tokens it fetched."""
    fetched = []

    def fetch() -> Token:
        value = issuer.token("mlflow")
        fetched.append(value)
        return Token(value, float("inf"))  # so that only a refusal makes it renew

    token = BearerToken(header="Authorization", what="", refused_hint="", fetch=fetch, environ={})
    token._tokens._clock = itertools.count(0.0, 10.0).__next__  # ten seconds pass with each look at it
    return Signature([token]), fetched


def test_a_token_that_ended_in_a_queue_is_replaced_once(proxy, signed, issuer):
    signature, fetched = signed
    issuer.lifetime = -60
    url = f"{proxy.url}/api/2.0/mlflow/experiments/search?max_results=1"
    first = requests.get(url, auth=signature, timeout=10)
    assert first.status_code == 401, "the second token is as bad as the first"
    assert len(fetched) == 2
    issuer.lifetime = 3600
    answer = requests.get(url, auth=signature, timeout=10)
    assert (answer.status_code, [call.status for call in proxy.calls]) == (200, [401, 401, 401, 200])


def test_an_upload_is_sent_again_from_its_beginning(mlflow_server, signed, issuer, tmp_path):
    signature, fetched = signed
    with VerifyingProxy(mlflow_server.url, bearer(issuer.keys.public, "mlflow")) as proxy:
        issuer.lifetime = -60
        with pytest.MonkeyPatch.context() as patch:
            renew = issuer.token
            patch.setattr(issuer, "token", lambda audience: renew(audience, lifetime=3600 if fetched else -60))
            content = tmp_path / "model.bin"
            content.write_bytes(b"weights" * 1000)
            url = f"{proxy.url}/api/2.0/mlflow-artifacts/artifacts/test/model.bin"
            with content.open("rb") as body:
                answer = requests.put(url, data=body, auth=signature, timeout=10)
        assert [call.status for call in proxy.calls] == [401, 200]
        assert (answer.status_code, len(answer.history)) == (200, 1)
        assert requests.get(url, auth=signature, timeout=10).content == b"weights" * 1000


def test_many_threads_share_one_token(proxy, signed):
    signature, fetched = signed
    url = f"{proxy.url}/api/2.0/mlflow/experiments/search?max_results=1"
    threads = [threading.Thread(target=requests.get, args=(url,), kwargs={"auth": signature}) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert [call.status for call in proxy.calls] == [200] * 8
    assert len(fetched) == 1


@pytest.mark.parametrize("header", ["Authorization", "Proxy-Authorization", "X-Token"])
def test_a_token_does_not_follow_a_redirect_to_another_host(header):
    seen = []
    stranger = HttpServer(lambda request: (seen.append(request.headers), Answer(401))[1])
    server = HttpServer(lambda request: Answer(302, headers={"Location": f"{stranger.url}/login"}))
    token = BearerToken(header=header, what="", refused_hint="", fetch=lambda: Token("t", None), environ={})
    with stranger, server:
        assert requests.get(server.url, auth=Signature([token]), timeout=10).status_code == 401
    (headers,) = seen
    assert header not in headers


def test_a_proxys_header_leaves_mlflows_own_login_alone(issuer):
    token = BearerToken(
        header="Proxy-Authorization", what="", refused_hint="", fetch=lambda: Token("t", None), environ={}
    )
    request = requests.Request("GET", "http://x/", headers={"Authorization": "Basic x"}, auth=Signature([token]))
    headers = request.prepare().headers
    assert (headers["Authorization"], headers["Proxy-Authorization"]) == ("Basic x", "Bearer t")
