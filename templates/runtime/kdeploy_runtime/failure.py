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
