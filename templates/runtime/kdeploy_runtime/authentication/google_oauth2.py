"""``GoogleOAuth2``: a server behind Google IAP accepts an ID token that was made for its audience.

Checks that the audience is known; it does not put a token on MLflow's calls. The self-test of an image that
expects tokens (``MLFLOW_TRACKING_AUTH=kdeploy``) fails as long as nothing provides them.
"""

from __future__ import annotations

from kdeploy_runtime.authentication.shape import ShapeError, expect_keys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

AUDIENCE_VARIABLE = "GOOGLE_AUDIENCE"
HEADER_CHARACTERS = "!#$%&'*+-.^_`|~"  # with letters and digits: RFC 9110, 5.6.2


class GoogleOAuth2:
    name = "GoogleOAuth2"

    def read(self, entry: dict[str, Any]) -> dict[str, Any]:
        """``audience`` (None: known at run time only) and ``header``."""
        expect_keys(entry, {"type", "audience", "header"}, self.name)
        audience, header = entry["audience"], entry["header"]
        if audience is not None and not (isinstance(audience, str) and audience.strip()):
            raise ShapeError(f"needs a text or null under 'audience' in {self.name}")
        if not isinstance(header, str) or not _is_header_name(header):
            raise ShapeError(f"needs the name of an HTTP header under 'header' in {self.name}")
        return {"audience": audience, "header": header}

    def check(self, settings: dict[str, Any], environ: Mapping[str, str]) -> list[str]:
        if settings["audience"] or environ.get(AUDIENCE_VARIABLE):
            return []
        return [
            "The audience of the Google ID token is not known: set run_config.authentication.audience in kdeploy.yml "
            f"and bake the image again, or pass {AUDIENCE_VARIABLE} to the container (for IAP, its OAuth client ID)."
        ]

    def exports(self, settings: dict[str, Any], environ: Mapping[str, str]) -> dict[str, str]:
        return {}


def _is_header_name(text: str) -> bool:
    return text.isascii() and text != "" and all(c.isalnum() or c in HEADER_CHARACTERS for c in text)
