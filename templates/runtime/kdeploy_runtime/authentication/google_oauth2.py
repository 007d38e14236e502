"""``GoogleOAuth2``: a server behind Google IAP accepts an ID token that was issued for its audience."""

from __future__ import annotations

from kdeploy_runtime.authentication.shape import expect_header, expect_keys, expect_text_or_null

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from kdeploy_runtime.authentication.contract import BearerToken

AUDIENCE_VARIABLE = "GOOGLE_AUDIENCE"


class GoogleOAuth2:
    name = "GoogleOAuth2"

    def read(self, entry: dict[str, Any]) -> dict[str, Any]:
        """``audience`` (None: known at run time only) and ``header``."""
        expect_keys(entry, {"type", "audience", "header"}, self.name)
        audience = expect_text_or_null(entry, "audience", self.name)
        return {"audience": audience, "header": expect_header(entry, self.name)}

    def check(self, settings: dict[str, Any], environ: Mapping[str, str]) -> list[str]:
        from kdeploy_runtime.authentication.google_credentials import CredentialsProblem, find_file_credentials

        problems = []
        if not _audience(settings, environ):
            problems.append(
                "The audience of the Google ID token is not set: set run_config.authentication.audience in "
                f"kdeploy.yml and build the image again, or pass {AUDIENCE_VARIABLE} to the container "
                "(for IAP, its OAuth client ID)."
            )
        try:
            find_file_credentials(environ)
        except CredentialsProblem as problem:
            problems.append(str(problem))
        return problems

    def exports(self, settings: dict[str, Any], environ: Mapping[str, str]) -> dict[str, str]:
        return {}

    def bearer_token(self, settings: dict[str, Any], environ: Mapping[str, str]) -> BearerToken:
        from kdeploy_runtime.authentication.bearer import BearerToken
        from kdeploy_runtime.authentication.google_credentials import CredentialsProblem
        from kdeploy_runtime.authentication.google_tokens import fetch_id_token
        from kdeploy_runtime.authentication.tokens import Token, TokenError

        audience = _audience(settings, environ)

        def fetch() -> Token:
            if not audience:
                raise TokenError(f"The audience of the Google ID token is not set: pass {AUDIENCE_VARIABLE}.")
            try:
                return fetch_id_token(audience, environ)
            except CredentialsProblem as problem:
                raise TokenError(str(problem)) from problem

        return BearerToken(
            header=settings["header"],
            what=f"the Google ID token for the audience '{audience}'",
            refused_hint="Set the audience that the proxy expects (for IAP, its OAuth client ID), "
            "and grant the service account access (for IAP, the role IAP-secured Web App User).",
            fetch=fetch,
            environ=environ,
        )


def _audience(settings: dict[str, Any], environ: Mapping[str, str]) -> str | None:
    return settings["audience"] or environ.get(AUDIENCE_VARIABLE) or None
