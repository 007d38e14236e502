"""What an authentication type promises. Imported by type checkers only: ``typing`` is too slow for the entrypoint."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping


class AuthenticationType(Protocol):
    name: str
    """As it stands in kdeploy.yml, for example ``Vars``."""

    def read(self, entry: dict[str, Any]) -> Any:
        """The type's own settings from its entry in KDEPLOY_AUTH; raises ``ShapeError`` when it is malformed.

        Needs nothing but the entry, so the self-test can call it where no credentials are.
        """
        ...

    def check(self, settings: Any, environ: Mapping[str, str]) -> list[str]:
        """What is missing in this container: sentences that say what to do, and never hold a value."""
        ...

    def exports(self, settings: Any, environ: Mapping[str, str]) -> dict[str, str]:
        """Variables the command needs beyond those it has; called after ``check`` found nothing."""
        ...
