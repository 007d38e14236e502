"""A run in another Kedro environment than the baked one (``kedro run --env prod``) still logs where the image should.

kdeploy bakes mlflow.yml into one environment. In another, kedro-mlflow would read that of the base environment, or
none, and name the experiment after the package. So what the environment's own mlflow.yml does not say is as baked.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kdeploy_runtime.failure import say
from kdeploy_runtime.shared_run.experiment_options import VARIABLE as OPTIONS
from kdeploy_runtime.shared_run.experiment_options import read_experiment_options

PATTERNS = ("mlflow*", "mlflow*/**", "**/mlflow*")
SUFFIXES = (".yml", ".yaml", ".json")


@contextlib.contextmanager
def as_baked() -> Iterator[None]:
    """While Kedro's context is made: kedro-mlflow sets itself up with what is baked."""
    if "kedro_mlflow.framework.hooks.mlflow_hook" not in sys.modules or not _is_baked():
        yield
        return
    from kedro_mlflow.config.kedro_mlflow_config import KedroMlflowConfig

    original = KedroMlflowConfig.setup

    def setup(config: Any, context: Any) -> Any:
        _fill_in(config, context)
        return original(config, context)

    KedroMlflowConfig.setup = setup
    try:
        yield
    finally:
        KedroMlflowConfig.setup = original


def _is_baked() -> bool:
    return bool(os.environ.get("MLFLOW_TRACKING_URI") and os.environ.get("MLFLOW_EXPERIMENT_NAME"))


def _fill_in(config: Any, context: Any) -> None:
    environment = context.env or getattr(context.config_loader, "default_run_env", None)
    documents = _own_documents(context.config_loader, environment)
    if documents is None:
        return
    server, experiment = config.server, config.tracking.experiment
    if not _says(documents, "server", "mlflow_tracking_uri"):
        server.mlflow_tracking_uri = None  # then it is MLFLOW_TRACKING_URI
    elif server.mlflow_tracking_uri.rstrip("/") != os.environ["MLFLOW_TRACKING_URI"].rstrip("/"):
        _warn(environment, server.mlflow_tracking_uri)
    if not _says(documents, "server", "mlflow_registry_uri"):
        server.mlflow_registry_uri = None
    if _says(documents, "tracking", "experiment", "name"):
        return
    experiment.name = os.environ["MLFLOW_EXPERIMENT_NAME"]
    if os.environ.get(OPTIONS):
        options = read_experiment_options(os.environ)
        experiment.restore_if_deleted = options.restore_if_deleted
        if hasattr(experiment, "create_experiment_kwargs"):  # kedro-mlflow >= 0.14
            experiment.create_experiment_kwargs.artifact_location = options.artifact_location
            experiment.create_experiment_kwargs.tags = dict(options.tags) or None


def _own_documents(loader: Any, environment: str | None) -> list[Any] | None:
    """What the environment's own mlflow.yml says, as written; None where it cannot be read (an archive, a bucket)."""
    import yaml

    source = Path(loader.conf_source)
    if not environment or not source.is_dir():
        return None
    patterns = getattr(loader, "config_patterns", {}).get("mlflow", PATTERNS)
    # Kedro's globs find files by a pattern that ends with **, older Pythons' only folders
    globs = [f"{pattern}/*" if pattern.endswith("**") else pattern for pattern in patterns]
    files = {file for glob in globs for file in (source / environment).glob(glob)}
    return [yaml.safe_load(file.read_bytes()) for file in sorted(files) if file.is_file() and file.suffix in SUFFIXES]


def _says(documents: list[Any], *keys: str) -> bool:
    return any(_has(document, keys) for document in documents)


def _has(value: Any, keys: tuple[str, ...]) -> bool:
    """Null says nothing; an interpolation (`server: ${globals:mlflow}`) may say anything."""
    for key in keys:
        if not isinstance(value, dict):
            break
        value = value.get(key)
    return value is not None


def _warn(environment: str | None, uri: str) -> None:
    from kdeploy_runtime.redaction.addresses import redact_addresses

    own, baked = redact_addresses(uri), redact_addresses(os.environ["MLFLOW_TRACKING_URI"])
    say(
        f"this run logs to {own}, as the mlflow.yml of the Kedro environment '{environment}' says, "
        f"not to {baked}, for which the image was built."
    )
