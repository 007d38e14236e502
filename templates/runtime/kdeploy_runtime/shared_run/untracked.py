"""``mlflow.on_unreachable: warn``: better a model without a record than no model."""

from __future__ import annotations

import tempfile
from pathlib import Path

FLAG = "KDEPLOY_UNTRACKED"


def untracked_environment() -> tuple[dict[str, str], str]:
    """Variables that send whatever the task logs to a folder of its own, and that folder."""
    folder = tempfile.mkdtemp(prefix="kdeploy-untracked-")
    uri = Path(folder).as_uri()
    return {
        "MLFLOW_TRACKING_URI": uri,
        "MLFLOW_REGISTRY_URI": uri,
        "MLFLOW_ALLOW_FILE_STORE": "true",
        "MLFLOW_RUN_ID": "",
        FLAG: "1",
    }, folder
