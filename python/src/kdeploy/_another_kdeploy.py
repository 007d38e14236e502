"""A command `kdeploy` on PATH that is another version than the one that `kedro deploy` runs."""

from __future__ import annotations

import os
import re
import subprocess
import sys

from kdeploy._program import own_version
from kdeploy._refusal import Refusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

_PATIENCE_SECONDS = 10


def note_of_another(environment: Mapping[str, str]) -> str:
    """A sentence for whoever calls both, and wonders; empty where `kdeploy` starts the same version, or nothing."""
    command = _command(environment)
    if command is None:
        return ""
    version = _version_of(command, environment)
    try:
        own = own_version()
    except Refusal:  # the start of this one tells it
        return ""
    if version is None or version == own:
        return ""
    return (
        f"note: kedro deploy runs kdeploy {own}, of the environment {sys.prefix}; the command kdeploy is {version}, "
        f"{command}\n"
        "  next: activate the environment, so that kdeploy is its own, or install the same version in both places\n"
    )


def _command(environment: Mapping[str, str]) -> str | None:
    """What a shell would start, unless it is beside this Python: then it is this one, and need not be asked."""
    from shutil import which

    command = which("kdeploy", path=environment.get("PATH", ""))
    if command is None or os.path.realpath(os.path.dirname(command)) == _own_folder():
        return None
    return command


def _own_folder() -> str:
    return os.path.realpath(os.path.dirname(sys.executable))


def _version_of(command: str, environment: Mapping[str, str]) -> str | None:
    try:
        answer = subprocess.run(
            [command, "--version"],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_PATIENCE_SECONDS,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.match(rb"kdeploy/([\w.+-]+)", answer.stdout)
    return None if found is None else found[1].decode()
