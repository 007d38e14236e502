"""The whole document, in one order whatever Python's hash seed."""

from __future__ import annotations

from typing import Any

from kdeploy_runtime.description.catalog import Catalog
from kdeploy_runtime.description.datasets import describe_dataset
from kdeploy_runtime.description.pipelines import dataset_names, describe_pipeline, load_pipelines
from kdeploy_runtime.description.run_command import run_options
from kdeploy_runtime.self_test import held_back
from kdeploy_runtime.self_test.project import Project, load_project


def make_structure(package: str | None) -> dict[str, Any]:
    """Loads the project in the current folder and environment; raises what the project's code raises."""
    import kedro

    with held_back.network():
        project = load_project(package)
        pipelines = load_pipelines()
        return {
            "package": project.package,
            "kedro_version": kedro.__version__,
            "kedro_env": project.config_loader.env or None,
            "folder": str(project.path),
            "run_options": run_options(project.package),
            "pipelines": {name: describe_pipeline(pipelines[name]) for name in sorted(pipelines)},
            "datasets": _datasets(project, dataset_names(pipelines.values())),
        }


def _datasets(project: Project, names: list[str]) -> dict[str, Any]:
    catalog = Catalog(project)
    return {name: describe_dataset(name, catalog.find(name), str(project.path)) for name in names}
