"""The program itself, in JavaScript: what npm would install, in the folder `program` beside this file."""

from __future__ import annotations

import os

from kdeploy._refusal import Refusal

_FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "program")


def program() -> str:
    """The script for Node.js to run. Raises Refusal where it is not a file that Node.js could read."""
    script = os.path.join(_FOLDER, "bin", "run.js")
    if os.path.isfile(script):
        return script
    archive = getattr(globals().get("__loader__"), "archive", None)
    if archive is None:
        raise _incomplete(script)
    raise Refusal(
        f"kdeploy cannot run out of the archive {archive}, where Node.js cannot read it",
        "install it into a folder: pip install kdeploy",
    )


def oldest_node() -> tuple[int, ...]:
    """The oldest Node.js that runs the program. What lies in a gap of the range, the program refuses itself."""
    return tuple(int(part) for part in _in_package_json('"node": ">=').split("."))


def own_version() -> str:
    return _in_package_json('"version": "')


def _in_package_json(key: str) -> str:
    """What npm has of the program. `json` would take longer to import than all the rest."""
    file = os.path.join(_FOLDER, "package.json")
    try:
        with open(file, encoding="utf-8", errors="replace") as opened:
            value = opened.read().partition(key)[2].partition('"')[0].partition(" ")[0]
    except OSError:
        raise _incomplete(file) from None
    if not all(part.isdigit() for part in value.partition("-")[0].split(".")):
        raise _incomplete(file, "damaged")
    return value


def _incomplete(file: str, what: str = "missing") -> Refusal:
    return Refusal(
        f"the installation of kdeploy is incomplete: {file} is {what}",
        "install it again: pip install --force-reinstall kdeploy",
    )
