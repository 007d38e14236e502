"""Where the runs would really go: asked of kedro-mlflow itself, so that none of its rules is repeated here.

Its hook does all the work: it reads mlflow.yml with Kedro's merge and resolvers, validates, falls back on
MLFLOW_TRACKING_URI and the package's name, and sets MLflow up. What would reach for a server is held back.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from kdeploy_runtime.self_test.rehearsal import Rehearsal


@dataclass(frozen=True)
class Tracking:
    tracking_uri: str
    registry_uri: str
    experiment: str


class KedroMlflowSwitchedOff(Exception):
    """The image would run, and log nothing."""


class UnknownKedroMlflow(Exception):
    """This kedro-mlflow is built otherwise, so it cannot be asked without the risk of a call to the server."""


def resolve_tracking(rehearsal: Rehearsal) -> Tracking:
    """What kedro-mlflow makes of the image's configuration and environment."""
    if not rehearsal.is_tracked:
        raise KedroMlflowSwitchedOff(
            "settings.py lists kedro-mlflow in DISABLE_HOOKS_FOR_PLUGINS and no MlflowHook in HOOKS: "
            "runs are not tracked"
        )
    import mlflow

    with _without_server():
        context = rehearsal.load_context()
    return Tracking(
        tracking_uri=mlflow.get_tracking_uri(),
        registry_uri=mlflow.get_registry_uri(),
        experiment=context.mlflow.tracking.experiment.name,
    )


def open_file_store(tracking: Tracking) -> str | None:
    """Newer MLflow refuses to keep runs in a folder: asked with an empty one, because asking creates it.

    Older MLflow does not; then the remark says what happens to the runs, for a volume may be mounted there.
    """
    if urlsplit(tracking.tracking_uri).scheme != "file":
        return None
    from mlflow.tracking import MlflowClient

    with tempfile.TemporaryDirectory() as folder:
        MlflowClient(tracking_uri=Path(folder).as_uri())
    return "Runs go to a folder in the container and are lost with it, unless a volume is mounted there."


@contextlib.contextmanager
def _without_server() -> Iterator[None]:
    from kedro_mlflow.config import kedro_mlflow_config as module

    config_class = module.KedroMlflowConfig
    replaced = {
        (module, "MlflowClient"): _NoClient,  # opens databases
        (config_class, "_set_experiment"): lambda self: None,  # looks the experiment up, or creates it
        (config_class, "_export_credentials"): lambda self, context: None,  # are never in an image
    }
    missing = [name for owner, name in replaced if not hasattr(owner, name)]
    if missing:
        raise UnknownKedroMlflow(f"kdeploy does not support this kedro-mlflow: it has no {' and no '.join(missing)}")
    if hasattr(config_class, "_register_request_header_provider"):  # since 0.11.4; makes one, which may fetch a token
        replaced[config_class, "_register_request_header_provider"] = _import_header_provider
    originals = {(owner, name): getattr(owner, name) for owner, name in replaced}
    for (owner, name), value in replaced.items():
        setattr(owner, name, value)
    try:
        yield
    finally:
        for (owner, name), value in originals.items():
            setattr(owner, name, value)


class _NoClient:
    def __init__(self, *_: Any, **__: Any) -> None:
        pass


def _import_header_provider(config: Any, context: Any) -> None:
    """The class named in mlflow.yml must be in the image, even if it is not used here."""
    from kedro.utils import load_obj

    if config.server.request_header_provider.type is not None:
        load_obj(config.server.request_header_provider.type)
