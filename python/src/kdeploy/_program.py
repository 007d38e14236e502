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
    """The oldest Node.js that runs the program, by its package.json. `json` would take longer than all the rest."""
    file = os.path.join(_FOLDER, "package.json")
    try:
        with open(file, encoding="utf-8") as opened:
            version = opened.read().partition('"node": ">=')[2].partition('"')[0]
    except OSError:
        raise _incomplete(file) from None
    return tuple(int(part) for part in version.split("."))


def _incomplete(file: str) -> Refusal:
    return Refusal(
        f"the installation of kdeploy is incomplete: {file} is missing",
        "install it again: pip install --force-reinstall kdeploy",
    )
