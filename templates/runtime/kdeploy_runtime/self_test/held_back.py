"""Whatever would call somebody, or wait for somebody, is held back while the self-test fires hooks.

A hook may need a vault, a database or Spark at run time; at build time none of them is there, and none of them should
hear of a run that never happens.
"""

from __future__ import annotations

import contextlib
import signal
import sys
import threading
from collections.abc import Iterator
from typing import Any

CALLS = ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto")
_attempts: list[str] | None = None
_is_watching = False


class NetworkHeldBack(OSError):
    """Somebody wanted to call another program."""


class TookTooLong(Exception):
    """Somebody waits for what is not there."""


@contextlib.contextmanager
def network() -> Iterator[list[str]]:
    """No call leaves Python; yields the list of those that were attempted."""
    global _attempts, _is_watching
    if not _is_watching:  # an audit hook stays for good
        sys.addaudithook(_refuse_calls)
        _is_watching = True
    _attempts, before = [], _attempts
    try:
        yield _attempts
    finally:
        _attempts = before


def _refuse_calls(event: str, arguments: tuple[Any, ...]) -> None:
    if _attempts is None or event not in CALLS:
        return
    if event == "socket.connect" and isinstance(arguments[1], (str, bytes)):
        return  # a Unix socket
    _attempts.append(event)
    raise NetworkHeldBack("there is no network access while kdeploy loads the project")


@contextlib.contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raises TookTooLong; where signals cannot be had, there is no limit."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(*_: Any) -> None:
        raise TookTooLong(f"not done after {seconds:.0f} s")

    handler = signal.signal(signal.SIGALRM, stop)
    left, _ = signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, left)
        signal.signal(signal.SIGALRM, handler)
