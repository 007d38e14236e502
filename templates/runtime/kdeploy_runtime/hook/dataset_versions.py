"""Tasks of one execution read the versions of datasets that this execution saved.

Each `kedro run` has a save version of its own, and whoever loads takes the latest, which may be another execution's. So
the task that saves a versioned dataset notes the version on the shared run, and the tasks after it load that one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from kdeploy_runtime.shared_run.keys import as_tag_name

PREFIX = "kdeploy.dataset_version."
TRANSCODING = "@"


def load_noted(catalog: Any, names: Iterable[str], tags: Mapping[str, str]) -> None:
    """Of these datasets, those with a note are loaded in its version; one from the command line stays."""
    for name in sorted(names):
        version = tags.get(tag_of(name))
        dataset = _versioned(catalog, name) if version else None
        if dataset is not None and not dataset._version.load:
            _pin(dataset, version)


def saved_version(catalog: Any, name: str) -> str | None:
    """The version in which this process saved the dataset, and loads it from now on; None where it has none."""
    dataset = _versioned(catalog, name)
    if dataset is None:
        return None
    version = dataset.resolve_save_version()
    if version and not dataset._version.load:
        _pin(dataset, version)
    return version


def tag_of(name: str) -> str:
    """Transcoded names (``cars@pandas``) are one dataset in one version."""
    return PREFIX + as_tag_name(name.split(TRANSCODING)[0])


def _versioned(catalog: Any, name: str) -> Any:
    """The dataset with a version; within a CachedDataset, it is the inner one."""
    if catalog is None or name not in catalog:
        return None
    find = getattr(catalog, "_get_dataset", None) or catalog.get  # Kedro < 1.0
    dataset = find(name)
    if getattr(dataset, "_version", None) is None:
        dataset = getattr(dataset, "_dataset", None)
    has_version = getattr(dataset, "_version", None) is not None and hasattr(dataset, "resolve_save_version")
    return dataset if has_version else None


def _pin(dataset: Any, version: str | None) -> None:
    dataset._version = type(dataset._version)(version, dataset._version.save)
