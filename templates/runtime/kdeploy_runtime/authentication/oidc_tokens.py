"""Access tokens by the client credentials grant."""

from __future__ import annotations

import time
from urllib.parse import quote_plus

import requests

from kdeploy_runtime.authentication.token_requests import ask, json_of
from kdeploy_runtime.authentication.tokens import Token, TokenError, expiry_of

WITHOUT_A_WORD = 300.0  # seconds that a token of unknown lifetime is used


class Provider:
    """One OpenID provider; its token endpoint is looked up once."""

    def __init__(self, issuer: str) -> None:
        self._issuer = issuer.rstrip("/")
        self._source = f"The OpenID provider {self._issuer}"
        self._discovered: tuple[str, bool] | None = None

    def fetch(self, client_id: str, secret: str, scope: str | None, audience: str | None) -> Token:
        """A new access token; raises TokenError."""
        endpoint, accepts_post = self._endpoint()
        form = {"grant_type": "client_credentials"}
        if scope:
            form["scope"] = scope
        if audience:
            form["audience"] = audience
        basic = None
        if accepts_post:
            form.update(client_id=client_id, client_secret=secret)
        else:  # encoded first, by RFC 6749, 2.3.1
            basic = requests.auth.HTTPBasicAuth(quote_plus(client_id), quote_plus(secret))
        asked_at = time.time()
        answer = json_of(ask("POST", endpoint, f"{self._source} ({client_id})", data=form, auth=basic), self._source)
        value = answer.get("access_token")
        if not isinstance(value, str) or not value:
            raise TokenError(f"{self._source} responded without an access token.")
        lifetime = _seconds(answer.get("expires_in"))
        if lifetime is not None:
            return Token(value, asked_at + lifetime)  # free of the clocks' difference
        return Token(value, expiry_of(value) or asked_at + WITHOUT_A_WORD)

    def _endpoint(self) -> tuple[str, bool]:
        """Where to ask, and whether the secret may go into the form (no two readings of special characters)."""
        if self._discovered is None:
            url = f"{self._issuer}/.well-known/openid-configuration"
            document = json_of(ask("GET", url, self._source), self._source)
            endpoint, issuer = document.get("token_endpoint"), document.get("issuer")
            if not isinstance(endpoint, str) or not isinstance(issuer, str):
                raise TokenError(f"{self._source} does not advertise a token endpoint: check 'issuer'.")
            if issuer.rstrip("/") != self._issuer:
                raise TokenError(
                    f"{self._source} identifies itself as {issuer}: if that is the right provider, "
                    "set 'issuer' in kdeploy.yml to exactly this value."
                )
            methods = document.get("token_endpoint_auth_methods_supported")
            self._discovered = endpoint, isinstance(methods, list) and "client_secret_post" in methods
        return self._discovered


def _seconds(value: object) -> float | None:
    """Some providers write the number as a string."""
    try:
        seconds = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return None
    return seconds if 0 <= seconds < float("inf") else None
