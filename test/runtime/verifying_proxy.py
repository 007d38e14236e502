"""Stands before a real MLflow server and lets nothing through whose token is not signed, in time and meant for it."""

from __future__ import annotations

import base64
import http.client
import threading
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from google.auth import jwt
from http_server import Answer, HttpServer, Request

HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "host", "proxy-authorization"}


@dataclass(frozen=True)
class Call:
    method: str
    path: str
    status: int
    credential: str


Check = Callable[[Request], "tuple[str, str | None]"]
"""The credential of a request, and why it is refused (None: let through)."""


def bearer(public_key: bytes, audience: str, header: str = "Authorization") -> Check:
    """As IAP: a signed token for the audience, not a second too old."""

    def check(request: Request) -> tuple[str, str | None]:
        scheme, _, token = request.headers.get(header, "").partition(" ")
        if scheme != "Bearer":
            return "", "Invalid IAP credentials: empty token"
        try:
            jwt.decode(token, certs=public_key, audience=audience)
        except ValueError as error:
            return token, f"Invalid IAP credentials: {str(error).split(',')[0]}"
        return token, None

    return check


def basic(username: str, password: str) -> Check:
    expected = "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()

    def check(request: Request) -> tuple[str, str | None]:
        given = request.headers.get("Authorization", "")
        return given, None if given == expected else "You are not authenticated."

    return check


class VerifyingProxy(HttpServer):
    def __init__(self, upstream: str, *checks: Check) -> None:
        super().__init__(self._respond)
        self._upstream = urlsplit(upstream).netloc
        self.checks = checks
        self.calls: list[Call] = []
        self.slow: Callable[[Request], None] = lambda request: None
        """Called before a request goes on, to hold it up."""
        self.instead: Callable[[Request], Answer | None] = lambda request: None
        """An answer that the server behind does not give."""
        self._lock = threading.Lock()

    @property
    def refused(self) -> list[Call]:
        return [call for call in self.calls if call.status == 401]

    def _respond(self, request: Request) -> Answer:
        credentials = []
        for check in self.checks:
            credential, reason = check(request)
            credentials.append(credential)
            if reason is not None:
                answer = Answer(401, f"<html><title>Error</title><p>{reason}</p></html>".encode())
                break
        else:
            self.slow(request)
            answer = self.instead(request) or self._forward(request)
        with self._lock:
            self.calls.append(Call(request.method, request.path, answer.status, " ".join(credentials)))
        return answer

    def _forward(self, request: Request) -> Answer:
        connection = http.client.HTTPConnection(self._upstream, timeout=60)
        headers = {name: value for name, value in request.headers.items() if name.lower() not in HOP_BY_HOP}
        headers.pop("Authorization", None)
        try:
            connection.request(request.method, request.path, request.body, headers)
            response = connection.getresponse()
            kept = {name: value for name, value in response.getheaders() if name.lower() not in HOP_BY_HOP}
            return Answer(response.status, response.read(), kept)
        except OSError:
            return Answer(502, b"upstream is gone")
        finally:
            connection.close()
