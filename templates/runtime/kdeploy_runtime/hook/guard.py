"""Whoever ends the shared run from inside a task ends it for all the others, who are still at work.

kedro-mlflow ends it after its pipeline, MLflow once more when Python exits, in each process of ParallelRunner too.
Undone afterwards, the run would be FINISHED for a moment, and stay so when the task is killed in that moment. So
MLflow's client, in this process and for this one run, does not end it.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from typing import Any

from kdeploy_runtime.hook import parameters

LOGGER = logging.getLogger("kdeploy")
_MARK = "_kdeploy_guard"
_shared_runs: set[str] = set()


def keep_open(run_id: str) -> None:
    """From here on, nothing in this process ends the run, and its parameters may be logged by many at once."""
    from mlflow.tracking import MlflowClient

    _shared_runs.add(run_id)
    if hasattr(MlflowClient.set_terminated, _MARK):
        return
    MlflowClient.set_terminated = _guarded(MlflowClient.set_terminated, _stay_open)
    MlflowClient.log_param = _guarded(MlflowClient.log_param, parameters.log_param)
    MlflowClient.log_batch = _guarded(MlflowClient.log_batch, parameters.log_batch)


def _guarded(original: Callable[..., Any], instead: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def method(client: Any, run_id: str, *arguments: Any, **options: Any) -> Any:
        if run_id not in _shared_runs:
            return original(client, run_id, *arguments, **options)
        return instead(original, client, run_id, *arguments, **options)

    setattr(method, _MARK, True)
    return method


def _stay_open(original: Callable[..., Any], client: Any, run_id: str, *_: Any, **__: Any) -> None:
    LOGGER.debug("The MLflow run %s is shared and stays open until finish-run.", run_id)
