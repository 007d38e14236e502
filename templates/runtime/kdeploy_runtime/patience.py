"""A server that is being restarted deserves a wait, one that is gone for good does not: each wait has an end."""

from __future__ import annotations

import random
import time

from kdeploy_runtime.failure import CONFIGURATION, Failure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

VARIABLE = "KDEPLOY_WAIT_SECONDS"
AT_START = 60.0  # for MLflow
FOR_A_TOKEN = 20.0  # a node waits for it too, and so does every thread of the task
LONGEST_PAUSE = 5.0
FOR_A_FIRST_TRY = 3.0  # of each call, also where nothing is to be waited for


def wait_at_start(environ: Mapping[str, str]) -> float:
    """How many seconds a task waits at its start for MLflow to answer."""
    text = environ.get(VARIABLE, "")
    try:
        seconds = float(text) if text else AT_START
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds < float("inf"):
        raise Failure(CONFIGURATION, f"{VARIABLE} is not a number of seconds: '{text}'.")
    return seconds


def wait_for_a_token(environ: Mapping[str, str]) -> float:
    """How many seconds one request for a token may take, its retries included."""
    return min(FOR_A_TOKEN, wait_at_start(environ))


def retry_after(headers: Mapping[str, str]) -> float:
    """How many seconds a server wants to be left alone (RFC 9110, 10.2.3); 0 where it does not say."""
    value = headers.get("Retry-After", "").strip()
    if value.isdecimal():
        return float(value[:9])
    from email.utils import parsedate_to_datetime

    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except (TypeError, ValueError, OverflowError):
        return 0.0


class Patience:
    """Pauses that grow, and differ among containers that started together, until the time is over."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = time.monotonic() + seconds
        self._pause = 0.1

    def for_a_try(self, is_first: bool = True) -> float:
        """How many seconds the next try may take, all of it."""
        return max(self._end - time.monotonic(), FOR_A_FIRST_TRY if is_first else 0.1)

    def pause(self, at_least: float = 0.0) -> bool:
        """Waits for the next try, as long as a server asked for; False, at once, when there is none."""
        left = self._end - time.monotonic()
        if left <= 0:
            return False
        time.sleep(min(left, max(at_least, self._pause * random.uniform(0.7, 1.3))))  # noqa: S311 - not a secret
        self._pause = min(LONGEST_PAUSE, self._pause * 1.7)
        return True
