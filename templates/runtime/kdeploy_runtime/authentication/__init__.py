"""How a container proves who it is to the MLflow server: one file per type.

To add a type: write a module here with a class that implements ``contract.AuthenticationType``, and list it below.
"""

from __future__ import annotations

from kdeploy_runtime.failure import CONFIGURATION, Failure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from kdeploy_runtime.authentication.contract import AuthenticationType, BearerToken

# name -> (module, class); a task imports only the types it uses.
AUTHENTICATION_TYPES = {
    "Vars": ("variables", "Variables"),
    "GoogleOAuth2": ("google_oauth2", "GoogleOAuth2"),
    "OIDC": ("oidc", "OIDC"),
    "TokenFile": ("token_file", "TokenFile"),
}


def load_type(name: str) -> AuthenticationType:
    """The type of that name, which must be one of ``AUTHENTICATION_TYPES``."""
    from importlib import import_module

    module, class_name = AUTHENTICATION_TYPES[name]
    return getattr(import_module(f"{__name__}.{module}"), class_name)()


def prepare(chosen: Iterable[tuple[AuthenticationType, Any]], environ: Mapping[str, str]) -> dict[str, str]:
    """The variables to add for the command; fails with every problem of every type in one message."""
    chosen = list(chosen)
    problems = [problem for kind, settings in chosen for problem in kind.check(settings, environ)]
    if problems:
        raise Failure(CONFIGURATION, "cannot authenticate to MLflow. " + " ".join(problems))
    exports: dict[str, str] = {}
    for kind, settings in chosen:
        exports.update(kind.exports(settings, environ))
    return exports


def bearer_tokens(chosen: Iterable[tuple[AuthenticationType, Any]], environ: Mapping[str, str]) -> list[BearerToken]:
    """What goes on every call, in the order of the types: of two for one header, the later is sent."""
    found = [kind.bearer_token(settings, environ) for kind, settings in chosen]
    return [token for token in found if token is not None]
