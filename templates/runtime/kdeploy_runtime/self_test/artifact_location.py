"""Where the artifacts of an experiment are stored, seen from this container: MLflow's client itself writes to it.

kdeploy's host side judges in the same way (src/mlflow/artifact-location.ts, test/fixtures/artifact-locations.json).
"""

from __future__ import annotations

import importlib.util
import re
from importlib import metadata

# What MLflow imports for each kind of storage (mlflow/store/artifact/*_artifact_repo.py): distribution and module.
BOTO3, PYARROW = ("boto3", "boto3"), ("pyarrow", "pyarrow")
PACKAGES = {
    "s3": BOTO3,
    "r2": BOTO3,
    "b2": BOTO3,
    "gs": ("google-cloud-storage", "google.cloud.storage"),
    "wasbs": ("azure-storage-blob", "azure.storage.blob"),
    "abfss": ("azure-storage-file-datalake", "azure.storage.filedatalake"),
    "hdfs": PYARROW,
    "viewfs": PYARROW,
    "sftp": ("pysftp", "pysftp"),
}
SERVED = ("mlflow-artifacts", "http", "https", "dbfs", "ftp", "runs", "models")
"""Those that need nothing else (mlflow/store/artifact/artifact_repository_registry.py)."""

HOSTS = ("mlflow-artifacts", "http", "https", "ftp", "sftp")
FAILING = "the run would fail at its first artifact"


def judge(location: str) -> tuple[str, str]:
    """The kind, and what it is about: the host, the scheme."""
    found = re.match(r"([A-Za-z][A-Za-z0-9+.-]+):", location)
    scheme = found.group(1).lower() if found else "file"
    if scheme == "file":
        return "folder", ""
    host = _host_of(location)
    if scheme in HOSTS and _is_loopback(host):
        return "loopback", host
    if scheme in PACKAGES:
        return "package", scheme
    return ("served", "") if scheme in SERVED else ("unknown-scheme", scheme)


def problem_with(location: str) -> str | None:
    """What follows the name of the location in a sentence; None where artifacts can be stored there."""
    kind, about = judge(location)
    if kind == "folder":
        return (
            "is a local folder: artifacts that a container writes there are deleted with the container, "
            "unless a volume is mounted"
        )
    if kind == "loopback":
        return f"is on {about}, which is the container itself there: {FAILING}"
    if kind == "package":
        distribution, module = PACKAGES[about]
        if _is_installed(module):
            return None
        return f"needs {distribution}, which is missing from the image: {FAILING}"
    if kind == "unknown-scheme" and about not in _plugins():
        return f"has the scheme {about}, which MLflow supports only with a plugin: {FAILING}"
    return None


def _host_of(location: str) -> str:
    found = re.match(r"[^:]+://(?:[^/@]*@)?(\[[^\]]*\]|[^/:?#]*)", location)
    return found.group(1) if found else ""


def _is_loopback(host: str) -> bool:
    import ipaddress

    name = host.strip("[]").rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None) or address
    return mapped.is_loopback or mapped.is_unspecified


def _is_installed(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:  # not even its parent
        return False


def _plugins() -> list[str]:
    found = metadata.entry_points()
    group = "mlflow.artifact_repository"
    entries = found.select(group=group) if hasattr(found, "select") else found.get(group, ())  # Python 3.9
    return [entry.name for entry in entries]
