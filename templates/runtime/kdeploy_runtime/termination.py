"""A container's first process is ended by no signal that it has no handler for, and Python has one for SIGINT only."""

from __future__ import annotations

# `signal` would import `enum` for names that are not needed here; it is a shell around this module.
import _signal
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn


def end(number: int, frame: object) -> NoReturn:
    """A handler: the exit code is a shell's for a program that was ended by the signal."""
    os._exit(128 + number)


def end_when_told_to() -> None:
    """Unless somebody handles the signals already; exec clears the handlers again."""
    for number, untouched in ((_signal.SIGTERM, _signal.SIG_DFL), (_signal.SIGINT, _signal.default_int_handler)):
        if _signal.getsignal(number) == untouched:
            _signal.signal(number, end)


def ends_by_us(handler: object) -> bool:
    """Whether it is ``end``, or the one that `kdeploy.pth` sets in each Python that is a container's first process."""
    return handler is end or "kdeploy" in (getattr(handler, "__kwdefaults__", None) or {})
