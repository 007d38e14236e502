"""Calls to token issuers: bounded in time, retried when it may help, and failing in plain words."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, TypeVar

import requests

from kdeploy_runtime.authentication.tokens import TokenError
from kdeploy_runtime.network import failure
from kdeploy_runtime.network.bounded import within
from kdeploy_runtime.patience import Patience, retry_after

if TYPE_CHECKING:
    from collections.abc import Callable

TIMEOUT = (5, 10)  # seconds to connect, seconds to answer

Result = TypeVar("Result")


def tried_again(fetch: Callable[[], Result], seconds: float) -> Result:
    """What ``fetch`` returns, called again within the bound while its failure may pass; or a TimeoutError."""
    patience = Patience(seconds)
    is_first = True
    while True:
        try:
            return within(patience.for_a_try(is_first), fetch)
        except TokenError as error:
            if not error.is_transient or not patience.pause(error.retry_after):
                raise
        is_first = False


def ask(
    method: str, url: str, source: str, *, trust_env: bool = True, hint: str = "", **options: Any
) -> requests.Response:
    """The answer of status 200; raises TokenError, which names ``source`` and says what to do (``hint``)."""
    try:
        with requests.Session() as session:
            session.trust_env = trust_env
            response = session.request(method, url, timeout=TIMEOUT, allow_redirects=False, **options)
    except (requests.exceptions.RequestException, OSError, ValueError) as error:
        raise unreachable(source, error, hint, url) from error
    if response.status_code != 200:
        raise TokenError(
            f"{source} rejected the token request ({response.status_code}{_said(response)}). {hint}".rstrip(),
            is_transient=failure.is_transient(response.status_code),
            retry_after=retry_after(response.headers),
        )
    return response


def json_of(response: requests.Response, source: str) -> dict[str, Any]:
    """The answer's JSON object."""
    try:
        document = response.json()
    except (ValueError, RecursionError) as error:
        raise TokenError(f"{source} responded with something that is not JSON.") from error
    if not isinstance(document, dict):
        raise TokenError(f"{source} responded with JSON that is not an object.")
    return document


def unreachable(source: str, error: BaseException, hint: str = "", url: str = "") -> TokenError:
    """Why no answer came. An unknown host name will still be unknown in ten seconds, and a wrong URL still wrong."""
    problem = failure.connection_problem(error)
    if problem == "certificate-of-unknown-authority" and failure.has_expired(url):
        problem = "certificate-expired"
    is_final = isinstance(error, ValueError) or failure.is_final(problem) or problem == "unknown-host"
    message = f"{source} {failure.predicate_of(problem, error)}. {hint or failure.remedy_for(problem, os.environ)}"
    return TokenError(message, is_transient=not is_final)


def _said(response: requests.Response) -> str:
    """``error`` and ``error_description`` of RFC 6749 or of Google's APIs; nothing else of an answer is shown."""
    try:
        document = response.json()
    except (ValueError, RecursionError):
        return ""
    if not isinstance(document, dict):
        return ""
    error = document.get("error")
    if isinstance(error, dict):
        parts = [error.get("status"), error.get("message")]
    else:
        parts = [error, document.get("error_description")]
    said = ": ".join(part for part in parts if isinstance(part, str))
    return f", {said[:300]}" if said else ""
