"""Why a server gave no response, told from what requests really raises; the words are those of the host side."""

from __future__ import annotations

import json
import socket
import ssl
import threading

import pytest
import requests
from certificates import HOUR, self_signed
from http_server import Answer, HttpServer
from kdeploy_runtime.network.failure import (
    SENTENCES,
    connection_problem,
    has_expired,
    innermost_words,
    predicate_of,
    remedy_for,
    speaks_tls,
)
from support import FIXTURES, SECRET


def test_the_words_are_those_of_the_host_side():
    shared = json.loads((FIXTURES / "network.json").read_text("utf-8"))["problems"]
    assert {problem: {"predicate": said, "remedy": remedy} for problem, (said, remedy) in SENTENCES.items()} == shared


def failure_of(url, **options):
    with requests.Session() as session:
        session.trust_env = False
        with pytest.raises(requests.RequestException) as raised:
            session.get(url, **{"timeout": 5, **options})
    return raised.value


def problem_of(url, **options):
    return connection_problem(failure_of(url, **options))


@pytest.fixture
def plain():
    with HttpServer(lambda request: Answer(200)) as server:
        yield server


@pytest.fixture
def secure(tmp_path):
    context, bundle = self_signed(tmp_path)
    with HttpServer(lambda request: Answer(200), context) as server:
        server.bundle = bundle
        yield server


@pytest.fixture
def raw():
    """A server that sends what the test says, and hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        said = []

        def serve():
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    connection.recv(65536)
                    connection.sendall(b"".join(said))

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", said
        listener.shutdown(socket.SHUT_RDWR)


def test_a_port_where_nobody_listens():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert problem_of(f"http://127.0.0.1:{port}") == "refused"


def test_a_host_name_that_does_not_resolve():
    assert problem_of("http://nowhere.invalid") in ("unknown-host", "name-service")


def test_a_server_that_hangs_up_or_says_something_else_than_http(raw):
    url, said = raw
    assert problem_of(url) == "reset"
    said.append(b"220 mail.example.com ESMTP\r\n")
    assert problem_of(url) == "not-http"


def test_a_server_that_does_not_answer_in_time():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        assert problem_of(f"http://127.0.0.1:{listener.getsockname()[1]}", timeout=0.05) == "timeout"


def test_a_certificate_of_an_unknown_authority_and_one_for_another_host(secure):
    assert problem_of(secure.url) == "certificate-of-unknown-authority"
    elsewhere = secure.url.replace("127.0.0.1", "localhost")
    assert problem_of(elsewhere, verify=str(secure.bundle)) == "certificate-of-another-host"


def test_a_certificate_that_has_expired_is_told_as_such_whoever_issued_it(secure, plain, tmp_path):
    """OpenSSL looks for the issuer first: its words would lead to a CA bundle, and then to the same error."""
    context, bundle = self_signed(tmp_path / "old", -HOUR)
    with HttpServer(lambda request: Answer(200), context) as old:
        assert problem_of(old.url, verify=str(bundle)) == "certificate-expired"
        assert problem_of(old.url) == "certificate-of-unknown-authority"
        assert has_expired(old.url)
    assert not has_expired(secure.url)
    for address in (old.url, plain.url.replace("http:", "https:"), "https://[half", "https://mlflow:port", ""):
        assert not has_expired(address)


def test_https_to_a_server_that_does_not_support_it(plain):
    assert problem_of(plain.url.replace("http:", "https:")) == "not-https"


def test_http_to_a_server_that_expects_https(secure, plain):
    assert speaks_tls("127.0.0.1", secure.port)
    assert not speaks_tls("127.0.0.1", plain.port)


def test_a_server_that_wants_to_know_who_calls(tmp_path):
    context, bundle = self_signed(tmp_path)
    context.verify_mode = ssl.CERT_REQUIRED
    with HttpServer(lambda request: Answer(200), context) as server:
        assert problem_of(server.url, verify=str(bundle)) in ("client-certificate", "reset")


def test_a_proxy_that_is_not_there(plain):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        proxy = f"http://127.0.0.1:{listener.getsockname()[1]}"
    assert problem_of(plain.url, proxies={"http": proxy}) == "proxy"


def test_words_without_a_sentence_of_their_own_name_no_class_and_no_secret():
    error = failure_of("http://[half")
    assert connection_problem(error) == "other"
    assert predicate_of("other", error).startswith("cannot be reached (")
    assert "InvalidURL" not in predicate_of("other", error)
    assert SECRET not in innermost_words(requests.ConnectionError(f"no way to https://me:{SECRET}@mlflow.acme.io"))
    assert innermost_words(requests.ConnectionError()) == "ConnectionError"


@pytest.mark.parametrize(
    ("environ", "ending"), [({}, "of the server."), ({"SSL_CERT_FILE": "/ca.pem"}, "does not read SSL_CERT_FILE.")]
)
def test_the_variable_that_is_read_for_an_authority(environ, ending):
    remedy = remedy_for("certificate-of-unknown-authority", environ, "THIS or THAT")
    assert remedy.startswith("Set THIS or THAT to the CA certificate of the server")
    assert remedy.endswith(ending)
