"""The shared run as the task's own process finds and calls it: within the bound of a start, in a start's words."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, TypeVar

from kdeploy_runtime.shared_run.keys import find_run_key, given_run_id

if TYPE_CHECKING:
    from collections.abc import Callable

    from kdeploy_runtime.shared_run.run import Run, Runs

OURS = "KDEPLOY_SHARED_RUN_ID"  # for the processes that a runner starts: MLflow takes its own variable away

Result = TypeVar("Result")


def join_shared_run() -> Run | None:
    """The run that somebody else ends: named for this task, or found by the run key when the entrypoint was
    replaced (`command:` in a pod does that).
    """
    run_id = given_run_id(os.environ) or os.environ.get(OURS, "")
    key = "" if run_id or os.environ.get("KDEPLOY_UNTRACKED") else find_run_key(os.environ)
    if not (run_id or (key and os.environ.get("MLFLOW_EXPERIMENT_NAME"))):
        return None
    from kdeploy_runtime.preparation import join

    return reach(lambda runs: join(runs, os.environ, run_id, key or ""))


def reach(call: Callable[[Runs], Result]) -> Result:
    """What the call returns, which tries again within the bound; a Failure in words where it does not succeed."""
    from kdeploy_runtime.authentication.mlflow_provider import process_tokens
    from kdeploy_runtime.patience import Patience, wait_at_start
    from kdeploy_runtime.preparation import ON_UNREACHABLE, attempt
    from kdeploy_runtime.shared_run.opening import runs_of_this_process

    results: list[Result] = []
    patience = Patience(wait_at_start(os.environ))
    attempt(
        lambda: results.append(call(runs_of_this_process(patience))),
        {**os.environ, ON_UNREACHABLE: "fail"},
        process_tokens(),
    )
    return results[0]
