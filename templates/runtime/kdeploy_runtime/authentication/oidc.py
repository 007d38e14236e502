"""``OIDC``: an OpenID provider (Keycloak, Auth0, Okta, Dex…) issues an access token of its own to the container.

The client credentials grant of RFC 6749, 4.4; where to ask is found by OpenID discovery.
"""

from __future__ import annotations

from kdeploy_runtime.authentication.shape import (
    ShapeError,
    expect_header,
    expect_keys,
    expect_text,
    expect_text_or_null,
)
from kdeploy_runtime.network.address import is_http
from kdeploy_runtime.redaction.addresses import NONE, secret_in_address

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from kdeploy_runtime.authentication.contract import BearerToken

TEXTS = ("issuer", "client_id")
TEXTS_OR_NULL = ("client_secret_variable", "client_secret_file", "scope", "audience")


class OIDC:
    name = "OIDC"

    def read(self, entry: dict[str, Any]) -> dict[str, Any]:
        """The entry's own keys; the secret itself is never among them, only where it is."""
        expect_keys(entry, {"type", *TEXTS, *TEXTS_OR_NULL, "header"}, self.name)
        settings: dict[str, Any] = {key: expect_text(entry, key, self.name) for key in TEXTS}
        settings.update({key: expect_text_or_null(entry, key, self.name) for key in TEXTS_OR_NULL})
        settings["header"] = expect_header(entry, self.name)
        issuer = settings["issuer"]
        if not is_http(issuer) or secret_in_address(issuer) != NONE:
            raise ShapeError(f"needs an https:// URL without a password under 'issuer' in {self.name}")
        if (settings["client_secret_variable"] is None) == (settings["client_secret_file"] is None):
            raise ShapeError(f"needs either 'client_secret_variable' or 'client_secret_file' in {self.name}")
        return settings

    def check(self, settings: dict[str, Any], environ: Mapping[str, str]) -> list[str]:
        from kdeploy_runtime.authentication.secrets_at_hand import SecretMissing

        try:
            _secret(settings, environ)
        except SecretMissing as problem:
            return [str(problem)]
        return []

    def exports(self, settings: dict[str, Any], environ: Mapping[str, str]) -> dict[str, str]:
        return {}

    def bearer_token(self, settings: dict[str, Any], environ: Mapping[str, str]) -> BearerToken:
        from kdeploy_runtime.authentication.bearer import BearerToken
        from kdeploy_runtime.authentication.oidc_tokens import Provider
        from kdeploy_runtime.authentication.secrets_at_hand import SecretMissing
        from kdeploy_runtime.authentication.tokens import Token, TokenError

        provider = Provider(settings["issuer"])

        def fetch() -> Token:
            try:
                secret = _secret(settings, environ)  # at each fetch: a mounted secret may be rotated
            except SecretMissing as problem:
                raise TokenError(str(problem)) from problem
            return provider.fetch(settings["client_id"], secret, settings["scope"], settings["audience"])

        return BearerToken(
            header=settings["header"],
            what=f"the access token of {settings['client_id']} from {settings['issuer']}",
            refused_hint="Check that the proxy trusts this issuer and expects the token's audience and scope "
            "(in Keycloak, an audience mapper on the client; in kdeploy.yml, audience and scope).",
            fetch=fetch,
            environ=environ,
        )


def _secret(settings: dict[str, Any], environ: Mapping[str, str]) -> str:
    from kdeploy_runtime.authentication.secrets_at_hand import from_file, from_variable

    if settings["client_secret_file"] is not None:
        return from_file(settings["client_secret_file"], "client secret", environ)
    return from_variable(settings["client_secret_variable"], environ, "client secret")
