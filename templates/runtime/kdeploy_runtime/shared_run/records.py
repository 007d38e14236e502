"""What the first task writes on the shared run: parameters and tags that its command line names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kdeploy_runtime.failure import USAGE, Failure, say
from kdeploy_runtime.server.errors import ApiError
from kdeploy_runtime.shared_run import marks
from kdeploy_runtime.shared_run.joining import KEY

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kdeploy_runtime.shared_run.run import Run, Runs


def read_params(pairs: Sequence[str]) -> dict[str, str]:
    return _read(pairs, "--param")


def read_tags(pairs: Sequence[str]) -> dict[str, str]:
    return _read(pairs, "--tag")


def record(runs: Runs, run: Run, params: Mapping[str, str], tags: Mapping[str, str]) -> None:
    """Tags are set; a parameter can be written only once, and who comes second leaves it."""
    for name, value in params.items():
        kept = run.params.get(name)
        if kept is None:
            kept = _log(runs, run.run_id, name, value)
        if kept != value:
            say(f"the run keeps the first value of its parameter '{name}': it was started before, with another one.")
    runs.set_tags(run.run_id, tags)


def _log(runs: Runs, run_id: str, name: str, value: str) -> str:
    try:
        runs.log_param(run_id, name, value)
    except ApiError:
        logged = runs.get(run_id).params
        if name not in logged:
            raise
        return logged[name]
    return value


def _read(pairs: Sequence[str], flag: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        name = name.strip()
        if not name or not equals:
            raise Failure(USAGE, f"{flag} needs NAME=VALUE, for example: {flag} team=ml.")
        if name == KEY or name.startswith(marks.PREFIX):
            raise Failure(USAGE, f"{flag} {name}: kdeploy keeps this name for itself. Use another one.")
        found[name] = value
    return found
