"""One dataset: its class, whether its data outlive the process, and where they are."""

from __future__ import annotations

import copy
from dataclasses import asdict
from typing import Any

from kdeploy_runtime.description.catalog import NOTHING, Definition
from kdeploy_runtime.description.failure import Undescribable
from kdeploy_runtime.description.places import Places, clean_address, find_places
from kdeploy_runtime.self_test import held_back

IN_MEMORY = "kedro.io.memory_dataset.MemoryDataset"  # what Kedro makes of a name that is in no catalog
LONGEST_SECONDS = 10.0


def describe_dataset(name: str, definition: Definition, folder: str) -> dict[str, Any]:
    config = definition.config
    if definition.defined_by == NOTHING or config is None:
        return _document(definition, IN_MEMORY, ephemeral=True)
    kind = config.get("type") if isinstance(config, dict) else None
    if kind is None:
        raise Undescribable(
            f"the catalog entry of the dataset '{name}' has no type",
            "Give it one; the name of an entry that is only there for interpolation begins with an underscore.",
        )
    places = find_places(config, folder, definition.written)
    found = _class_of(config)
    if found is None:
        versioned = config.get("versioned") is True
        return _document(definition, str(kind), places, versioned=versioned, name=name, importable=False)
    dataset_class, versioned = found
    ephemeral = places.in_memory or _is_ephemeral(dataset_class, name, config)
    full_name = f"{dataset_class.__module__}.{dataset_class.__qualname__}"
    return _document(definition, full_name, places, ephemeral=ephemeral, versioned=versioned, name=name)


def _document(
    definition: Definition,
    kind: str,
    places: Places | None = None,
    *,
    ephemeral: bool = False,
    versioned: bool = False,
    name: str = "",
    importable: bool = True,
) -> dict[str, Any]:
    places = places or Places()
    return {
        "type": kind,
        "importable": importable,
        "ephemeral": ephemeral,
        "versioned": versioned,
        "defined_by": definition.defined_by,
        "pattern": definition.pattern,
        "local_paths": places.local_paths,
        "path_settings": [asdict(found) for found in places.local],
        "address": places.address,
        "table": _table(definition.config),
        "asset": _asset(name, definition.config),
    }


def _class_of(config: dict[str, Any]) -> tuple[type, bool] | None:
    """The class and whether it is versioned, as Kedro reads the entry; None if the class cannot be imported."""
    from kedro.io.core import VERSION_KEY, parse_dataset_definition

    try:
        found, options = parse_dataset_definition(copy.deepcopy(config))
    except (Exception, SystemExit):  # noqa: BLE001 - the class's module is somebody's code
        return None
    return found, VERSION_KEY in options


def _is_ephemeral(dataset_class: type, name: str, config: dict[str, Any]) -> bool:
    """Kedro's mark is set by the class or, in most cases, by its constructor."""
    if getattr(dataset_class, "_EPHEMERAL", False) is True or _is_memory_dataset(dataset_class):  # else a property
        return True
    if dataset_class.__module__.split(".")[0] == "kedro_datasets":
        return False  # none of them is, and their constructors want credentials
    try:
        with held_back.time_limit(LONGEST_SECONDS):
            dataset = dataset_class.from_config(name, copy.deepcopy(config))  # type: ignore[attr-defined]
    except (Exception, SystemExit):  # noqa: BLE001 - it needs what only a run has
        return False
    return bool(getattr(dataset, "_EPHEMERAL", False))


def _is_memory_dataset(dataset_class: type) -> bool:
    """Before Kedro 0.19 there is no mark, and the class has a capital S."""
    return any(base.__name__ in ("MemoryDataset", "MemoryDataSet") for base in dataset_class.__mro__)


def _table(config: dict[str, Any] | None) -> str | None:
    """Of a database, in which each dataset has its own place."""
    names = [(config or {}).get(key) for key in ("table_name", "table")]
    return next((name for name in names if isinstance(name, str) and name), None)


def _asset(name: str, config: dict[str, Any] | None) -> str | bool | None:
    metadata = (config or {}).get("metadata")
    own = metadata.get("kdeploy") if isinstance(metadata, dict) else None
    asset = own.get("asset") if isinstance(own, dict) else None
    if asset is None or asset is False:
        return None
    if asset is True:
        return True
    if isinstance(asset, str) and asset:
        return clean_address(asset)
    raise Undescribable(
        f"metadata.kdeploy.asset of the dataset '{name}' is neither true nor a URI",
        "Set it to the URI of the Airflow asset, or to true for the dataset's own address.",
    )
