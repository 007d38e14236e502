"""The Pythons of an image, where they look for packages, and whether they find the runtime there by themselves.

kdeploy also passes this file to an image's Python before it bakes (`python -I -c SOURCE SOURCE PATH…`), to learn where
kdeploy.pth belongs, and which folders lead to it and to the other paths: a JSON object, as the last line. So it imports
nothing of the runtime.
"""

from __future__ import annotations

import json
import os
import shutil
import site
import subprocess
import sys
import sysconfig

FINDS_US = """\
from importlib import metadata
import kdeploy_runtime
found = metadata.entry_points()
hooks = found.select(group="kedro.hooks") if hasattr(found, "select") else found.get("kedro.hooks", ())
assert any(entry.name == "kdeploy" for entry in hooks), "No hook of kdeploy's for Kedro"
"""


class RuntimeNotFound(Exception):
    hint = (
        "A task whose PYTHONPATH or entrypoint is replaced would not be tracked: check that the image's Python reads "
        "the .pth files of its site-packages (python -I -m site), then build again."
    )


def find_without_pythonpath() -> None:
    """Where PYTHONPATH is emptied and the entrypoint replaced, each Python must find the runtime by its own means."""
    for python in (sys.executable, kedros_python()):
        if python is None:
            continue
        answer = _ask(python, FINDS_US)
        if answer.returncode != 0:
            said = (answer.stderr.strip().splitlines() or ["no word"])[-1]
            raise RuntimeNotFound(f"{python} does not find kdeploy's runtime without PYTHONPATH: {said}")


def own_site_packages() -> list[str]:
    """Where pip would install, if Python looks there: it reads the .pth files of these folders only."""
    candidates = [sysconfig.get_path("purelib"), *site.getsitepackages()]
    return next(([os.path.realpath(each)] for each in candidates if each in sys.path and os.path.isdir(each)), [])


def kedros_python() -> str | None:
    """The one that a `kedro` on PATH runs with, where it is another than this: a virtual environment of its own."""
    try:
        with open(shutil.which("kedro") or "", encoding="utf-8", errors="replace") as script:
            line = script.readline()
    except OSError:
        return None
    program = line[2:].strip() if line.startswith("#!") else ""
    is_python = os.path.basename(program).startswith("python") and os.access(program, os.X_OK)
    return program if is_python and program != sys.executable else None


def folders_on_the_way(paths: list[str]) -> dict[str, list[int]]:
    """The folders that lead to real paths, with owner, mode and time, as a layer has to repeat each.

    A layer that does not leaves their mode to whoever unpacks it (moby/moby#44196).
    """
    folders: dict[str, list[int]] = {}
    for path in paths:
        parts = path.strip("/").split("/")
        for folder in ("/" + "/".join(parts[: depth + 1]) for depth in range(len(parts))):
            if os.path.isdir(folder):
                found = os.lstat(folder)
                folders[folder] = [found.st_uid, found.st_gid, found.st_mode & 0o7777, int(found.st_mtime)]
    return folders


def folders_below(path: str) -> list[str]:
    """The folder of configuration has one for each Kedro environment."""
    if not os.path.isdir(path):
        return []
    with os.scandir(path) as entries:
        return sorted(entry.path for entry in entries if entry.is_dir(follow_symlinks=False))


def _ask(python: str, code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([python, "-I", "-c", code], capture_output=True, text=True, check=False)


if __name__ == "__main__":
    found = own_site_packages()
    other = kedros_python() if len(sys.argv) > 1 else None
    theirs = _ask(other, sys.argv[1]) if other else None
    if theirs is not None and theirs.returncode == 0:
        found += [each for each in json.loads(theirs.stdout.splitlines()[-1])["site_packages"] if each not in found]
    real = {path: os.path.realpath(path) for path in sys.argv[2:]}
    below = [folder for path in real.values() for folder in folders_below(path)]
    folders = folders_on_the_way([*real.values(), *below, *found])
    owner = [os.getuid(), os.getgid()]
    print(json.dumps({"site_packages": found, "owner": owner, "real": real, "folders": folders}))
