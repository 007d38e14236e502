"""Why a project cannot be described: what raised, where in the project's code, and what to do."""

from __future__ import annotations

import os
import re
import traceback

from kdeploy_runtime.redaction.addresses import redact_addresses
from kdeploy_runtime.self_test.explanation import describe, hint_for
from kdeploy_runtime.self_test.held_back import NetworkHeldBack

OFFLINE = (
    "kdeploy loads the pipelines without network access: move what calls another program out of the modules of the "
    "pipelines and into a node, a dataset or a hook."
)
OF_THE_PROJECT = "`kedro run` in the image fails in the same way: fix the project, and build again."


class Undescribable(Exception):
    """The project was loaded, and holds something that no task could be made of."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


class PipelineNotImported(Exception):
    """Kedro only warns of it, and the pipeline, with its part of the default one, is missing from every run."""

    def __init__(self, module: str, reason: str) -> None:
        super().__init__(f"the pipeline {module} cannot be imported: {reason}")
        self.hint = "Kedro would leave it out of every run in silence: fix it, or remove it from the project."


def as_document(error: BaseException) -> dict[str, str]:
    """``{type, message, hint}``, without secrets in addresses."""
    reason = _reason(error)
    found = describe(reason)
    place = "" if isinstance(reason, SyntaxError) else _place(reason)  # it names its own
    if reason is not error:
        found["message"] = f"{describe(error)['message'].rstrip('.')}: {found['type']}: {found['message']}"
    hint = hint_for(error) or hint_for(reason) or (OFFLINE if _wanted_network(error) else OF_THE_PROJECT)
    return {
        "type": found["type"],
        "message": redact_addresses(found["message"].replace(_here(), "") + place),
        "hint": redact_addresses(hint),
    }


def import_failure(warning: str) -> PipelineNotImported | None:
    """What a warning of ``find_pipelines`` says, if it says that a module could not be imported."""
    found = re.match(r"An error occurred while importing the '([^']+)' module", warning)
    if found is None:
        return None
    lines = [line.strip() for line in warning.splitlines() if line.strip()]
    return PipelineNotImported(found.group(1), lines[-1] if len(lines) > 1 else "it raised an error")


def _reason(error: BaseException) -> BaseException:
    """The first of those that were raised because of it; Kedro's own ImportError says only which module it was."""
    while error.__cause__ is not None and type(error).__name__ == "ImportError":
        error = error.__cause__
    return error


def _wanted_network(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, NetworkHeldBack):
            return True
        error = error.__cause__ or error.__context__
    return False


def _place(error: BaseException) -> str:
    """The last line of the project's own code on the way to the error."""
    here = _here()
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        file = os.path.realpath(frame.filename)
        if file.startswith(here) and "site-packages" not in file:
            return f" ({file[len(here) :]}, line {frame.lineno})"
    return ""


def _here() -> str:
    return os.path.realpath(os.getcwd()) + os.sep
