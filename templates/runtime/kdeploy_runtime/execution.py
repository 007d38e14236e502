"""The orchestrator watches one process: it must be the task itself, same PID, signals and exit code."""

from __future__ import annotations

# `signal` would import `enum` for names that are not needed here; it is a shell around this module.
import _signal
import errno
import os

from kdeploy_runtime.failure import NOT_EXECUTABLE, NOT_FOUND, Failure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn


def execute(command: list[str]) -> NoReturn:
    """Becomes the command; if it cannot, says why with a shell's exit codes."""
    if not command[0]:
        raise Failure(NOT_FOUND, "the command is empty: pass the one to run, for example: kedro run")
    _restore_signals()
    try:
        os.execvp(command[0], command)
    except OSError as error:
        raise _explain(command[0], error) from error


def end_when_told_to() -> None:
    """A container's first process is ended by no signal that it has no handler for, and Python has one for SIGINT only;
    exec clears the handlers again. Where somebody handles a signal already, that stays.
    """
    for number, untouched in ((_signal.SIGTERM, _signal.SIG_DFL), (_signal.SIGINT, _signal.default_int_handler)):
        if _signal.getsignal(number) == untouched:
            _signal.signal(number, _end)


def ends_by_us(handler: object) -> bool:
    """Whether it is ours, or the one that `kdeploy.pth` sets in each Python that is a container's first process."""
    return handler is _end or "kdeploy" in (getattr(handler, "__kwdefaults__", None) or {})


def _end(number: int, frame: object) -> NoReturn:
    """With a shell's exit code for a program that was ended by the signal."""
    os._exit(128 + number)


def _restore_signals() -> None:
    """Python ignores these two for itself, and an ignored signal stays ignored in the next program."""
    for name in ("SIGPIPE", "SIGXFSZ"):
        number = getattr(_signal, name, None)
        if number is not None:
            _signal.signal(number, _signal.SIG_DFL)


def _explain(program: str, error: OSError) -> Failure:
    found = _find(program)
    if found is None:
        if os.sep in program:
            return Failure(NOT_FOUND, f"{program}: no such file in the image.")
        return Failure(NOT_FOUND, f"{program}: command not found. Check that it is installed in the image and on PATH.")
    if os.path.isdir(found):
        return Failure(NOT_EXECUTABLE, f"{found} is a directory, not a command.")
    if isinstance(error, FileNotFoundError):
        return Failure(
            NOT_EXECUTABLE,
            f"{found}: the interpreter in its shebang line is not in the image (or the line ends with CRLF).",
        )
    if isinstance(error, PermissionError):
        return Failure(NOT_EXECUTABLE, f"{found} is not executable by the image's user (missing chmod +x?).")
    if error.errno == errno.ENOEXEC:
        return Failure(
            NOT_EXECUTABLE,
            f"{found} is not a program for this platform. A script needs a shebang line such as #!/bin/sh.",
        )
    return Failure(NOT_EXECUTABLE, f"{found}: {error.strerror}.")


def _find(program: str) -> str | None:
    """The file that was meant. Folders on PATH that the image's user may not read contain nothing for it."""
    if os.sep in program:
        return program if os.path.lexists(program) else None
    for folder in os.get_exec_path():
        candidate = os.path.join(folder, program)
        if os.path.exists(candidate) and not os.path.isdir(candidate):
            return candidate
    return None
