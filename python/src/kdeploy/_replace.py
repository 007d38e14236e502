"""Another program in the place of this process."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import NoReturn


def replace_process(command: Sequence[str], environment: Mapping[str, str]) -> NoReturn:
    """
    Runs a program, given by its path, and ends as it ends.

    It becomes this very process where that can be done: signals, terminal, input and exit code are then its own.
    """
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()
    if os.name == "nt":
        sys.exit(run_and_wait(command, environment))
    _restore_signals()
    os.execve(command[0], command, environment)


def _restore_signals() -> None:
    """Python ignores these for itself, and what is ignored stays so in the program and in what it starts."""
    import _signal  # `signal` would import `enum`

    for number in (_signal.SIGPIPE, _signal.SIGXFSZ):
        _signal.signal(number, _signal.SIG_DFL)


def run_and_wait(command: Sequence[str], environment: Mapping[str, str]) -> int:
    """
    For Windows, whose exec starts another process and ends this one at once, with success.

    Ctrl-C reaches all processes of a console: the program handles it, and this one waits for what it makes of it.
    """
    import signal
    import subprocess

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    exit_code = subprocess.Popen(command, env=environment).wait()
    # Windows has codes such as 0xC000013A, of which sys.exit takes those that fit a signed number.
    return exit_code - 2**32 if exit_code >= 2**31 else exit_code
