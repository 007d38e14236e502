"""What a response means that is not MLflow's own; each is for somebody else to fix.

kdeploy's host side tells the same apart, by the same names and words (src/mlflow/obstacle.ts,
test/fixtures/responses.json).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from kdeploy_runtime.network.failure import SENTENCES, expects_tls, is_transient
from kdeploy_runtime.redaction.addresses import redact_addresses

if TYPE_CHECKING:
    import requests

_LOGIN = re.compile(r"\b(?:log-?in|sign-?in|oauth2?|auth|sso|saml|authorize)\b", re.IGNORECASE)
_INVALID_HOST = re.compile(r"\s*Invalid Host header", re.IGNORECASE)
_NO_CLIENT_CERTIFICATE = re.compile(
    r"<title>400 (?:No required SSL certificate was sent|The SSL certificate error)</title>", re.IGNORECASE
)
_PAGE = re.compile(r"\s*<(?:!doctype )?html", re.IGNORECASE)


@dataclass(frozen=True)
class Obstacle:
    kind: str
    """A key of ``_SENTENCES``; or ``refused``, or ``unavailable``."""
    status: int
    where: str = ""
    """The host that is not accepted, the login page's host, or where the server has moved to."""

    @property
    def predicate(self) -> str:
        """What follows the name of the server in a sentence."""
        return _SENTENCES[self.kind][0].format(status=self.status, where=self.where)

    @property
    def remedy(self) -> str:
        remedy = _SENTENCES[self.kind][1].format(where=self.where)
        return f"{remedy[0].upper()}{remedy[1:]}."


_SENTENCES = {
    "host-name": (
        "does not accept the host name {where} (HTTP {status}, Invalid Host header)",
        "start the MLflow server with --allowed-hosts {where}",
    ),
    "moved": (
        "redirects to {where} (HTTP {status}), and a redirected POST becomes a GET",
        "set MLFLOW_TRACKING_URI to {where}, if the MLflow server is there",
    ),
    "moved-to-https": (
        "redirects to HTTPS (HTTP {status}), and a redirected POST becomes a GET",
        "write https:// in MLFLOW_TRACKING_URI",
    ),
    "web-page": (
        "responds with a web page (HTTP {status}), not with MLflow's API; it may be a login page",
        "check which authentication a proxy in front of the server expects, and the path of MLFLOW_TRACKING_URI",
    ),
    "headers-too-large": (
        "rejects the size of the request's headers (HTTP {status})",
        "use a shorter token, or raise the limit of the server or of the proxy in front of it",
    ),
    "not-mlflow": (
        "responded (HTTP {status}), but not as an MLflow server",
        "check the path and port of MLFLOW_TRACKING_URI",
    ),
    **SENTENCES,
}


def obstacle_in(response: requests.Response, uri: str) -> Obstacle:
    """A redirect that changes the method is judged itself: what is logged would not arrive at its end."""
    changes_the_method = (each for each in response.history if each.status_code in (301, 302, 303))
    response = next(changes_the_method, response)
    status, text, url = response.status_code, response.text[:20_000], urlsplit(uri)
    host = url.netloc.rpartition("@")[2]
    if status in (400, 403) and _INVALID_HOST.match(text):
        return Obstacle("host-name", status, host)
    if status in (401, 403):
        return Obstacle("refused", status)
    if 300 <= status < 400 and response.headers.get("Location"):
        return _redirection(status, uri, urljoin(response.url or uri, response.headers["Location"]))
    # nginx and Go say in words that they expect HTTPS; whether it is so can be asked
    if status == 400 and expects_tls(uri):
        return Obstacle("expects-https", status)
    if _NO_CLIENT_CERTIFICATE.search(text):
        return Obstacle("client-certificate", status)
    if status == 431:
        return Obstacle("headers-too-large", status)
    if is_transient(status):
        return Obstacle("unavailable", status)
    is_page = re.search(r"\bhtml\b", response.headers.get("Content-Type", ""), re.IGNORECASE) or _PAGE.match(text)
    return Obstacle("web-page" if is_page and status == 200 else "not-mlflow", status)


def _redirection(status: int, uri: str, target: str) -> Obstacle:
    source, to = urlsplit(uri), urlsplit(target)
    host = to.netloc.rpartition("@")[2]
    if to.hostname != source.hostname or _LOGIN.search(to.path):
        return Obstacle("refused", status, host)
    path = re.sub(r"/api/\d\.\d/.*$", "", to.path)
    kind = "moved-to-https" if (source.scheme, to.scheme) == ("http", "https") else "moved"
    return Obstacle(kind, status, redact_addresses(f"{to.scheme}://{host}{path}"))
