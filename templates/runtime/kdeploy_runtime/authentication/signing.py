"""Puts the tokens on a request, MLflow's or our own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

import requests
from requests.auth import AuthBase
from requests.sessions import SessionRedirectMixin
from requests.utils import rewind_body

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kdeploy_runtime.authentication.bearer import BearerToken


class Signature(AuthBase):
    """A fresh token in each header. A request that is refused is sent once more if there is a newer token:

    it may have waited behind MLflow's own retries for longer than its token lived.
    """

    def __init__(self, tokens: Sequence[BearerToken]) -> None:
        self.tokens = tuple(tokens)

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        for token in self.tokens:
            request.headers[token.header] = token.value()
        request.register_hook("response", self._look_at)
        return request

    def _look_at(self, response: requests.Response, **options: Any) -> requests.Response:
        if response.is_redirect:
            self._keep_from_strangers(response)
        sent = response.request.headers
        if response.status_code != 401 or not all(token.header in sent for token in self.tokens):
            return response
        return self._again(response, **options)

    def _keep_from_strangers(self, response: requests.Response) -> None:
        """requests itself forgets the two headers that it knows when it is sent to another host."""
        target = urljoin(response.url, response.headers["Location"])
        if SessionRedirectMixin().should_strip_auth(response.url, target):
            for token in self.tokens:
                response.request.headers.pop(token.header, None)

    def _again(self, response: requests.Response, **options: Any) -> requests.Response:
        sent = response.request.headers
        renewed = {token.header: token.renewed(sent.get(token.header, "")) for token in self.tokens}
        if all(sent.get(header) == value for header, value in renewed.items()):
            return response
        request = response.request.copy()
        if hasattr(request.body, "read"):
            try:
                rewind_body(request)
            except requests.exceptions.UnrewindableBodyError:
                return response
        request.headers.update(renewed)
        response.content  # noqa: B018 - read to its end, so that the connection can be used again
        response.close()
        again = response.connection.send(request, **options)
        again.history.append(response)
        again.request = request
        return again
