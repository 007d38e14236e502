"""How the image authenticates is decided when it is baked, and read here, at each start.

``KDEPLOY_AUTH`` is JSON, written by ``kdeploy build``; it contains names, never values::

    {"types": [{"type": "Vars", "params": ["MLFLOW_TRACKING_TOKEN"]},
               {"type": "GoogleOAuth2", "audience": null, "header": "Authorization"}]}

Absent or empty: no authentication (empty, so that ``docker run -e KDEPLOY_AUTH=`` can switch it off).
Anything else that is not exactly this shape is refused: a half-understood authentication fails later, and worse.
"""

from __future__ import annotations

from kdeploy_runtime.authentication import AUTHENTICATION_TYPES, load_type
from kdeploy_runtime.authentication.shape import ShapeError, expect_keys
from kdeploy_runtime.failure import CONFIGURATION, Failure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from kdeploy_runtime.authentication.contract import AuthenticationType

VARIABLE = "KDEPLOY_AUTH"


def read_settings(environ: Mapping[str, str]) -> list[tuple[AuthenticationType, Any]]:
    """The authentication types in their order, each with its own settings."""
    text = environ.get(VARIABLE)
    if not text:
        return []
    try:
        return [_read_entry(entry) for entry in _entries(text)]
    except ShapeError as error:
        raise Failure(
            CONFIGURATION,
            f"{VARIABLE} {error}. kdeploy writes this variable: build the image again, "
            "or unset the variable where the container is started.",
        ) from error


def _entries(text: str) -> list[Any]:
    import json

    try:
        document = json.loads(text)
    except ValueError as error:
        raise ShapeError("is not valid JSON") from error
    expect_keys(document, {"types"}, "")
    if not isinstance(document["types"], list):
        raise ShapeError("needs a list under 'types'")
    return document["types"]


def _read_entry(entry: Any) -> tuple[AuthenticationType, Any]:
    name = entry.get("type") if isinstance(entry, dict) else None
    if not isinstance(name, str) or name not in AUTHENTICATION_TYPES:
        known = " and ".join(AUTHENTICATION_TYPES)
        what = f"names the authentication type '{name}'" if isinstance(name, str) else "has an entry without a type"
        raise ShapeError(f"{what}, which this version does not support (supported: {known})")
    chosen = load_type(name)
    return chosen, chosen.read(entry)
