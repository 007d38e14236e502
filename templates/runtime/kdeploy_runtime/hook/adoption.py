"""Makes kedro-mlflow log to the shared run by its own settings: the id, the name, the experiment of ``mlflow.yml``."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from kdeploy_runtime.hook import guard

if TYPE_CHECKING:
    from kdeploy_runtime.shared_run.run import Run


def adopt(run: Run, config: Any) -> None:
    """``config`` is kedro-mlflow's, None where the project goes without it (MLFLOW_RUN_ID then does the same)."""
    guard.keep_open(run.run_id)
    if config is None:
        os.environ["MLFLOW_RUN_ID"] = run.run_id
        return
    config.tracking.run.id = run.run_id
    config.tracking.run.name = run.name  # it renames the run to this, at each task
    experiment = config.tracking.experiment
    active = getattr(experiment, "_experiment", None)
    if active is None or active.experiment_id == run.experiment_id:
        return
    import mlflow

    # mlflow.yml names another experiment than the image was built for: MLflow would refuse to go on with the run
    experiment._experiment = mlflow.set_experiment(experiment_id=run.experiment_id)


def enter(run_id: str) -> None:
    """Makes the shared run the active one of this thread, where none is."""
    import mlflow

    guard.keep_open(run_id)
    if mlflow.active_run() is not None:
        return
    mlflow.start_run(run_id=run_id)
