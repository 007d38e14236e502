"""Calls to token issuers: bounded in time, retried when it may help, and failing in plain words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypeVar

import requests

from kdeploy_runtime.authentication.tokens import TokenError
from kdeploy_runtime.patience import Patience

if TYPE_CHECKING:
    from collections.abc import Callable

TIMEOUT = (5, 10)  # seconds to connect, seconds to answer
TRANSIENT = (408, 425, 429, 500, 502, 503, 504)

Result = TypeVar("Result")


def tried_again(fetch: Callable[[], Result], seconds: float) -> Result:
    """What ``fetch`` returns, called again within the bound while its failure may pass."""
    patience = Patience(seconds)
    while True:
        try:
            return fetch()
        except TokenError as error:
            if not error.is_transient or not patience.pause():
                raise


def ask(method: str, url: str, source: str, *, trust_env: bool = True, **options: Any) -> requests.Response:
    """The answer of status 200; raises TokenError, which names ``source``."""
    try:
        with requests.Session() as session:
            session.trust_env = trust_env
            response = session.request(method, url, timeout=TIMEOUT, allow_redirects=False, **options)
    except requests.exceptions.SSLError as error:
        raise TokenError(
            f"{source} presents a certificate that this container does not trust ({reason_of(error)}). "
            "Set REQUESTS_CA_BUNDLE to the right CA bundle."
        ) from error
    except requests.exceptions.RequestException as error:
        message = f"{source} cannot be reached ({reason_of(error)})."
        raise TokenError(message, is_transient=not _is_final(error)) from error
    if response.status_code != 200:
        raise TokenError(
            f"{source} rejected the token request ({response.status_code}{_said(response)}).",
            is_transient=response.status_code in TRANSIENT,
        )
    return response


def json_of(response: requests.Response, source: str) -> dict[str, Any]:
    """The answer's JSON object."""
    try:
        document = response.json()
    except ValueError as error:
        raise TokenError(f"{source} responded with something that is not JSON.") from error
    if not isinstance(document, dict):
        raise TokenError(f"{source} responded with JSON that is not an object.")
    return document


def reason_of(error: BaseException) -> str:
    """The innermost cause, without the objects' addresses and URLs that the HTTP libraries wrap around it."""
    text = str(error)
    for pattern in (r"\[Errno [^\]]*\] [^)'\"]+", r"timed out", r"certificate verify failed[^)'\"]*", r"SSL[^)'\"]+"):
        found = re.search(pattern, text)
        if found:
            return re.sub(r"\[Errno [^\]]*\] ", "", found.group(0)).strip()
    return type(error).__name__


def _is_final(error: BaseException) -> bool:
    """An unknown hostname will still be unknown in ten seconds, and a wrong URL still wrong."""
    return isinstance(
        error, (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema, requests.exceptions.MissingSchema)
    ) or any(words in str(error) for words in ("Name or service not known", "No address associated"))


def _said(response: requests.Response) -> str:
    """``error`` and ``error_description`` of RFC 6749 or of Google's APIs; nothing else of an answer is shown."""
    try:
        document = response.json()
    except ValueError:
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
