"""The versions that the image has, and which of them do not work together although pip installs them so."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import metadata

DISTRIBUTIONS = (
    ("kedro", ("kedro",)),
    ("kedro_mlflow", ("kedro-mlflow",)),
    ("mlflow", ("mlflow", "mlflow-skinny")),
)


class IncompatibleVersions(Exception):
    """Packages of the image do not work together."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


def kedro_mlflow_fails(how: str) -> IncompatibleVersions:
    """Names the versions, and what to install instead."""
    found = versions(DISTRIBUTIONS)
    kedro, kedro_mlflow = found["kedro"] or "", found["kedro_mlflow"] or ""
    # Kedro 1.2 replaced the run parameter `pipeline_name` by `pipeline_names`; kedro-mlflow 2.0.2 reads both.
    if _numbers(kedro) >= (1, 2) and _numbers(kedro_mlflow) < (2, 0, 2):
        hint = "Require kedro-mlflow>=2.0.2 (which needs MLflow 3), or kedro<1.2."
    else:
        hint = "Require a version of kedro-mlflow that supports this Kedro and this MLflow."
    return IncompatibleVersions(
        f"kedro-mlflow {kedro_mlflow} does not work with Kedro {kedro} and MLflow {found['mlflow']}: {how}", hint
    )


def versions(distributions: Iterable[tuple[str, tuple[str, ...]]]) -> dict[str, str | None]:
    """Name -> installed version, None where there is none; the first distribution that is installed counts."""
    return {name: next(filter(None, map(_version, candidates)), None) for name, candidates in distributions}


def _version(distribution: str) -> str | None:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None


def _numbers(version: str) -> tuple[int, ...]:
    parts = []
    for part in version.split("."):
        if not part.isdigit():
            break
        parts.append(int(part))
    return tuple(parts)
