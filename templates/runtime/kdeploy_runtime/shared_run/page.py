"""Where a person looks at a run; MLflow only prints it when a run ends, and shared runs outlive their tasks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kdeploy_runtime.network.address import is_http
from kdeploy_runtime.shared_run.opening import TRACKING_URI

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kdeploy_runtime.shared_run.run import Run


def page_of(run: Run, environ: Mapping[str, str]) -> str:
    """The run's page in MLflow's web pages; empty where there are none."""
    from urllib.parse import quote

    from kdeploy_runtime.redaction.addresses import redact_addresses
    from kdeploy_runtime.server.workspace import workspace_of

    uri = environ.get(TRACKING_URI, "").rstrip("/")
    if not is_http(uri):
        return ""
    workspace = workspace_of(environ)
    query = f"?workspace={quote(workspace, safe='')}" if workspace not in ("", "default") else ""  # as MLflow prints it
    return redact_addresses(f"{uri}/#/experiments/{run.experiment_id}/runs/{run.run_id}{query}")
