"""Calls of MLflow's REST API, signed as MLflow's own client signs them in the task that follows."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import requests

from kdeploy_runtime.authentication.tokens import TokenError
from kdeploy_runtime.network import failure, tls
from kdeploy_runtime.network.bounded import within
from kdeploy_runtime.patience import retry_after
from kdeploy_runtime.redaction.addresses import redact_addresses
from kdeploy_runtime.server import credentials, responses, workspace
from kdeploy_runtime.server.errors import ApiError, NoConnection, NotMlflow, NoWorkspace, Refused, Unreachable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kdeploy_runtime.authentication.bearer import BearerToken
    from kdeploy_runtime.patience import Patience

TIMEOUT = (5, 30)  # seconds to connect, seconds without a byte
LONGEST = 35.0  # seconds for a call, all of it
NOT_IMPLEMENTED = 501  # said by MLflow with an error code, by a gateway without
API = "/api/2.0/mlflow/"
WORKSPACES = "/api/3.0/mlflow/workspaces/"
LONGEST_QUOTE = 240
NO_HEADER = (
    "cannot be called: a header that the container sends contains a character that no HTTP header can carry. "
    "Check the credentials passed to the container."
)
BUNDLES = f"REQUESTS_CA_BUNDLE or {tls.SERVER_CERT}"


class Connection:
    """One server, called until it answers or the time is up."""

    def __init__(
        self, uri: str, environ: Mapping[str, str], tokens: list[BearerToken], patience: Patience | None = None
    ) -> None:
        self._uri = uri.rstrip("/")
        self._environ = environ
        self._tokens = tokens
        self._patience = patience
        self._session = requests.Session()

    @property
    def address(self) -> str:
        """For messages: never with a password."""
        return redact_addresses(self._uri)

    def get(self, path: str, **query: Any) -> dict[str, Any]:
        return self._call("GET", API + path, params=query)

    def post(self, path: str, **body: Any) -> dict[str, Any]:
        return self._call("POST", API + path, json=body)

    def expect_workspace(self, answered: str | None = None) -> None:
        """Raises NoWorkspace where the server does not have the chosen one; older servers ignore the choice.

        ``answered`` is the workspace that an answer named. An account may use a workspace that it may not describe.
        """
        chosen = workspace.workspace_of(self._environ)
        if not chosen or chosen == answered:
            return
        try:
            self._call("GET", WORKSPACES + quote(chosen, safe=""))
        except ApiError as error:
            is_old = error.code == "ENDPOINT_NOT_FOUND"
            raise NoWorkspace((workspace.unsupported if is_old else workspace.missing)(chosen)) from error
        except NotMlflow as error:
            raise NoWorkspace(workspace.unsupported(chosen)) from error
        except Refused:
            pass

    def _call(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        is_first = True
        while True:
            limit = self._patience.for_a_try(is_first) if self._patience else LONGEST
            try:
                return self._call_once(method, path, min(limit, LONGEST), **options)
            except Unreachable as error:
                if self._patience is None or not self._patience.pause(error.retry_after):
                    raise
            is_first = False

    def _call_once(self, method: str, path: str, limit: float, **options: Any) -> dict[str, Any]:
        try:
            response = self._send(method, path, limit, **options)
        except TokenError:
            raise
        except requests.exceptions.TooManyRedirects as error:
            response = error.response
        except (requests.exceptions.RequestException, OSError, ValueError) as error:
            raise self._no_response(error) from error
        return self._understand(response)

    def _send(self, method: str, path: str, limit: float, **options: Any) -> requests.Response:
        session = self._session
        try:
            return within(
                limit,
                lambda: session.request(
                    method,
                    self._uri + path,
                    headers=self._headers(),
                    auth=self._signature(),
                    timeout=tuple(min(limit, seconds) for seconds in TIMEOUT),
                    **tls.for_requests(self._environ),
                    **options,
                ),
            )
        except TimeoutError:
            self._session = requests.Session()  # a thread is still busy with the other
            raise

    def _no_response(self, error: Exception) -> Unreachable | NoConnection:
        if isinstance(error, (requests.exceptions.InvalidHeader, UnicodeError)):
            return NoConnection(NO_HEADER)  # whose words show it
        problem = failure.connection_problem(error)
        if problem == "certificate-of-unknown-authority" and failure.has_expired(self._uri):
            problem = "certificate-expired"
        if problem in ("reset", "not-http", "timeout") and failure.expects_tls(self._uri):
            problem = "expects-https"
        message = f"{self._without_secrets(failure.predicate_of(problem, error))}."
        remedy = failure.remedy_for(problem, self._environ, BUNDLES)
        is_network = isinstance(error, (requests.exceptions.ConnectionError, requests.exceptions.Timeout))
        if failure.is_final(problem) or (problem == "other" and not is_network):
            return NoConnection(f"{message} {remedy}")
        return Unreachable(message, remedy)

    def _signature(self) -> Any:
        from kdeploy_runtime.authentication.signing import Signature

        if self._tokens:
            return Signature(self._tokens)
        return None

    def _headers(self) -> dict[str, str]:
        header, chosen = credentials.authorization(self._environ), workspace.workspace_of(self._environ)
        return {
            **({"Authorization": header} if header else {}),
            **({workspace.HEADER: chosen} if chosen else {}),
        }

    def _understand(self, response: requests.Response) -> dict[str, Any]:
        status = response.status_code
        document = _json_object(response)
        code = str(document.get("error_code", "")) if document is not None else ""
        chosen = workspace.workspace_of(self._environ)
        if chosen and code == workspace.DISABLED:  # with the status 500, which is tried again otherwise
            raise NoWorkspace(workspace.unsupported(chosen))
        if _is_cut(response, document):
            raise Unreachable("broke off in the middle of its response.")
        is_moved = any(each.status_code in (301, 302, 303) for each in response.history)
        if not is_moved and document is not None and status not in (401, 403):
            if code and (status == NOT_IMPLEMENTED or not failure.is_transient(status)):
                raise ApiError(code, self._without_secrets(str(document.get("message", ""))))
            if status == 200:
                return document
        obstacle = responses.obstacle_in(response, self._uri)
        if obstacle.kind == "unavailable":
            said = f"responded with {status}{self._quote(response, document)}."
            raise Unreachable(said, retry_after=retry_after(response.headers))
        if obstacle.kind == "refused":
            said = f", a redirect to {obstacle.where}" if obstacle.where else self._quote(response, document)
            raise Refused(f"rejects {self._who()} ({obstacle.status}{said}).", obstacle.status)
        raise NotMlflow(f"{obstacle.predicate}. {obstacle.remedy}")

    def _who(self) -> str:
        sent = [token.what for token in self._tokens]
        is_overwritten = any(token.header.lower() == "authorization" for token in self._tokens)
        if credentials.authorization(self._environ) and not is_overwritten:
            sent.append("the credentials that the container sent")
        return " or ".join(sent) or "requests without credentials"

    def _quote(self, response: requests.Response, document: dict[str, Any] | None) -> str:
        """The server's own reason: IAP names the audience that it expected, for example."""
        if document is not None:
            text = str(document.get("message") or document.get("error_description") or document.get("error") or "")
        else:
            text = re.sub(r"(?s)<(script|style|head|title)\b.*?</\1>", " ", response.text[:20_000])
            text = re.sub(r"<[^>]*>", " ", text)
        text = " ".join(self._without_secrets(text).split())
        return f": {text[:LONGEST_QUOTE].rstrip('. ')}" if text else ""

    def _without_secrets(self, text: str) -> str:
        for token in self._tokens:
            text = token.hidden_in(text)
        for secret in credentials.secrets(self._environ):
            text = text.replace(secret, "***")
        return redact_addresses(text)


def _is_cut(response: requests.Response, document: dict[str, Any] | None) -> bool:
    """Not every way to lose the end of an answer is an error of requests."""
    if document is not None:
        return False
    kind, length = response.headers.get("Content-Type", ""), response.headers.get("Content-Length")
    if length is None and not kind:
        return response.content == b"" and "Transfer-Encoding" not in response.headers
    return "json" in kind.lower() and not _is_json(response)


def _is_json(response: requests.Response) -> bool:
    try:
        response.json()
    except ValueError:
        return False
    except RecursionError:
        pass
    return True


def _json_object(response: requests.Response) -> dict[str, Any] | None:
    try:
        document = response.json()
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None
