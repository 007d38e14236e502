"""What an authentication type promises. Imported by type checkers only: ``typing`` is too slow for the entrypoint."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from kdeploy_runtime.authentication.bearer import BearerToken

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["AuthenticationType", "BearerToken"]


class AuthenticationType(Protocol):
    name: str
    """As written in kdeploy.yml, for example ``Vars``."""

    def read(self, entry: dict[str, Any]) -> Any:
        """The type's own settings from its entry in KDEPLOY_AUTH; raises ``ShapeError`` when it is malformed.

        Needs nothing but the entry, so the self-test can call it where no credentials are.
        """
        ...

    def check(self, settings: Any, environ: Mapping[str, str]) -> list[str]:
        """What is missing in this container: sentences that say what to do, and never contain a value.

        Makes no requests: a server's refusal is reported when the token is fetched.
        """
        ...

    def exports(self, settings: Any, environ: Mapping[str, str]) -> dict[str, str]:
        """Variables the command needs beyond those it has; called after ``check`` found nothing."""
        ...

    def bearer_token(self, settings: Any, environ: Mapping[str, str]) -> BearerToken | None:
        """The token to put on every call of MLflow's; None where MLflow's own client signs. Makes no requests yet."""
        ...
