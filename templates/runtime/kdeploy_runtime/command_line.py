"""One rule separates kdeploy's own commands from the task's.

The first argument is ours only if it is exactly one of ``OWN``; anything else is the command of the task,
passed on untouched. A program with one of these names can still be started by its path (``./self-test``).
"""

from __future__ import annotations

import os

from kdeploy_runtime.failure import USAGE, Failure, report

TYPE_CHECKING = False  # as typing's, which would cost the task 5 ms
if TYPE_CHECKING:
    from collections.abc import Callable

HELP = """\
python -m kdeploy_runtime CMD…                 check the settings, join the MLflow run, then exec CMD
python -m kdeploy_runtime self-test [--json]   load the project as Kedro would, without network access
                                               (--online: also make an authenticated call to MLflow)
python -m kdeploy_runtime describe [--json]    describe the pipelines and their datasets, without network access
python -m kdeploy_runtime start-run            find or create the MLflow run for the run key, print its ID
python -m kdeploy_runtime finish-run --status FINISHED|FAILED|KILLED
                                               end the run; --fail: exit with 1 if it is FAILED
python -m kdeploy_runtime token                print the token that the container would send to MLflow
python -m kdeploy_runtime --version
"""


def main(arguments: list[str]) -> int:
    """Returns an exit code; does not return at all when CMD took over."""
    from kdeploy_runtime import execution

    execution.end_when_told_to()
    try:
        if not arguments:
            raise Failure(USAGE, "no command given: pass the one to run, for example: kedro run")
        _clean_addresses()
        own = OWN.get(arguments[0])
        if own is not None:
            return own(arguments[1:])
        from kdeploy_runtime.entrypoint import prepare

        prepare(arguments)
    except Exception as error:  # noqa: BLE001 - a traceback is the command's own failure, never ours
        return report(error)
    try:
        execution.execute(arguments)
    except Failure as failure:
        return report(failure)


def _clean_addresses() -> None:
    if os.environ.get("MLFLOW_TRACKING_URI"):
        from kdeploy_runtime.network.address import clean_addresses

        clean_addresses(os.environ)


def _self_test(arguments: list[str]) -> int:
    from kdeploy_runtime.self_test.command import self_test

    return self_test(arguments)


def _describe(arguments: list[str]) -> int:
    from kdeploy_runtime.description.command import describe

    return describe(arguments)


def _start_run(arguments: list[str]) -> int:
    from kdeploy_runtime.start_run import start_run

    return start_run(arguments)


def _finish_run(arguments: list[str]) -> int:
    from kdeploy_runtime.finish_run import finish_run

    return finish_run(arguments)


def _token(arguments: list[str]) -> int:
    from kdeploy_runtime.token_command import token

    return token(arguments)


def _version(arguments: list[str]) -> int:
    from kdeploy_runtime import __version__

    print(f"kdeploy_runtime {__version__}")
    return 0


def _help(arguments: list[str]) -> int:
    print(HELP, end="")
    return 0


OWN: dict[str, Callable[[list[str]], int]] = {
    "self-test": _self_test,
    "describe": _describe,
    "start-run": _start_run,
    "finish-run": _finish_run,
    "token": _token,
    "--version": _version,
    "--help": _help,
}
