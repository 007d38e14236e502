"""A token together with the header it travels in, and the words to explain its refusal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kdeploy_runtime.authentication.credential_value import TOKEN, flaw_of
from kdeploy_runtime.authentication.tokens import TokenCache, TokenError
from kdeploy_runtime.patience import wait_for_a_token

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kdeploy_runtime.authentication.tokens import Token


class BearerToken:
    """What a signing authentication type makes of its settings."""

    def __init__(
        self,
        *,
        header: str,
        what: str,
        refused_hint: str,
        fetch: Callable[[], Token],
        environ: Mapping[str, str],
    ) -> None:
        self.header = header
        self.what = what
        """Completes "the server rejects …", for example: the Google ID token for the audience 'x'."""
        self.refused_hint = refused_hint
        """What to do when the server refuses it."""
        self._tokens = TokenCache(lambda: self._fetch(fetch, wait_for_a_token(environ)))

    def value(self) -> str:
        """The header's value, valid for a request now; raises TokenError."""
        return f"Bearer {self._tokens.token()}"

    def renewed(self, refused: str) -> str:
        """The header's value after a server refused that one; the same, when there is no other."""
        return f"Bearer {self._tokens.renew(refused.partition(' ')[2])}"

    def hidden_in(self, text: str) -> str:
        """The text without the tokens that were sent: a server may quote what it refuses."""
        for token in self._tokens.sent:
            text = text.replace(token, "***")
        return text

    def _fetch(self, fetch: Callable[[], Token], seconds: float) -> Token:
        from kdeploy_runtime.authentication.token_requests import tried_again

        name = f"{self.what[:1].upper()}{self.what[1:]}"
        try:
            token = tried_again(fetch, seconds)
        except TimeoutError as error:
            raise TokenError(
                f"{name} could not be fetched: the server that issues it does not respond. "
                "Check that this container can reach it.",
                is_transient=True,
            ) from error
        flaw = flaw_of(token.value, TOKEN)
        if flaw:
            raise TokenError(f"{name} {flaw}, so it is none that a server would accept.")
        return token
