"""``mlflow.on_unreachable: warn``: better a model without a record than no model."""

from __future__ import annotations

import tempfile
from pathlib import Path

from kdeploy_runtime.failure import CONFIGURATION, Failure

FLAG = "KDEPLOY_UNTRACKED"


def untracked_environment() -> tuple[dict[str, str], str]:
    """Variables that send whatever the task logs to a folder of its own, and that folder."""
    try:
        folder = tempfile.mkdtemp(prefix="kdeploy-untracked-")
    except OSError as error:
        raise Failure(
            CONFIGURATION,
            "the task cannot run untracked (mlflow.on_unreachable is warn): no folder for temporary files is writable "
            f"({error.strerror}). Mount one, an emptyDir on /tmp for example, or set TMPDIR to one.",
        ) from error
    uri = Path(folder).as_uri()
    return {
        "MLFLOW_TRACKING_URI": uri,
        "MLFLOW_REGISTRY_URI": uri,
        "MLFLOW_ALLOW_FILE_STORE": "true",
        "MLFLOW_RUN_ID": "",
        FLAG: "1",
    }, folder
