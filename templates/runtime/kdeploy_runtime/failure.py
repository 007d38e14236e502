"""A task that cannot be tracked must stop in its first second, with one sentence and its own exit code."""

from __future__ import annotations

TASKS_FAILED = 1  # by choice, when a run ends as FAILED
USAGE = 2  # as kdeploy itself: wrong usage
CONFIGURATION = 78  # EX_CONFIG of sysexits.h: the container was set up wrongly, the task never began
NOT_EXECUTABLE = 126  # as a shell
NOT_FOUND = 127  # as a shell


def hush_libraries() -> None:
    """Before the task, warnings of libraries do not concern its user: that this Python is old, for example."""
    import sys
    import warnings

    if not sys.warnoptions:
        warnings.simplefilter("ignore")


class Failure(Exception):
    """Carries the sentence for the user; printed once, by ``main``. Never put a variable's value in it."""

    def __init__(self, exit_code: int, message: str) -> None:
        super().__init__(message)
        self.exit_code = exit_code


def report(error: Exception) -> int:
    """Says in one line why the command does not begin, or was not carried out; returns the exit code."""
    failure = error if isinstance(error, Failure) else _unforeseen(error)
    say(str(failure))
    return failure.exit_code


def say(sentence: str) -> None:
    """On stderr, in one line: what a server said in it moves no cursor and begins no line that a CI system obeys."""
    import sys

    sys.stderr.write("kdeploy: " + "".join(map(_harmless, sentence)) + "\n")


def _harmless(character: str) -> str:
    return character if character.isprintable() else " "


def _unforeseen(error: Exception) -> Failure:
    if isinstance(error, ModuleNotFoundError):
        return Failure(CONFIGURATION, f"tracking needs the package {error.name}, which is not in the image.")
    from kdeploy_runtime.redaction.words import redact_words

    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = f", {trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else ""
    said = redact_words(str(error))
    words = f"{type(error).__name__}: {said}" if said else type(error).__name__
    return Failure(CONFIGURATION, f"stopped by an error that kdeploy did not expect: {words}{where}. Please report it.")
