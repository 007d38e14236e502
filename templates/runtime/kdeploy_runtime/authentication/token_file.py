"""``TokenFile``: Kubernetes projects a token into the pod, and replaces it before it expires."""

from __future__ import annotations

from kdeploy_runtime.authentication.shape import expect_header, expect_keys, expect_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from kdeploy_runtime.authentication.contract import BearerToken


class TokenFile:
    name = "TokenFile"

    def read(self, entry: dict[str, Any]) -> dict[str, Any]:
        """``path`` and ``header``."""
        expect_keys(entry, {"type", "path", "header"}, self.name)
        return {"path": expect_text(entry, "path", self.name), "header": expect_header(entry, self.name)}

    def check(self, settings: dict[str, Any], environ: Mapping[str, str]) -> list[str]:
        from kdeploy_runtime.authentication.secrets_at_hand import SecretMissing

        try:
            _token(settings["path"], environ)
        except SecretMissing as problem:
            return [str(problem)]
        return []

    def exports(self, settings: dict[str, Any], environ: Mapping[str, str]) -> dict[str, str]:
        return {}

    def bearer_token(self, settings: dict[str, Any], environ: Mapping[str, str]) -> BearerToken:
        from kdeploy_runtime.authentication.bearer import BearerToken
        from kdeploy_runtime.authentication.secrets_at_hand import SecretMissing
        from kdeploy_runtime.authentication.tokens import Token, TokenError

        def fetch() -> Token:
            try:
                # Read for every request: that costs less than to find out whether it changed.
                return Token(_token(settings["path"], environ), expires_at=None)
            except SecretMissing as problem:
                raise TokenError(str(problem)) from problem

        return BearerToken(
            header=settings["header"],
            what=f"the token in {settings['path']}",
            refused_hint="Check that the volume projects it for the audience that the server expects "
            "(serviceAccountToken.audience), and that the server trusts this cluster's issuer.",
            fetch=fetch,
            environ=environ,
        )


def _token(path: str, environ: Mapping[str, str]) -> str:
    from kdeploy_runtime.authentication.credential_value import TOKEN, flaw_of
    from kdeploy_runtime.authentication.secrets_at_hand import SecretMissing, from_file

    token = from_file(path, "token", environ)
    flaw = flaw_of(token, TOKEN)
    if flaw:
        raise SecretMissing(f"The token in {path} {flaw}: the file must contain only the token.")
    return token
