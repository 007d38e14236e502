"""The self-test's verdict, as ``kdeploy build`` reads it. Fields are only ever added; else SCHEMA_VERSION rises."""

from __future__ import annotations

import importlib
import os
import platform
from typing import Any

from kdeploy_runtime import __version__
from kdeploy_runtime.redaction.addresses import redact_addresses
from kdeploy_runtime.self_test import authentication, entry_points, site_packages, tracking
from kdeploy_runtime.self_test.installed import DISTRIBUTIONS, versions
from kdeploy_runtime.self_test.project import Project, config_kinds, load_config, load_project, loaded_files
from kdeploy_runtime.self_test.rehearsal import Rehearsal
from kdeploy_runtime.self_test.steps import Steps
from kdeploy_runtime.settings import read_settings

SCHEMA_VERSION = 1
BAKED = "/opt/kdeploy/lib/"
"""In an image, and below the folder where kdeploy lays one out to test it without an engine."""
READ_AUTHENTICATION = "read authentication settings"

# The modules that a run imports at its start: a package's `__init__` alone may hide what is missing.
IMPORTS = {
    "kedro": ("kedro.framework.cli", "kedro.framework.session"),
    "mlflow": ("mlflow",),
    "kedro_mlflow": ("kedro_mlflow", "kedro_mlflow.framework.hooks.mlflow_hook"),
}


def make_report(package: str | None = None, online: bool = False) -> dict[str, Any]:
    """Runs every step in the current folder and environment; ``online`` asks the MLflow server too."""
    steps = Steps()
    chosen = steps.run(READ_AUTHENTICATION, lambda: read_settings(os.environ))
    steps.run_with_remark(
        "load authentication", lambda: authentication.load_authentication(chosen), needs=READ_AUTHENTICATION
    )
    for name, modules in IMPORTS.items():
        steps.run(f"import {name}", lambda modules=modules: [importlib.import_module(module) for module in modules])
    steps.run("load kedro plugins", entry_points.load_hooks, needs="import kedro")
    steps.run("load kdeploy entry points", entry_points.load_ours)
    if BAKED in __file__:
        steps.run("find kdeploy without PYTHONPATH", site_packages.find_without_pythonpath)
    project = steps.run("load project settings", lambda: load_project(package), needs="import kedro")
    if project is not None:
        _load_config(steps, project)
    found = _rehearse(steps, project)
    if online:
        reach = "reach MLflow"
        experiment = steps.run(reach, authentication.reach_mlflow, needs=READ_AUTHENTICATION)
        steps.run_with_remark("use the experiment", lambda: authentication.use_experiment(experiment), needs=reach)
    return {
        "schema_version": SCHEMA_VERSION,
        "ok": steps.ok,
        "python": platform.python_version(),
        "versions": {"kdeploy_runtime": __version__, **versions(DISTRIBUTIONS)},
        "package": project.package if project else None,
        "kedro_env": project.kedro_env if project else os.environ.get("KEDRO_ENV") or None,
        "tracking_uri": redact_addresses(found.tracking_uri) if found else None,
        "registry_uri": redact_addresses(found.registry_uri) if found else None,
        "experiment": found.experiment if found else None,
        "authentication": [kind.name for kind, _ in chosen or []],
        "entry_points": entry_points.our_entry_points(),
        "project_files": loaded_files(project) if project else [],
        "steps": steps.records,
    }


def _load_config(steps: Steps, project: Project) -> None:
    for kind in config_kinds(project):
        steps.run_with_remark(f"load config: {kind}", lambda kind=kind: load_config(project, kind))


def _rehearse(steps: Steps, project: Project) -> tracking.Tracking | None:
    """What a run does up to its first node."""
    session, config = "start a Kedro session", "read mlflow config"
    needs = "load project settings", "load kedro plugins", "import kedro_mlflow"
    rehearsal = steps.run(session, lambda: Rehearsal(project), needs=needs)
    found = steps.run(config, lambda: tracking.resolve_tracking(rehearsal), needs=session)
    steps.run_with_remark("open tracking store", lambda: tracking.open_file_store(found), needs=config)
    steps.run_with_remark("begin a run", lambda: rehearsal.begin_run(), needs=config)
    return found
