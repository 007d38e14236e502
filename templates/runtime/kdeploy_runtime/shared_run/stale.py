"""Runs that nobody is going to end: Airflow's ``dagrun_timeout`` skips what is left of a DAG run, its last task too.

The first task of the next DAG run ends them. A run that was opened again, for a task that was cleared, begins anew.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from kdeploy_runtime.failure import USAGE, Failure, say
from kdeploy_runtime.server.errors import ApiError
from kdeploy_runtime.shared_run.joining import KEY
from kdeploy_runtime.shared_run.run import KILLED, REOPENED, RUNNING, Run
from kdeploy_runtime.shared_run.trace import trace_tags

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kdeploy_runtime.shared_run.run import Runs

DAG_ID = "kdeploy.airflow.dag_id"


def expect_dag_id(environ: Mapping[str, str]) -> str:
    """The DAG whose runs carry the same tag."""
    dag_id = trace_tags(environ).get(DAG_ID)
    if not dag_id:
        raise Failure(
            USAGE,
            "--end-older-than needs to know the DAG: pass AIRFLOW_CTX_DAG_ID and AIRFLOW_CTX_DAG_RUN_ID, or a run key "
            "such as '{{ dag.dag_id }}/{{ run_id }}'.",
        )
    return dag_id


def end_stale_runs(runs: Runs, own: Run, dag_id: str, seconds: float) -> None:
    """Those of the own run's experiment. One that cannot be ended is none of this task's business."""
    for run in runs.search(own.experiment_id, DAG_ID, dag_id, RUNNING):
        if run.run_id == own.run_id or KEY not in run.params or time.time() - _began(run) <= seconds:
            continue
        try:
            runs.set_status(run.run_id, KILLED)
            say(f"ended the run {run.run_id} as {KILLED}: it began over {seconds:.0f} s ago, and was {RUNNING} still.")
        except ApiError as error:
            say(f"the run {run.run_id} is still {RUNNING}, and could not be ended ({error}).")


def _began(run: Run) -> float:
    reopened = run.tags.get(REOPENED, "")
    return max(run.start_time, int(reopened) if reopened.isdecimal() else 0) / 1000
