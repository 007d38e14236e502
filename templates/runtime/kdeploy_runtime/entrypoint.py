"""What runs before a task: everything that could break its tracking is checked before the task begins."""

from __future__ import annotations

import os

from kdeploy_runtime.orchestrators import find_orchestrator

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


def prepare(command: list[str]) -> None:
    """Sets the variables that authentication and the shared run add; raises Failure when the task must not begin."""
    if os.environ.get("KDEPLOY_PARAMS"):
        from kdeploy_runtime.run_parameters import expect_passed_on

        expect_passed_on(command, os.environ)
    if _has_something_to_prepare(os.environ):
        from kdeploy_runtime.preparation import prepare_task

        prepare_task(command, os.environ)
    elif _has_client_settings(os.environ):
        from kdeploy_runtime.server.client_settings import expect_usable

        expect_usable(os.environ)


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
    if not uri:
        return False
    from kdeploy_runtime.network.address import is_http, is_ordinary

    names = (name for name in environ if name.startswith("MLFLOW_TRACKING_") or name.endswith("_CA_BUNDLE"))
    return is_http(uri) and (not is_ordinary(uri) or any(name != "MLFLOW_TRACKING_URI" for name in names))
