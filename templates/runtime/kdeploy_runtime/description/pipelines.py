"""Pipelines as lists of nodes, each after those whose datasets it loads."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Iterable
from typing import Any

from kdeploy_runtime.description.failure import Undescribable, import_failure


def load_pipelines() -> dict[str, Any]:
    """All that ``register_pipelines`` returns. One that Kedro would leave out with a warning is an error here."""
    from kedro.framework.project import pipelines
    from kedro.pipeline import Pipeline

    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        found = dict(pipelines)
    for warning in heard:
        failure = import_failure(str(warning.message))
        if failure is not None:
            raise failure
    for name, pipeline in found.items():
        if not isinstance(name, str) or not isinstance(pipeline, Pipeline):
            raise Undescribable(
                f"register_pipelines returns no Pipeline under the name {name!r}, but {type(pipeline).__name__}",
                "Return a dictionary of names and Pipeline objects.",
            )
    return found


def describe_pipeline(pipeline: Any) -> list[dict[str, Any]]:
    return [_describe_node(node) for node in _in_order(pipeline)]


def dataset_names(pipelines: Iterable[Any]) -> list[str]:
    """Of all pipelines, transcoding included, without parameters; sorted."""
    names = {name for pipeline in pipelines for node in pipeline.nodes for name in (*node.inputs, *node.outputs)}
    return sorted(name for name in names if name != "parameters" and not name.startswith("params:"))


def _describe_node(node: Any) -> dict[str, Any]:
    return {
        "name": node.name,
        "namespace": node.namespace or None,
        "tags": sorted(node.tags),
        "inputs": list(node.inputs),
        "outputs": list(node.outputs),
        "confirms": sorted(node.confirms),
        "function": _name_of(node.func),
    }


def _in_order(pipeline: Any) -> list[Any]:
    """In layers, each by name: Kedro's own order of a layer is not the same in each process."""
    waiting = dict(pipeline.node_dependencies)
    ordered: list[Any] = []
    done: set[Any] = set()
    while waiting:
        ready = sorted((node for node, parents in waiting.items() if done.issuperset(parents)), key=lambda n: n.name)
        if not ready:  # Kedro refuses such a pipeline when it is made
            raise Undescribable("a pipeline has a circle", "Break the circle.")
        ordered += ready
        done.update(ready)
        for node in ready:
            del waiting[node]
    return ordered


def _name_of(function: Any) -> str:
    """A name without an address in memory, also for what is callable and no function."""
    while isinstance(function, functools.partial):
        function = function.func
    named = function if hasattr(function, "__qualname__") else type(function)
    return f"{named.__module__ or 'builtins'}.{named.__qualname__}"
