"""How this container reaches the place where runs are kept: by REST where that does what MLflow would do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kdeploy_runtime.network.address import is_http

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kdeploy_runtime.authentication.bearer import BearerToken
    from kdeploy_runtime.patience import Patience
    from kdeploy_runtime.shared_run.run import Runs

TRACKING_URI = "MLFLOW_TRACKING_URI"
OURS = "kdeploy"


def open_runs(environ: Mapping[str, str], tokens: list[BearerToken], patience: Patience | None) -> Runs:
    """The runs at MLFLOW_TRACKING_URI, which must be set."""
    uri = environ[TRACKING_URI]
    if is_plain_server(environ):
        from kdeploy_runtime.server.connection import Connection
        from kdeploy_runtime.shared_run.rest_runs import RestRuns

        return RestRuns(Connection(uri, environ, tokens, patience))
    from kdeploy_runtime.shared_run.client_runs import ClientRuns

    return ClientRuns(uri, patience)


def runs_of_this_process(patience: Patience | None) -> Runs:
    """Where MLflow's client in this process logs to, with the tokens that it has already."""
    import os

    import mlflow

    from kdeploy_runtime.authentication.mlflow_provider import process_tokens

    return open_runs({**os.environ, TRACKING_URI: mlflow.get_tracking_uri()}, process_tokens(), patience)


def is_server(environ: Mapping[str, str]) -> bool:
    """Whether runs are kept by an MLflow server, which may ask for authentication."""
    return is_http(environ.get(TRACKING_URI, ""))


def is_plain_server(environ: Mapping[str, str]) -> bool:
    """Whether its calls need nothing but kdeploy's tokens and MLflow's own variables."""
    if not is_server(environ):
        return False
    if environ.get("MLFLOW_TRACKING_AWS_SIGV4", "").lower() in ("true", "1"):
        return False
    if environ.get("MLFLOW_TRACKING_AUTH") not in (None, "", OURS):
        return False
    return not _has_header_plugins()


def _has_header_plugins() -> bool:
    from importlib import metadata

    found = metadata.entry_points()
    group = "mlflow.request_header_provider"
    entries = found.select(group=group) if hasattr(found, "select") else found.get(group, ())  # Python 3.9
    return bool(list(entries))
