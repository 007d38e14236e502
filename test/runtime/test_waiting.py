"""Whatever a container waits for, there is one bound, and it holds: for a silence, a trickle, half an answer."""

from __future__ import annotations

import json
import re
import socket
import threading
import time
from email.utils import formatdate

import pytest
from http_server import Answer, HttpServer
from kdeploy_runtime.authentication.token_file import TokenFile
from kdeploy_runtime.network.bounded import within
from kdeploy_runtime.network.failure import is_transient
from kdeploy_runtime.patience import Patience, retry_after
from support import SECRET, run_runtime, write

VARS = {"type": "Vars", "params": ["MLFLOW_TRACKING_TOKEN"]}
GOOGLE = {"type": "GoogleOAuth2", "audience": "x", "header": "Authorization"}
EXPERIMENT = {"experiment": {"experiment_id": "1"}}
JSON = b"Content-Type: application/json\r\n"


def needing(entry):
    return {"KDEPLOY_AUTH": json.dumps({"types": [entry]}), "MLFLOW_TRACKING_TOKEN": SECRET}


class RawServer:
    """Each connection is answered by the next of ``behaviours``, the last one again and again."""

    def __init__(self, *behaviours):
        self._behaviours = list(behaviours)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.ended = threading.Event()
        self.asked = 0

    def __enter__(self):
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self._listener.close()

    def _serve(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection):
        with connection:
            connection.recv(65536)
            self.asked += 1
            behaviour = self._behaviours.pop(0) if len(self._behaviours) > 1 else self._behaviours[0]
            try:
                behaviour(connection, self.ended)
            except OSError:
                return


def say(*parts):
    return lambda connection, ended: connection.sendall(b"".join(parts))


def trickle(start):
    def behaviour(connection, ended):
        connection.sendall(start)
        while not ended.wait(0.1):
            connection.sendall(b" ")

    return behaviour


def freeze(connection, ended):
    ended.wait(300)


BODY = json.dumps(EXPERIMENT).encode()
OK = b"HTTP/1.1 200 OK\r\n"
GOOD = say(OK, JSON, b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(BODY), BODY)


@pytest.mark.parametrize("entry", [VARS, GOOGLE], ids=["MLflow", "a token server"])
@pytest.mark.parametrize(
    "behaviour",
    [
        freeze,
        trickle(OK + JSON + b"Content-Length: 100000\r\n\r\n{"),
        trickle(OK + JSON + b"X-Trickle: "),
        trickle(b""),
    ],
    ids=["frozen", "body", "header", "status"],
)
def test_an_answer_that_never_ends_is_given_up_and_the_words_say_when(baked_environment, behaviour, entry):
    """Each byte that arrives begins the timeouts of a socket again."""
    with RawServer(behaviour) as server:
        env = {**baked_environment, **needing(entry), "KDEPLOY_WAIT_SECONDS": "2"}
        begun = time.monotonic()
        result = run_runtime(["true"], {**env, "MLFLOW_TRACKING_URI": server.url, "GCE_METADATA_HOST": server.url})
        took = time.monotonic() - begun
    assert result.returncode == 78, result.stderr
    assert "does not respond" in result.stderr or "did not respond in time." in result.stderr
    (said,) = re.findall(r"Gave up after (\d+) s \(KDEPLOY_WAIT_SECONDS\)", result.stderr)
    assert 2 <= int(said) <= took


@pytest.mark.parametrize(
    "cut",
    [
        say(),
        say(b"HTTP/1.1 200 OK\r\nContent-Ty"),
        say(OK, JSON, b"Content-Length: %d\r\n\r\n" % len(BODY)),
        say(OK, JSON, b"Content-Length: %d\r\n\r\n" % len(BODY), BODY[:20]),
        say(OK, JSON, b"\r\n", BODY[:20]),
        say(OK, JSON, b"Connection: close\r\n\r\n"),
        say(OK, JSON, b"Transfer-Encoding: chunked\r\n\r\n%x\r\n" % len(BODY), BODY[:20]),
        say(b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 50\r\n\r\nno hea"),
    ],
    ids=["all", "in the headers", "body", "in the body", "no length", "no length, body", "in a chunk", "of a 503"],
)
def test_an_answer_that_is_cut_is_asked_for_again(baked_environment, cut):
    with RawServer(cut, cut, GOOD) as server:
        env = {**baked_environment, **needing(VARS), "MLFLOW_TRACKING_URI": server.url, "KDEPLOY_WAIT_SECONDS": "30"}
        result = run_runtime(["echo", "begun"], env)
    assert (result.returncode, result.stdout, result.stderr) == (0, "begun\n", "")
    assert server.asked == 3


def test_an_answer_that_is_cut_each_time_is_told(baked_environment):
    with RawServer(say(OK, JSON, b"\r\n", BODY[:20])) as server:
        env = {**baked_environment, **needing(VARS), "MLFLOW_TRACKING_URI": server.url, "KDEPLOY_WAIT_SECONDS": "0"}
        result = run_runtime(["true"], env)
    assert "broke off in the middle of its response. Gave up after 0 s (KDEPLOY_WAIT_SECONDS)." in result.stderr


@pytest.mark.parametrize("status", [408, 425, 429, 500, 501, 502, 503, 504, 507, 520, 522, 524, 527, 530, 599])
def test_a_status_that_may_pass_is_asked_again(status):
    assert is_transient(status)


@pytest.mark.parametrize("status", [200, 302, 400, 404, 409, 431, 505, 506, 508, 510, 511, 600])
def test_and_one_that_stays_is_not(status):
    assert not is_transient(status)


@pytest.mark.parametrize(
    ("answer", "asked"),
    [
        (Answer(501, b"<html>cannot do that now</html>"), 3),
        (Answer(522, b"error code: 522"), 3),
        (Answer.json(501, {"error_code": "NOT_IMPLEMENTED", "message": "never"}), 1),
        (Answer.json(500, {"error_code": "INTERNAL_ERROR", "message": "a database that is locked"}), 3),
        (Answer(505), 1),
    ],
)
@pytest.mark.parametrize("entry", [VARS, GOOGLE], ids=["MLflow", "a token server"])
def test_a_gateway_that_has_no_answer_now_is_asked_again(baked_environment, answer, asked, entry):
    calls = []

    def respond(request):
        calls.append(request)
        return answer if len(calls) < 3 else Answer.json(200, EXPERIMENT)

    with HttpServer(respond) as server:
        env = {**baked_environment, **needing(entry), "KDEPLOY_WAIT_SECONDS": "20"}
        env.update(MLFLOW_TRACKING_URI=server.url, GCE_METADATA_HOST=server.url)
        result = run_runtime(["true"], env)
    if entry is VARS:
        assert (result.returncode == 0) == (asked == 3), result.stderr
        assert len(calls) == asked
    else:  # that is no token, but it is an answer
        assert result.returncode == 78
        assert len(calls) == (3 if is_transient(answer.status) else 1)


@pytest.mark.parametrize("entry", [VARS, GOOGLE], ids=["MLflow", "a token server"])
def test_a_server_that_says_when_to_come_back_is_left_alone_until_then(baked_environment, entry):
    at = []

    def respond(request):
        at.append(time.monotonic())
        return Answer(503, b"", {"Retry-After": "2"}) if len(at) == 1 else Answer.json(200, EXPERIMENT)

    with HttpServer(respond) as server:
        env = {**baked_environment, **needing(entry), "KDEPLOY_WAIT_SECONDS": "20"}
        run_runtime(["true"], {**env, "MLFLOW_TRACKING_URI": server.url, "GCE_METADATA_HOST": server.url})
    assert at[1] - at[0] >= 1.9


@pytest.mark.parametrize(
    ("value", "least", "most"),
    [
        ("120", 120, 120),
        (" 0 ", 0, 0),
        ("9" * 400, 1e8, 1e9),
        ("soon", 0, 0),
        ("-5", 0, 0),
        ("", 0, 0),
        (None, 0, 0),
    ],
)
def test_when_to_come_back(value, least, most):
    assert least <= retry_after({} if value is None else {"Retry-After": value}) <= most


@pytest.mark.parametrize(("ahead", "least", "most"), [(3600, 3000, 3600), (-60, 0, 0)])
def test_when_to_come_back_may_be_a_date(ahead, least, most):
    # Not as a parameter, which is made long before a busy machine comes to this test.
    date = formatdate(time.time() + ahead, usegmt=True)
    assert least <= retry_after({"Retry-After": date}) <= most


def test_nobody_waits_longer_than_the_bound_because_a_server_says_so():
    patience = Patience(0.05)
    assert patience.pause(at_least=3600)
    assert not patience.pause()


def test_a_call_that_takes_too_long_is_left_behind_and_one_that_fails_fails():
    ended = threading.Event()
    with pytest.raises(TimeoutError):
        within(0.01, lambda: ended.wait(60))
    ended.set()
    assert within(60, lambda: 5) == 5
    with pytest.raises(KeyError):
        within(60, lambda: {}["x"])


@pytest.mark.parametrize("before", ["", "\n"])
def test_a_token_file_that_is_empty_for_an_instant_is_read_again(tmp_path, before):
    """Whoever writes a file anew empties it first."""
    kind, path = TokenFile(), write(tmp_path / "token", before)
    settings = kind.read({"type": "TokenFile", "path": str(path), "header": "Authorization"})
    writer = threading.Timer(0.2, lambda: write(path, "word\n"))
    writer.start()
    assert kind.check(settings, {}) == []
    writer.join()
    write(path, before)
    writer = threading.Timer(0.2, lambda: write(path, "word\n"))
    writer.start()
    assert kind.bearer_token(settings, {}).value() == "Bearer word"
    writer.join()
    write(path, before)
    assert "is empty" in kind.check(settings, {"KDEPLOY_WAIT_SECONDS": "0"})[0]
