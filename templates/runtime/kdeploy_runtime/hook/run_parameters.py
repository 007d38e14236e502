"""Gives a Kedro run the parameters of the container (``KDEPLOY_PARAMS``), as if they had come from ``--params``.

It is the hook that does it, not the command line: there, values would pass through a file and two parsers, a command
behind a shell or another entrypoint would go without, and ``--params`` would replace all of them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any

from kdeploy_runtime.run_parameters import merged, read_parameters

OF_CONTEXT = ("_runtime_params", "_extra_params")  # Kedro >= 1.0, before
OF_RUN = ("runtime_params", "extra_params")


def give_to_context(context: Any) -> None:
    """Before any configuration is read; what the command line says wins, key by key."""
    given = read_parameters(os.environ)
    if not given:
        return
    loader = context.config_loader
    if hasattr(loader, "_runtime_params_oc"):  # OmegaConf would resolve a ${…} in a value
        loader._runtime_params_oc = None
        loader.runtime_params = merged(_escaped(given), loader.runtime_params or {})
    else:
        loader.runtime_params = merged(given, getattr(loader, "runtime_params", None) or {})
    for name in OF_CONTEXT:
        if hasattr(context, name):
            object.__setattr__(context, name, merged(given, getattr(context, name) or {}))


def give_to_hooks(run_params: dict[str, Any]) -> None:
    """What other hooks are told of the run."""
    given = read_parameters(os.environ)
    for name in OF_RUN:
        if given and name in run_params:
            run_params[name] = merged(given, run_params[name] or {})


def _escaped(value: Any) -> Any:
    """Resolved by OmegaConf, it is the value again."""
    if isinstance(value, Mapping):
        return {key: _escaped(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_escaped(inner) for inner in value]
    if isinstance(value, str):
        return re.sub(r"(\\*)\$\{", lambda found: found.group(1) * 2 + r"\${", value)
    return value
