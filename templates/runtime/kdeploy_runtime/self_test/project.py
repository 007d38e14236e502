"""The project as ``kedro run`` would find it: its package, its settings, its configuration."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Project:
    path: Path
    package: str
    config_loader: Any
    conf_source: str

    @property
    def kedro_env(self) -> str | None:
        """The environment whose configuration lies over the base's."""
        return self.config_loader.env or getattr(self.config_loader, "default_run_env", None) or None


def load_project(package: str | None) -> Project:
    """Imports settings.py and makes the config loader it asks for, as KedroSession does, without a session.

    A session would also start the project's hooks, which may reach for Spark, vaults and databases.
    """
    from kedro.framework.project import configure_project, settings, validate_settings

    path = _project_path()
    if package is not None:
        configure_project(package)
    else:
        from kedro.framework.startup import bootstrap_project

        package = bootstrap_project(path).package_name
    validate_settings()
    conf_source = str(path / settings.CONF_SOURCE)
    loader = settings.CONFIG_LOADER_CLASS(
        conf_source=conf_source,
        env=os.environ.get("KEDRO_ENV") or None,
        runtime_params=None,
        **settings.CONFIG_LOADER_ARGS,
    )
    return Project(path, package, loader, conf_source)


def config_kinds(project: Project) -> list[str]:
    """What ``load_config`` can load: Kedro's own patterns and the project's.

    Without credentials, which are never in an image; mlflow.yml is read by kedro-mlflow.
    """
    patterns = getattr(project.config_loader, "config_patterns", {"catalog": [], "parameters": []})
    return [kind for kind in patterns if kind not in ("credentials", "mlflow")]


def load_config(project: Project, kind: str) -> str | None:
    """Loads and resolves one kind of configuration; returns a remark where it passes with a caveat."""
    from kedro.config import MissingConfigException

    try:
        read_config(project.config_loader, kind)
    except MissingConfigException:
        if kind == "catalog":  # the one that Kedro cannot do without
            raise
        return "There is no such file, and Kedro does not require one."
    except Exception as error:
        if "runtime_params" in str(error) or "Runtime parameter" in str(error):
            return f"Needs parameters that are passed at run time (kedro run --params): {error}"
        raise
    return None


def read_config(loader: Any, kind: str) -> Any:
    """One kind of configuration, merged and resolved."""
    if hasattr(loader, "__getitem__"):
        return loader[kind]
    return loader.get(f"{kind}*", f"{kind}*/**", f"**/{kind}*")  # Kedro < 0.18.4


def loaded_files(project: Project) -> list[str]:
    """The project's Python files that this verdict rests on, relative to the project."""
    found = set()
    for module in list(sys.modules.values()):
        file = getattr(module, "__file__", None)
        if not isinstance(file, str):
            continue
        try:
            relative = Path(file).resolve().relative_to(project.path)
        except ValueError:
            continue
        if "site-packages" not in relative.parts:
            found.add(relative.as_posix())
    return sorted(found)


def _project_path() -> Path:
    from kedro import utils

    find = getattr(utils, "find_kedro_project", None)  # Kedro >= 0.19
    found = find(Path.cwd()) if find else None
    return Path(found or Path.cwd()).resolve()
