"""What would keep MLflow's client from calling its server, found without a call."""

from __future__ import annotations

from kdeploy_runtime.failure import CONFIGURATION, Failure
from kdeploy_runtime.network import tls
from kdeploy_runtime.server import credentials

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

TRACKING_URI = "MLFLOW_TRACKING_URI"


def expect_usable(environ: Mapping[str, str]) -> None:
    """Raises Failure with every problem at once. Costs nothing where no such variable is set."""
    uri = environ.get(TRACKING_URI, "")
    if not uri.startswith(("http://", "https://")):
        return
    problems = []
    if "#" in uri:
        problems.append(_is_a_page(uri))
    if any(environ.get(name) for name in tls.VARIABLES):
        problems += tls.mlflow_problems(environ, uri)
    if any(environ.get(name) for name in credentials.KINDS):
        problems += credentials.problems(environ)
    if problems:
        raise Failure(CONFIGURATION, "MLflow's client cannot call its server. " + " ".join(problems))


def server_of_page(uri: str) -> str:
    """``https://mlflow.example.com/team`` of ``https://mlflow.example.com/team/#/experiments/3``."""
    return uri.partition("#")[0].partition("?")[0].rstrip("/")


def _is_a_page(uri: str) -> str:
    from kdeploy_runtime.redaction.addresses import redact_addresses

    return (
        f"{TRACKING_URI} is {redact_addresses(uri)}, the address of a page in MLflow's UI: "
        f"set it to {redact_addresses(server_of_page(uri))}."
    )
