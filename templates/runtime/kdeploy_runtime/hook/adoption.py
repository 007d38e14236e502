"""Makes kedro-mlflow log to the shared run by its own settings: the id, the name, the experiment of ``mlflow.yml``."""

from __future__ import annotations

import os
from typing import Any

from kdeploy_runtime.failure import CONFIGURATION, Failure
from kdeploy_runtime.hook import guard


def adopt(run_id: str, config: Any) -> None:
    """``config`` is kedro-mlflow's, None where the project goes without it (MLFLOW_RUN_ID then does the same)."""
    import mlflow

    guard.keep_open(run_id)
    if config is None:
        os.environ["MLFLOW_RUN_ID"] = run_id
        return
    try:
        run = mlflow.MlflowClient().get_run(run_id)
    except mlflow.exceptions.MlflowException as error:
        message = f"the MLflow run '{run_id}' of this task cannot be read: {error.message}"
        raise Failure(CONFIGURATION, message) from error
    config.tracking.run.id = run_id
    config.tracking.run.name = run.info.run_name  # it renames the run to this, at each task
    experiment = config.tracking.experiment
    active = getattr(experiment, "_experiment", None)
    if active is None or active.experiment_id == run.info.experiment_id:
        return
    # mlflow.yml names another experiment than the image was built for: MLflow would refuse to go on with the run
    experiment._experiment = mlflow.set_experiment(experiment_id=run.info.experiment_id)


def enter(run_id: str) -> None:
    """Makes the shared run the active one of this thread, where none is."""
    import mlflow

    guard.keep_open(run_id)
    if mlflow.active_run() is not None:
        return
    mlflow.start_run(run_id=run_id)
