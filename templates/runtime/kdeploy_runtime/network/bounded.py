"""A call's timeouts are for silence: an answer that drips breaks none of them, nor does a name that nobody resolves."""

from __future__ import annotations

import queue
import threading
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

Result = TypeVar("Result")


def within(seconds: float, call: Callable[[], Result]) -> Result:
    """What the call returns or raises; TimeoutError when it takes longer, and whatever comes then is dropped."""
    outcome: queue.SimpleQueue[tuple[bool, Any]] = queue.SimpleQueue()

    def run() -> None:
        try:
            outcome.put((True, call()))
        except BaseException as error:  # noqa: BLE001 - the caller's to judge
            outcome.put((False, error))

    threading.Thread(target=run, daemon=True).start()
    try:
        has_returned, result = outcome.get(timeout=seconds)
    except queue.Empty:
        raise TimeoutError(f"no answer within {seconds:.0f} s") from None
    if has_returned:
        return result
    raise result
