"""The workspace of an MLflow server (MLflow >= 3.10), which keeps its own experiments, told as MLflow's client does."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

VARIABLE = "MLFLOW_WORKSPACE"
HEADER = "X-MLFLOW-WORKSPACE"
DISABLED = "FEATURE_DISABLED"
"""The error code of a server that was started without --enable-workspaces."""


def workspace_of(environ: Mapping[str, str]) -> str:
    """Empty: none is chosen, and the server takes its default (mlflow/utils/workspace_context.py)."""
    return environ.get(VARIABLE, "").strip()


def problems(environ: Mapping[str, str]) -> list[str]:
    """Also that a client that does not know of workspaces would log to the server's default one, in silence."""
    workspace = workspace_of(environ)
    if not (workspace.isascii() and workspace.isprintable()):
        return [f"{VARIABLE} contains characters that no workspace has in its name."]
    if not workspace or _is_known_to_mlflow():
        return []
    return [
        f"{VARIABLE} is {workspace}, but the MLflow in this image is older than 3.10 and would ignore it: "
        "add mlflow>=3.10 to the project's requirements, or unset the variable."
    ]


def missing(workspace: str) -> str:
    return f"has no workspace {workspace}, which {VARIABLE} names. Create it, or correct {VARIABLE}."


def unsupported(workspace: str) -> str:
    return (
        f"has no workspaces, but {VARIABLE} is {workspace}. "
        f"Start the MLflow server with --enable-workspaces, or unset {VARIABLE}."
    )


def _is_known_to_mlflow() -> bool:
    """Without an import of MLflow, which takes seconds; where it is not there at all, others say so."""
    from importlib.util import find_spec
    from pathlib import Path

    found = find_spec("mlflow")
    folders = found.submodule_search_locations if found else None
    return not folders or any(Path(folder, "utils", "workspace_context.py").is_file() for folder in folders)
