"""A job runs for hours, its tokens for one: when a token is kept, when it is renewed, and what if it cannot be."""

from __future__ import annotations

import base64
import json
import os
import threading

import pytest
from kdeploy_runtime.authentication.tokens import Token, TokenCache, TokenError, expiry_of, id_token

HOUR = 3600.0


class Source:
    """Gives numbered tokens by a clock that the test turns."""

    def __init__(self, lifetime: float | None = HOUR) -> None:
        self.now = 1000.0
        self.lifetime = lifetime
        self.fetched = 0
        self.failure: TokenError | None = None

    def fetch(self) -> Token:
        self.fetched += 1
        if self.failure is not None:
            raise self.failure
        return Token(f"t{self.fetched}", None if self.lifetime is None else self.now + self.lifetime)

    def cache(self) -> TokenCache:
        return TokenCache(self.fetch, clock=lambda: self.now)


@pytest.mark.parametrize(
    ("lifetime", "after", "fetched"),
    [
        (HOUR, 0, 1),
        (HOUR, HOUR - 301, 1),
        (HOUR, HOUR - 299, 2),  # five minutes before the end
        (4, 2.9, 1),
        (4, 3.1, 2),  # a short life: a quarter of it
        (None, 0, 2),  # TokenFile: read each time
    ],
)
def test_a_token_is_renewed_before_it_ends(lifetime, after, fetched):
    source = Source(lifetime)
    cache = source.cache()
    assert cache.token() == "t1"
    source.now += after
    assert cache.token() == f"t{fetched}"
    assert source.fetched == fetched


def test_a_metadata_servers_old_token_is_not_asked_for_at_every_request():
    """It hands out the token it has, until shortly before that ends."""
    source = Source(lifetime=200)  # less than the five minutes
    cache = source.cache()
    for _ in range(10):
        cache.token()
        source.now += 10
    assert source.fetched == 1


def test_a_failure_is_not_kept():
    source = Source()
    source.failure = TokenError("no")
    cache = source.cache()
    for _ in range(2):
        with pytest.raises(TokenError):
            cache.token()
    source.failure = None
    assert cache.token() == "t3"


def test_a_token_that_is_still_good_outlives_a_failed_renewal():
    source = Source()
    cache = source.cache()
    cache.token()
    source.failure = TokenError("the issuer is down")
    source.now += HOUR - 60
    assert cache.token() == "t1"
    source.now += 61
    with pytest.raises(TokenError, match="down"):
        cache.token()


def test_a_refused_token_is_renewed_once_and_then_not_at_every_refusal():
    source = Source()
    cache = source.cache()
    assert cache.token() == "t1"
    source.now += 60
    assert cache.renew("t1") == "t2"
    assert cache.renew("t1") == "t2", "another thread was refused with the old one"
    assert cache.renew("t2") == "t2", "a wrong audience is refused for ever"
    assert source.fetched == 2


def test_twenty_threads_wait_for_one_fetch():
    gate, source = threading.Event(), Source()
    cache = TokenCache(lambda: (gate.wait(5), source.fetch())[1], clock=lambda: source.now)
    tokens: list[str] = []
    threads = [threading.Thread(target=lambda: tokens.append(cache.token())) for _ in range(20)]
    for thread in threads:
        thread.start()
    gate.set()
    for thread in threads:
        thread.join(5)
    assert (tokens, source.fetched) == (["t1"] * 20, 1)


def test_threads_that_waited_for_a_failure_share_it():
    """Else the last of twenty would fail twenty bounds later."""
    gate, source = threading.Event(), Source()
    source.failure = TokenError("down")
    cache = TokenCache(lambda: (gate.wait(5), source.fetch())[1])
    errors: list[str] = []

    def ask() -> None:
        try:
            cache.token()
        except TokenError as error:
            errors.append(str(error))

    threads = [threading.Thread(target=ask) for _ in range(20)]
    for thread in threads:
        thread.start()
    gate.set()
    for thread in threads:
        thread.join(5)
    assert errors == ["down"] * 20
    assert source.fetched < 20


def test_a_process_forked_while_a_token_is_fetched_does_not_wait_for_ever():
    inside, gate, source = threading.Event(), threading.Event(), Source()

    def fetch() -> Token:
        if os.getpid() == parent:
            inside.set()
            gate.wait(10)
        return source.fetch()

    parent = os.getpid()
    cache = TokenCache(fetch)
    thread = threading.Thread(target=cache.token)
    thread.start()
    assert inside.wait(5)
    child = os.fork()
    if child == 0:
        import signal

        signal.alarm(5)
        os._exit(0 if cache.token() == "t1" else 1)
    status = os.waitpid(child, 0)[1]
    gate.set()
    thread.join(5)
    assert os.waitstatus_to_exitcode(status) == 0


def jwt(claims: object) -> str:
    part = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"header.{part}.signature"


@pytest.mark.parametrize(
    ("text", "expiry"),
    [
        (jwt({"exp": 1700000000}), 1700000000.0),
        (jwt({"exp": 1700000000.5}), 1700000000.5),
        (jwt({}), None),
        (jwt({"exp": "soon"}), None),
        (jwt([]), None),
        ("opaque", None),
        ("a.b.c", None),
        ("a.ü.c", None),
    ],
)
def test_a_token_says_when_it_ends(text, expiry):
    assert expiry_of(text) == expiry


def test_a_token_that_has_ended_already_is_a_matter_of_clocks():
    with pytest.raises(TokenError, match=r"expired 100 s ago by this container's clock"):
        id_token(jwt({"exp": 900}), "Google", clock=lambda: 1000.0)


def test_a_token_is_not_shown_by_accident():
    assert "t1" not in repr(Token("t1", 1.0))
