"""A task that is told to stop (SIGTERM) stops within a second, and the run it logs to says so.

Python calls a signal's handler between two instructions of the main thread, and a node may spend minutes in one of
them (a fit, a query). So it is a thread of our own that acts, woken through a pipe by Python's handler in C.
"""

from __future__ import annotations

import contextlib
import functools
import os
import signal
import sys
import threading
from typing import TYPE_CHECKING

from kdeploy_runtime.execution import ends_by_us

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn

LIMIT = 0.8  # seconds for the words to MLflow: the orchestrator waits
EXIT_CODE = 128 + signal.SIGTERM

_record: Callable[[], None] | None = None
_is_watching = False


def when_told_to_stop(record: Callable[[], None] | None) -> None:
    """What is recorded from here on before the process ends; a handler of the user's stays what it is."""
    global _record
    _record = record
    if not _is_watching and threading.current_thread() is threading.main_thread():
        _watch()


def _watch() -> None:
    global _is_watching
    handler = signal.getsignal(signal.SIGTERM)
    if handler is not signal.SIG_DFL and not ends_by_us(handler):
        return
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    others = signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    if others != -1:
        signal.set_wakeup_fd(others)
        return
    threading.Thread(target=_stop_when_woken, args=(reader,), daemon=True).start()
    signal.signal(signal.SIGTERM, _leave_it_to_the_thread)
    _guard_forks()
    _is_watching = True


def _leave_it_to_the_thread(number: int, frame: object) -> None:
    """The node goes on until the process ends: to hold it here could hold a lock that the thread needs."""


def _stop_when_woken(reader: int) -> None:
    while True:
        signals = os.read(reader, 64)
        if signal.SIGTERM in signals and signal.getsignal(signal.SIGTERM) is _leave_it_to_the_thread:
            _stop()


def _stop() -> NoReturn:
    deadline = threading.Timer(LIMIT, _end)
    deadline.daemon = True
    deadline.start()
    with contextlib.suppress(Exception):  # what cannot be recorded stays what it was, and the process ends
        if _record is not None:
            _record()
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
    _end()


def _end() -> NoReturn:
    if "multiprocessing" in sys.modules:  # those of ParallelRunner would wait for ever
        import multiprocessing

        for child in multiprocessing.active_children():
            child.terminate()
    os._exit(EXIT_CODE)


_forking = threading.local()


@functools.cache  # what is registered, children inherit
def _guard_forks() -> None:
    os.register_at_fork(before=_hold_back, after_in_parent=_let_through, after_in_child=_forget)


def _hold_back() -> None:
    """Until a forked process has forgotten the pipe: told to stop before that, it would wake its parent."""
    _forking.mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})


def _let_through() -> None:
    signal.pthread_sigmask(signal.SIG_SETMASK, _forking.mask)


def _forget() -> None:
    """A process that was forked has no such thread, and whoever started it ends it by this signal."""
    global _is_watching, _record
    if signal.getsignal(signal.SIGTERM) is _leave_it_to_the_thread:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _is_watching, _record = False, None
    _let_through()
