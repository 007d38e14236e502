"""What runs before a task: everything that could break its tracking is checked before the task begins."""

from __future__ import annotations

import os

from kdeploy_runtime.execution import execute
from kdeploy_runtime.orchestrators import find_orchestrator

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import NoReturn


def start(command: list[str]) -> NoReturn:
    """Becomes the command, with the variables that authentication and the shared run add."""
    if _has_something_to_prepare(os.environ):
        from kdeploy_runtime.preparation import prepare_task

        prepare_task(command, os.environ)
    elif _has_client_settings(os.environ):
        from kdeploy_runtime.server.client_settings import expect_usable

        expect_usable(os.environ)
    execute(command)


def _has_something_to_prepare(environ: Mapping[str, str]) -> bool:
    """If not, the task pays neither for reading JSON nor for a call to a server."""
    if environ.get("KDEPLOY_AUTH") or environ.get("MLFLOW_RUN_ID"):
        return True
    if "KDEPLOY_RUN_KEY" in environ:
        return environ["KDEPLOY_RUN_KEY"] != ""
    return bool(environ.get("MLFLOW_TRACKING_URI")) and find_orchestrator(environ) is not None


def _has_client_settings(environ: Mapping[str, str]) -> bool:
    """Whether MLflow's client reads more than its server's address: certificates, a password."""
    uri = environ.get("MLFLOW_TRACKING_URI", "")
    names = (name for name in environ if name.startswith("MLFLOW_TRACKING_") or name.endswith("_CA_BUNDLE"))
    may_be_a_page = "#" in uri or "api/" in uri
    return uri.startswith("http") and (may_be_a_page or any(name != "MLFLOW_TRACKING_URI" for name in names))
