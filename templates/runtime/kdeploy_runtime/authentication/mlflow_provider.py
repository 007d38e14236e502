"""MLflow asks here, before each of its calls, how to authenticate.

Found by name: ``MLFLOW_TRACKING_AUTH=kdeploy`` and the entry point ``kdeploy`` in ``mlflow.request_auth_provider``.
"""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kdeploy_runtime.authentication.bearer import BearerToken
    from kdeploy_runtime.authentication.signing import Signature

NAME = "kdeploy"
_lock = threading.Lock()
_signature: dict[str, Signature | None] = {}


class AuthProvider:
    """MLflow makes one when it is imported; the settings are read when the first call is made."""

    def get_name(self) -> str:
        return NAME

    def get_auth(self) -> Signature | None:
        """The same object for every call, so that its tokens are kept; None: nothing to add."""
        return process_signature()


def process_signature() -> Signature | None:
    """What signs this process's calls, by its environment."""
    key = os.environ.get("KDEPLOY_AUTH", "")
    if key not in _signature:
        with _lock:
            if key not in _signature:
                _signature[key] = _make_signature()
    return _signature[key]


def process_tokens() -> list[BearerToken]:
    """The tokens of ``process_signature``, in their order."""
    signature = process_signature()
    return list(signature.tokens) if signature else []


def _make_signature() -> Signature | None:
    from kdeploy_runtime.authentication import bearer_tokens
    from kdeploy_runtime.authentication.signing import Signature
    from kdeploy_runtime.settings import read_settings

    tokens = bearer_tokens(read_settings(os.environ), os.environ)
    return Signature(tokens) if tokens else None


if hasattr(os, "register_at_fork"):

    def _after_fork() -> None:
        global _lock
        _lock = threading.Lock()

    os.register_at_fork(after_in_child=_after_fork)
