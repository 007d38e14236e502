"""``finish-run``: the last task says how it ended, for no task can know that it is the last."""

from __future__ import annotations

import os
from typing import Any

from kdeploy_runtime.failure import CONFIGURATION, TASKS_FAILED, USAGE, Failure, say
from kdeploy_runtime.preparation import EXPERIMENT, attempt, authenticate, get_run, reach_runs
from kdeploy_runtime.shared_run import marks
from kdeploy_runtime.shared_run.joining import find_shared_run
from kdeploy_runtime.shared_run.keys import (
    RUN_ID,
    RUN_KEY,
    check_run_id,
    check_run_key,
    expected_task_key,
    find_run_key,
    given_run_id,
)
from kdeploy_runtime.shared_run.page import page_of
from kdeploy_runtime.shared_run.run import FAILED, FINAL, FINISHED, Run, Runs
from kdeploy_runtime.start_run import expect_tracking, report


def finish_run(arguments: list[str]) -> int:
    """Sets the final status; FINISHED becomes FAILED when a task failed and was not tried again with success, or when
    one that is expected left no mark of its success.

    Returns 0 also then, for the run was ended as it should; with ``--fail``, 1 whenever it is FAILED.
    """
    import argparse

    parser = argparse.ArgumentParser(
        prog="python -m kdeploy_runtime finish-run",
        description="End the shared MLflow run. FINISHED becomes FAILED if one of its tasks failed or was killed.",
    )
    parser.add_argument("--status", required=True, choices=FINAL)
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--run-id", metavar="ID", help=f"default: {RUN_ID}")
    which.add_argument("--run-key", metavar="KEY", help=f"default: {RUN_KEY}, or the key from the orchestrator")
    parser.add_argument(
        "--expect",
        metavar="TASK_KEY",
        action="append",
        default=[],
        help=f"a task that must have succeeded, as in its KDEPLOY_TASK_KEY; it needs {marks.EXPECTED}=1 (repeatable)",
    )
    parser.add_argument("--fail", action="store_true", help="exit with 1 if the run is set to FAILED")
    parser.add_argument("--json", action="store_true", help="print one JSON document as the last line")
    parser.add_argument("--output", metavar="FILE", help="also write the JSON to this file")
    options = parser.parse_args(arguments)
    expect_tracking(os.environ)
    run_id, key = _which(options.run_id, options.run_key)
    expected = [expected_task_key(task_key, "--expect") for task_key in options.expect]

    tokens = authenticate(os.environ)
    document: dict[str, Any] = {"run_id": "", "status": "", "unfinished_tasks": [], "url": ""}

    def reach() -> None:
        runs = reach_runs(os.environ, tokens)
        run = get_run(runs, run_id) if run_id else _find(runs, key)
        unfinished = marks.unfinished(run.tags, expected)
        status = FAILED if unfinished and options.status == FINISHED else options.status
        runs.set_status(run.run_id, status)
        document.update(run_id=run.run_id, status=status, unfinished_tasks=unfinished, url=page_of(run, os.environ))

    if not attempt(reach, os.environ, tokens):
        say("the run's status was not set (mlflow.on_unreachable is warn).")
    elif document["status"] != options.status:
        say(f"the run is {FAILED}, not {FINISHED}: {'; '.join(document['unfinished_tasks'])}.")
    report(document, document["status"], as_json=options.json, output=options.output)
    return TASKS_FAILED if options.fail and document["status"] == FAILED else 0


def _which(run_id: str | None, run_key: str | None) -> tuple[str, str]:
    """The ID of the run, or its key; the other is empty."""
    if run_key is not None:
        return "", check_run_key(run_key, "--run-key")
    run_id = check_run_id(run_id, "--run-id") if run_id else given_run_id(os.environ)
    if run_id:
        return run_id, ""
    key = find_run_key(os.environ)
    if not key:
        raise Failure(USAGE, f"no run given: pass --run-id or --run-key, or set {RUN_ID} or {RUN_KEY}.")
    return "", key


def _find(runs: Runs, key: str) -> Run:
    experiment = os.environ.get(EXPERIMENT)
    if not experiment:
        raise Failure(CONFIGURATION, f"{EXPERIMENT} is not set: build the image with kdeploy, or pass it.")
    experiment_id = runs.find_experiment(experiment)
    run = find_shared_run(runs, experiment_id, key) if experiment_id else None
    if run is None:
        raise Failure(
            CONFIGURATION, f"no run with the run key '{key}' exists in the experiment '{experiment}': nothing to end."
        )
    return run
