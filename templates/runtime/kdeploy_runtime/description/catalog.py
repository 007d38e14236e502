"""Which configuration Kedro would make a dataset of, asked of Kedro itself: an entry, a pattern, or none."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any

from kdeploy_runtime.self_test.project import Project, read_config

ENTRY, PATTERN, NOTHING = "entry", "pattern", "nothing"


@dataclass(frozen=True)
class Definition:
    defined_by: str
    pattern: str | None = None
    config: dict[str, Any] | None = None
    written: Any = None  # the same with the names of the pattern: data/{name}.csv


class Catalog:
    def __init__(self, project: Project) -> None:
        _stand_in_for_run_parameters(project.config_loader)
        config = _without_references(dict(read_config(project.config_loader, "catalog")))
        self._written = copy.deepcopy(config)
        self._resolver = _resolver(config)

    def find(self, name: str) -> Definition:
        resolver = self._resolver
        if name in resolver.config:
            return Definition(ENTRY, None, resolver.config[name], self._written.get(name))
        pattern = resolver.match(name)
        if pattern is None:
            return Definition(NOTHING)
        return Definition(PATTERN, pattern, resolver.resolve(name, pattern), self._written.get(pattern))


class _Resolver:
    """Kedro's own, since 0.19.9."""

    def __init__(self, resolver: Any) -> None:
        self._resolver = resolver
        self.config = resolver.config

    def match(self, name: str) -> str | None:
        resolver = self._resolver
        if hasattr(resolver, "match_dataset_pattern"):  # Kedro >= 1.0, without the one for datasets of no entry
            return resolver.match_dataset_pattern(name) or resolver.match_user_catch_all_pattern(name)
        return resolver.match_pattern(name)

    def resolve(self, name: str, pattern: str) -> dict[str, Any]:
        return self._resolver.resolve_pattern(name)


class _OlderResolver:
    """Before there was one, the catalog did it."""

    def __init__(self, config: dict[str, Any]) -> None:
        from kedro.io import DataCatalog

        self._catalog = DataCatalog
        self.config = {name: entry for name, entry in config.items() if "{" not in name}
        self._patterns = DataCatalog._sort_patterns({name: config[name] for name in config if "{" in name})

    def match(self, name: str) -> str | None:
        return self._catalog._match_pattern(self._patterns, name)

    def resolve(self, name: str, pattern: str) -> dict[str, Any]:
        return self._catalog._resolve_config(name, pattern, copy.deepcopy(self._patterns[pattern]))


def _resolver(config: dict[str, Any]) -> _Resolver | _OlderResolver:
    try:
        from kedro.io.catalog_config_resolver import CatalogConfigResolver
    except ModuleNotFoundError:
        return _OlderResolver(config)
    return _Resolver(CatalogConfigResolver(config, {}))


def _without_references(config: Any) -> Any:
    """Credentials are not in an image: a name that points to them becomes empty ones."""
    if isinstance(config, dict):
        return {
            key: {} if key == "credentials" and isinstance(value, str) else _without_references(value)
            for key, value in config.items()
        }
    return [_without_references(value) for value in config] if isinstance(config, list) else config


def _stand_in_for_run_parameters(loader: Any) -> None:
    """``${runtime_params:day}`` without a default has no value before a run: ``<day>`` stands for it."""
    original = getattr(loader, "_get_runtime_value", None)
    register = getattr(loader, "_register_runtime_params_resolver", None)
    if original is None or register is None:
        return

    def value(variable: str, *default: Any) -> Any:
        try:
            return original(variable, *default)
        except Exception:  # noqa: BLE001 - OmegaConf's, by whatever name
            return f"<{variable}>"

    loader._get_runtime_value = value
    register()
