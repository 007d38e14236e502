"""
`kedro deploy …` in a project: `kdeploy …`, with the kedro that was called.

Kedro loads the commands of all plugins for any command of its own. So nothing is imported here but click, which it has
loaded.
"""

from __future__ import annotations

import os
import sys

import click

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

    from kdeploy._refusal import Refusal

_OLDEST_KEDRO = (0, 18)


class Deploy(click.Command):
    """Hands on what follows its name as it was typed, also `--help`, `--env` and `--`, which click would keep."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ctx.args = list(args)
        return ctx.args

    def invoke(self, ctx: click.Context) -> NoReturn:
        from kdeploy._another_kdeploy import note_of_another
        from kdeploy._command import end_with, start

        refusal = _too_old(getattr(sys.modules.get("kedro"), "__version__", ""))
        if refusal is not None:
            end_with(refusal, ctx.args)
        click.echo(note_of_another(os.environ), err=True, nl=False)
        start(ctx.args, {**_this_kedro(), **os.environ})


commands = click.Group(name="kdeploy")
commands.add_command(Deploy("deploy", help="Build and push images that log to MLflow (kdeploy)."))


def _too_old(version: str) -> Refusal | None:
    parts = version.split(".")[:2]
    if not all(part.isdigit() for part in parts) or tuple(int(part) for part in parts) >= _OLDEST_KEDRO:
        return None
    from kdeploy._refusal import Refusal

    oldest = ".".join(str(part) for part in _OLDEST_KEDRO)
    return Refusal(
        f"kedro {version} is too old for kdeploy, which needs {oldest} or later",
        f"pip install 'kedro>={oldest}', and migrate the project to it",
    )


def _this_kedro() -> dict[str, str]:
    """The kedro of this process is the project's, whatever else is active. `python -m kedro` has it beside Python."""
    beside = os.path.join(os.path.dirname(sys.executable), "kedro")
    for script in (os.path.abspath(sys.argv[0]), beside):
        for path in (script, f"{script}.exe"):
            if os.path.basename(script) == "kedro" and os.path.isfile(path):
                return {"KDEPLOY_KEDRO": path}
    return {}
