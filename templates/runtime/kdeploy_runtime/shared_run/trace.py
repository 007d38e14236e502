"""Tags that lead from a model's run back to the image, the commit and the execution that made it."""

from __future__ import annotations

from kdeploy_runtime import __version__
from kdeploy_runtime.orchestrators import AIRFLOW, airflow_names, find_orchestrator

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

# tag -> variable, baked into the image or given by the orchestrator
BAKED = {
    "kdeploy.image": "KDEPLOY_IMAGE",
    "kdeploy.git_revision": "KDEPLOY_GIT_REVISION",
    "mlflow.source.git.commit": "KDEPLOY_GIT_REVISION",  # what MLflow's pages show as the version
    "kdeploy.version": "KDEPLOY_VERSION",
}


def trace_tags(environ: Mapping[str, str]) -> dict[str, str]:
    """The tags of this container; a digest in the image's name gets a tag of its own."""
    tags = {tag: environ[variable] for tag, variable in BAKED.items() if environ.get(variable)}
    tags.setdefault("kdeploy.version", __version__)
    digest = tags.get("kdeploy.image", "").partition("@")[2]
    if digest:
        tags["kdeploy.image_digest"] = digest
    named = airflow_names(environ.get("KDEPLOY_RUN_KEY", ""))  # a container that Airflow starts has no other variable
    found = find_orchestrator(environ)
    orchestrator = AIRFLOW if named else found[0] if found else None
    if orchestrator:
        tags["kdeploy.orchestrator"] = orchestrator.name
        for name, variable in orchestrator.traces:
            value = environ.get(variable) or named.get(variable)
            if value:
                tags[f"kdeploy.{orchestrator.name}.{name}"] = value
    return tags
