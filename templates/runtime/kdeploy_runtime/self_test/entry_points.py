"""What plugs itself into Kedro and MLflow by being installed: found by name, and known to load or not.

Kedro's run dies of a plugin that does not load. MLflow does worse: it warns, and calls the server unauthenticated.
"""

from __future__ import annotations

import os
from importlib import metadata
from typing import Any

HOOKS = "kedro.hooks"
AUTH_PROVIDERS = "mlflow.request_auth_provider"
OURS = "kdeploy"


class NoAuthenticationProvider(Exception):
    """The authentication that MLflow is configured to use is not in the image."""


def load_hooks() -> None:
    """Loads every plugin's hooks, as each ``kedro run`` does."""
    for entry_point in _group(HOOKS):
        entry_point.load()


def our_entry_points() -> dict[str, list[str]]:
    """Group -> the objects that kdeploy offers there."""
    return {group: sorted({entry.value for entry in _ours(group)}) for group in (AUTH_PROVIDERS, HOOKS)}


def load_ours() -> None:
    """Loads kdeploy's entry points, and fails when MLflow is configured to authenticate by one that is missing."""
    providers = _ours(AUTH_PROVIDERS)
    for entry in [*providers, *_ours(HOOKS)]:
        entry.load()
    if os.environ.get("MLFLOW_TRACKING_AUTH") == OURS and not providers:
        raise NoAuthenticationProvider(
            f"MLFLOW_TRACKING_AUTH is '{OURS}', but the group {AUTH_PROVIDERS} has no entry point of that name: "
            "MLflow would call the server without authentication"
        )


def _ours(group: str) -> list[Any]:
    return [entry for entry in _group(group) if entry.name == OURS]


def _group(name: str) -> list[Any]:
    found = metadata.entry_points()
    if hasattr(found, "select"):
        return list(found.select(group=name))
    return list(found.get(name, []))  # Python 3.9
