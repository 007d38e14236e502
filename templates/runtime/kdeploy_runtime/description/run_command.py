"""What the project's own ``kedro run`` takes: its cli.py may replace Kedro's, and is often as old as the project."""

from __future__ import annotations

import importlib
from typing import Any


def run_options(package: str) -> list[str] | None:
    """The options of the ``run`` in the project's cli.py; None where it is Kedro's own, or takes any."""
    try:
        group = importlib.import_module(f"{package}.cli").cli
    except (ModuleNotFoundError, AttributeError):  # Kedro takes its own, or says what is wrong with every command
        return None
    run = _command(group)
    if run is None or run.context_settings.get("ignore_unknown_options"):
        return None
    return sorted(
        {name for option in run.params for name in (*option.opts, *option.secondary_opts) if name[:2] == "--"}
    )


def _command(group: Any) -> Any:
    import click

    return group.get_command(click.Context(group), "run") if hasattr(group, "get_command") else None
