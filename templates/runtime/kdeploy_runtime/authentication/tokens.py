"""A job runs for hours, its tokens for one: each request asks here for one that is still valid.

Safe in the threads of ThreadRunner and in the processes of ParallelRunner, forked or spawned. A failure is never
kept: the next request tries again.
"""

from __future__ import annotations

import base64
import json
import os
import threading
import time
from dataclasses import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

EARLIEST_RENEWAL = 300.0  # seconds before the end: clocks differ, and a request may wait in a queue
RENEWAL_PAUSE = 5.0  # between two renewals that a server's refusals ask for


class TokenError(Exception):
    """Why there is no token: its source, the reason, the remedy; never the secret."""

    def __init__(self, message: str, *, is_transient: bool = False, retry_after: float = 0.0) -> None:
        super().__init__(message)
        self.is_transient = is_transient
        self.retry_after = retry_after
        """Seconds that the source wants to be left alone."""


@dataclass(frozen=True)
class Token:
    value: str
    expires_at: float | None
    """Seconds since the epoch, by this machine's clock; None: valid until the next request."""

    def __repr__(self) -> str:
        return f"Token(***, expires_at={self.expires_at})"


class TokenCache:
    """One token, fetched when it is first needed, and again before it expires."""

    def __init__(self, fetch: Callable[[], Token], clock: Callable[[], float] = time.time) -> None:
        self._fetch = fetch
        self._clock = clock
        self._token: Token | None = None
        self._renew_at = 0.0
        self._fetched_at = 0.0
        self.sent: tuple[str, ...] = ()
        """The values handed out last, so that no message shows one."""
        self._failures = 0
        self._failure: TokenError | None = None
        self._lock = threading.Lock()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._after_fork)

    def token(self) -> str:
        """The value to send now; raises TokenError."""
        token = self._token
        if token is not None and self._clock() < self._renew_at:
            return token.value
        failures = self._failures
        with self._lock:
            if self._token is not None and self._clock() < self._renew_at:
                return self._token.value
            if self._failures != failures and self._failure is not None:
                raise self._failure  # it failed while we waited for it: one bound for all threads, not one each
            return self._renew()

    def renew(self, refused: str) -> str:
        """Another token than the refused one, where there is one; else the same."""
        with self._lock:
            if self._token is None or self._token.value != refused:
                return self._renew() if self._token is None else self._token.value
            if self._clock() - self._fetched_at < RENEWAL_PAUSE:
                return refused
            return self._renew()

    def _renew(self) -> str:
        try:
            token = self._fetch()
        except TokenError as error:
            if self._is_still_good():
                return self._token.value  # type: ignore[union-attr]
            self._failure = error
            self._failures += 1
            raise
        now = self._clock()
        self._token, self._fetched_at = token, now
        self.sent = (token.value, *self.sent[:2])
        if token.expires_at is None:
            self._renew_at = now
        else:
            left = token.expires_at - now
            # a metadata server hands out the token it has: one that ends soon is used for most of what is left
            self._renew_at = token.expires_at - min(EARLIEST_RENEWAL, left / 4)
        return token.value

    def _is_still_good(self) -> bool:
        token = self._token
        return token is not None and token.expires_at is not None and self._clock() < token.expires_at - 1

    def _after_fork(self) -> None:
        self._lock = threading.Lock()  # the parent's may be held by a thread that is not here


def expiry_of(jwt: str) -> float | None:
    """When a JSON web token expires, by its own claims; None when they cannot be read."""
    parts = jwt.split(".")
    if len(parts) != 3:
        return None
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
        return float(claims["exp"])
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
        return None


def id_token(value: str, source: str, clock: Callable[[], float] = time.time) -> Token:
    """A fresh ID token, which must have an expiry, and one in the future."""
    expires_at = expiry_of(value)
    if expires_at is None:
        raise TokenError(f"{source} responded with something that is not an ID token.")
    late = clock() - expires_at
    if late >= 0:
        raise TokenError(
            f"{source} issued a token that expired {late:.0f} s ago by this container's clock: "
            "check the clock of the machine."
        )
    return Token(value, expires_at)
