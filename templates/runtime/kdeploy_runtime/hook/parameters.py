"""Tasks of one run log the same parameters, often in the same moment; MLflow's stores were not made for that.

Two that write one parameter at once can both be refused although they agree (kedro-mlflow#689). And when a task runs
again after a parameter was changed, MLflow keeps the first value: that is an error, or recorded, by the user's choice.
Without one, it is an error at a task's first try only: a retry would fail for ever, by what its first try logged.
"""

from __future__ import annotations

import logging
import os
import random
import time
from collections.abc import Callable, Sequence
from typing import Any

from kdeploy_runtime.orchestrators import is_retry

LOGGER = logging.getLogger("kdeploy")
CHOICE = "KDEPLOY_ON_CHANGED_PARAMETER"
FAIL, KEEP = "fail", "keep"
TAG = "kdeploy.changed_parameter."
TRIES = 4
SHORTEST_LIMIT = 250  # of what MLflow's versions cut values to


class ParameterChanged(Exception):
    """A task logs another value than one before it did, in the same run."""


def log_param(
    original: Callable[..., Any], client: Any, run_id: str, key: str, value: Any, *arguments: Any, **options: Any
) -> Any:
    """MLflow's own, and a second look where it refuses."""
    for attempt in range(TRIES):
        try:
            return original(client, run_id, key, value, *arguments, **options)
        except _mlflow_exception():
            logged = client.get_run(run_id).data.params
            if key in logged:
                _settle(client, run_id, {key: str(value)}, logged)
                return value
            if attempt == TRIES - 1:
                raise
            _let_the_other_go_first()
    return value


def log_batch(
    original: Callable[..., Any],
    client: Any,
    run_id: str,
    metrics: Sequence[Any] = (),
    params: Sequence[Any] = (),
    *arguments: Any,
    **options: Any,
) -> Any:
    """As ``log_param``, for many at once: those that are there already are left out the second time."""
    wanted = list(params or ())
    for attempt in range(TRIES):
        try:
            return original(client, run_id, metrics, wanted, *arguments, **options)
        except _mlflow_exception():
            logged = client.get_run(run_id).data.params if wanted else {}
            there = {param.key: str(param.value) for param in wanted if param.key in logged}
            _settle(client, run_id, there, logged)
            wanted = [param for param in wanted if param.key not in there]
            if attempt == TRIES - 1 or not params:
                raise
            _let_the_other_go_first()
    return None


def _settle(client: Any, run_id: str, wanted: dict[str, str], logged: dict[str, str]) -> None:
    changed = {key: value for key, value in wanted.items() if not _is_same(logged[key], value)}
    if not changed:
        return
    if (os.environ.get(CHOICE) or (KEEP if is_retry(os.environ) else FAIL)) != KEEP:
        listed = ", ".join(f"'{key}' is {_short(logged[key])} there, {_short(changed[key])} here" for key in changed)
        raise ParameterChanged(
            f"kdeploy: the tasks of the MLflow run {run_id} disagree about a parameter: {listed}. MLflow keeps the "
            "first value. Start a new execution (with another run key), so that its run has one set of parameters, or "
            f"set {CHOICE}={KEEP} to keep the first value and record the new one as a tag."
        )
    for key, value in changed.items():
        LOGGER.warning("The parameter '%s' was changed in a shared MLflow run: its first value is kept.", key)
        client.set_tag(run_id, TAG + key, value[:5000])


def _is_same(logged: str, value: str) -> bool:
    return logged == value or (len(logged) >= SHORTEST_LIMIT and value.startswith(logged))


def _short(value: str) -> str:
    return f"'{value}'" if len(value) <= 60 else f"'{value[:60]}…'"


def _let_the_other_go_first() -> None:
    time.sleep(random.uniform(0.02, 0.2))  # noqa: S311 - not a secret


def _mlflow_exception() -> type[Exception]:
    from mlflow.exceptions import MlflowException

    return MlflowException
