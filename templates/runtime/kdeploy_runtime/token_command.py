"""``token``: what this container would send, to be piped into curl when a server rejects requests."""

from __future__ import annotations

import os

from kdeploy_runtime.authentication import AUTHENTICATION_TYPES, prepare
from kdeploy_runtime.authentication.tokens import TokenError
from kdeploy_runtime.failure import CONFIGURATION, USAGE, Failure, hush_libraries
from kdeploy_runtime.settings import read_settings


def token(arguments: list[str]) -> int:
    """Prints the token alone, of the type asked for or of the first that has one."""
    import argparse

    parser = argparse.ArgumentParser(
        prog="python -m kdeploy_runtime token",
        description="Print the token that this container would send to MLflow. It is a secret: keep it out of logs.",
    )
    parser.add_argument("--type", choices=[name for name in AUTHENTICATION_TYPES if name != "Vars"])
    options = parser.parse_args(arguments)
    hush_libraries()
    for kind, settings in read_settings(os.environ):
        if options.type not in (None, kind.name):
            continue
        bearer = kind.bearer_token(settings, os.environ)
        if bearer is None:
            continue
        prepare([(kind, settings)], os.environ)
        try:
            print(bearer.value().partition(" ")[2])
        except TokenError as error:
            raise Failure(CONFIGURATION, str(error)) from error
        return 0
    wanted = f"no {options.type}" if options.type else "no authentication type that sends a token"
    raise Failure(USAGE, f"KDEPLOY_AUTH has {wanted}: see run_config.authentication in kdeploy.yml.")
