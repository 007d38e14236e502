"""How mlflow.yml wants its experiment created: kdeploy may come before kedro-mlflow, and must do the same.

``KDEPLOY_EXPERIMENT_OPTIONS`` is JSON, written by ``kdeploy build`` from ``tracking.experiment``; all keys optional::

    {"artifact_location": "gs://bucket/mlflow", "tags": {"team": "ml"}, "restore_if_deleted": true}
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kdeploy_runtime.failure import CONFIGURATION, Failure

if TYPE_CHECKING:
    from collections.abc import Mapping

VARIABLE = "KDEPLOY_EXPERIMENT_OPTIONS"


@dataclass(frozen=True)
class ExperimentOptions:
    artifact_location: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    restore_if_deleted: bool = True


def read_experiment_options(environ: Mapping[str, str]) -> ExperimentOptions:
    """kedro-mlflow's defaults where the variable is absent."""
    text = environ.get(VARIABLE)
    if not text:
        return ExperimentOptions()
    try:
        document: dict[str, Any] = json.loads(text)
        return ExperimentOptions(
            artifact_location=document.get("artifact_location"),
            tags={str(key): str(value) for key, value in (document.get("tags") or {}).items()},
            restore_if_deleted=document.get("restore_if_deleted", True) is not False,
        )
    except (ValueError, AttributeError) as error:
        raise Failure(CONFIGURATION, f"{VARIABLE} is not a JSON object: build the image again.") from error


def expect_restorable(name: str, options: ExperimentOptions) -> None:
    """For an experiment that was found deleted."""
    if not options.restore_if_deleted:
        raise Failure(
            CONFIGURATION,
            f"the MLflow experiment '{name}' is deleted, and mlflow.yml sets restore_if_deleted: false. "
            "Restore it in MLflow, or use another experiment.",
        )
