"""``start-run``: the first task of a pipeline creates the run, so that its name and tags exist before any work."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

from kdeploy_runtime.failure import CONFIGURATION, USAGE, Failure, say
from kdeploy_runtime.preparation import EXPERIMENT, attempt, authenticate, join, reach_runs
from kdeploy_runtime.shared_run.keys import RUN_ID, RUN_KEY, check_run_key, find_run_key, given_run_id
from kdeploy_runtime.shared_run.opening import TRACKING_URI
from kdeploy_runtime.shared_run.page import page_of
from kdeploy_runtime.shared_run.records import read_params, read_tags, record
from kdeploy_runtime.shared_run.run import Run
from kdeploy_runtime.shared_run.stale import end_stale_runs, expect_dag_id

if TYPE_CHECKING:
    from collections.abc import Mapping


def start_run(arguments: list[str]) -> int:
    """Prints the ID of the existing run or of a new one."""
    import argparse

    parser = argparse.ArgumentParser(
        prog="python -m kdeploy_runtime start-run",
        description="Find the MLflow run for the run key, or create it, and print its ID.",
    )
    parser.add_argument("--run-key", metavar="KEY", help=f"default: {RUN_KEY}, or the key from the orchestrator")
    parser.add_argument(
        "--param",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        help="log this parameter, unless the run has it already (repeatable)",
    )
    parser.add_argument(
        "--tag", metavar="NAME=VALUE", action="append", default=[], help="set this tag of the run (repeatable)"
    )
    parser.add_argument(
        "--end-older-than",
        metavar="SECONDS",
        type=_seconds,
        help="also end runs of the same Airflow DAG (KILLED) that began earlier than this and are still RUNNING",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON document as the last line")
    parser.add_argument(
        "--output", metavar="FILE", help="also write the JSON to this file, for example /airflow/xcom/return.json"
    )
    options = parser.parse_args(arguments)
    params, tags = read_params(options.param), read_tags(options.tag)
    expect_tracking(os.environ)
    if options.run_key is not None:
        os.environ[RUN_KEY] = check_run_key(options.run_key, "--run-key")
        os.environ.pop(RUN_ID, None)
    run_id = given_run_id(os.environ)
    key = "" if run_id else _expect_key()
    dag_id = expect_dag_id(os.environ) if options.end_older_than is not None else ""

    tokens = authenticate(os.environ)
    run: Run | None = None

    def reach() -> None:
        nonlocal run
        runs = reach_runs(os.environ, tokens)
        run = join(runs, os.environ, run_id, key)
        record(runs, run, params, tags)
        if options.end_older_than is not None:
            end_stale_runs(runs, run, dag_id, options.end_older_than)

    if not attempt(reach, os.environ, tokens):
        say("no run was started (mlflow.on_unreachable is warn): the run ID is empty.")
    report(as_document(run), run.run_id if run else "", as_json=options.json, output=options.output)
    return 0


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 < seconds < float("inf"):
        raise ValueError(text)
    return seconds


def _expect_key() -> str:
    key = find_run_key(os.environ)
    if key is None:
        raise Failure(USAGE, f"no run key: pass --run-key, or set {RUN_KEY} to the name of the execution.")
    if not os.environ.get(EXPERIMENT):
        raise Failure(CONFIGURATION, f"{EXPERIMENT} is not set: build the image with kdeploy, or pass it.")
    return key


def as_document(run: Run | None) -> dict[str, Any]:
    """What ``--json`` prints; fields are only ever added."""
    if run is None:
        return {"run_id": "", "experiment_id": "", "run_name": "", "url": ""}
    return {
        "run_id": run.run_id,
        "experiment_id": run.experiment_id,
        "run_name": run.name,
        "url": page_of(run, os.environ),
    }


def expect_tracking(environ: Mapping[str, str]) -> None:
    if not environ.get(TRACKING_URI):
        raise Failure(CONFIGURATION, f"{TRACKING_URI} is not set: build the image with kdeploy, or pass it.")


def report(document: dict[str, Any], line: str, *, as_json: bool, output: str | None) -> None:
    """On stdout, and in the file where one was asked for; on stdout first, for the file may not be writable."""
    print(json.dumps(document) if as_json else line, flush=True)
    if not output:
        return
    try:
        os.makedirs(os.path.dirname(output) or ".", exist_ok=True)
        with open(output, "w", encoding="utf-8") as file:
            json.dump(document, file)
    except OSError as error:
        raise Failure(
            CONFIGURATION,
            f"{output} (--output) cannot be written: {error.strerror}. The run is there, with the ID "
            f"{document['run_id'] or '(none)'}. Mount a folder that the image's user may write to.",
        ) from error
