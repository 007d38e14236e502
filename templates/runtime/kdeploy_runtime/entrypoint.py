"""What stands in front of a task: everything that could spoil its tracking is checked before it begins."""

from __future__ import annotations

import os

from kdeploy_runtime.execution import execute

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn


def start(command: list[str]) -> NoReturn:
    """Becomes the command, with the variables that authentication adds."""
    if os.environ.get("KDEPLOY_AUTH"):  # without it, a task does not pay for reading JSON
        from kdeploy_runtime.authentication import prepare
        from kdeploy_runtime.settings import read_settings

        os.environ.update(prepare(read_settings(os.environ), os.environ))
    execute(command)
