"""What would keep MLflow's client from calling its server, found without a call."""

from __future__ import annotations

from kdeploy_runtime.failure import CONFIGURATION, Failure
from kdeploy_runtime.network import address, tls
from kdeploy_runtime.server import credentials, workspace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

TRACKING_URI = "MLFLOW_TRACKING_URI"


def expect_usable(environ: Mapping[str, str]) -> None:
    """Raises Failure with every problem at once. Costs nothing where no such variable is set."""
    uri = environ.get(TRACKING_URI, "")
    if not address.is_http(uri):
        return
    problems = [] if address.is_ordinary(uri) else _problems_of_uri(uri, environ)
    if any(environ.get(name) for name in tls.VARIABLES):
        problems += tls.mlflow_problems(environ, uri)
    if any(environ.get(name) for name in credentials.KINDS):
        problems += credentials.problems(environ)
    problems += workspace.problems(environ)
    if problems:
        raise Failure(CONFIGURATION, "MLflow's client cannot call its server. " + " ".join(problems))


def misplaced_uri(uri: str) -> tuple[str, str] | None:
    """An address that a browser shows and MLflow's client cannot use: of what it is, and the server's.

    The host side judges the same (src/project/tracking/tracking-uri.ts, test/fixtures/tracking-uris.json).
    """
    import re

    # after an @ it may be a part of a password
    page = re.match(r"(https?://[^#?]*?)/?(?:\?[^#]*)?#(?:/[^@]*)?\Z", uri, re.IGNORECASE)
    if page:
        return "a page in MLflow's UI", page.group(1)
    api = re.match(r"(https?://[^#?]*?)/(?:ajax-)?api/\d\.\d(?:/[^@]*)?\Z", uri, re.IGNORECASE)
    return ("MLflow's API", api.group(1)) if api else None


def _problems_of_uri(uri: str, environ: Mapping[str, str]) -> list[str]:
    from kdeploy_runtime.redaction.addresses import redact_addresses

    flaw = address.flaw_of(environ, TRACKING_URI)
    found = misplaced_uri(uri)
    if flaw or found is None:
        return [flaw] if flaw else []
    of, server = found
    return [
        f"{TRACKING_URI} is {redact_addresses(uri)}, the address of {of}, not of a server: "
        f"set it to {redact_addresses(server)}."
    ]
