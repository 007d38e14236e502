"""Imports what every self-test and every Kedro run imports, then forks a fresh process for each request on stdin.

A line is a JSON list of requests that run side by side; the answer, a JSON list of their exit codes.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib
import inspect
import json
import os
import pkgutil
import signal
import sys
import traceback

# What Kedro and MLflow import as they start, and what they import when they need it.
MODULES = (
    *("kedro.framework.cli.cli", "kedro.framework.cli.project", "kedro.framework.cli.registry", "kedro.runner"),
    *("kedro.framework.session.store", "kedro_datasets.pandas.csv_dataset", "kedro_datasets.text.text_dataset"),
    *("kedro_docker.plugin", "kedro_telemetry.plugin", "fsspec.implementations.local", "omegaconf._impl"),
    *("kedro_mlflow.framework.cli.cli", "kedro_mlflow.framework.hooks.mlflow_hook", "kedro_mlflow.io.artifacts"),
    *("mlflow.tracking.request_header.registry", "mlflow.store.tracking.file_store", "mlflow.tracing.export.utils"),
    *("mlflow.protos.internal_pb2", "mlflow.tracing.processor.base_mlflow", "mlflow.tracing.utils.environment"),
    *("opentelemetry.sdk.metrics.export", "google.auth.transport.requests", "sqlalchemy", "sqlalchemy.schema"),
    *("email.policy", "importlib_metadata._adapters", "multiprocessing.popen_fork", "multiprocessing.synchronize"),
    *("git", "netrc", "tomli_w", "webbrowser"),
)


def main() -> None:
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # Kedro logs to stdout
    for module in (*MODULES, *of_the_runtime()):
        # Each version has others.
        with contextlib.suppress(ImportError):
            importlib.import_module(module)
    inspect.stack()  # which looks at all modules, and keeps what it has found
    gc.freeze()  # what is not looked at is not copied

    for line in sys.stdin:
        children = [fork(request) for request in json.loads(line)]
        codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
        answers.write(json.dumps(codes) + "\n")
        answers.flush()


def of_the_runtime() -> list[str]:
    """Nothing keeps these compiled. Not what Kedro loads as a plugin, for its import has an effect on the process."""
    package = importlib.import_module("kdeploy_runtime")
    found = [each.name for each in pkgutil.walk_packages(package.__path__, "kdeploy_runtime.")]
    return [name for name in found if name not in ("kdeploy_runtime.__main__", "kdeploy_runtime.hook.plugin")]


def fork(request: dict) -> int:
    child = os.fork()
    if child == 0:
        answer(request)
    return child


def answer(request: dict) -> None:
    code = 70
    try:
        signal.alarm(100)
        for descriptor, name in ((1, "stdout"), (2, "stderr")):
            os.dup2(os.open(request[name], os.O_WRONLY | os.O_CREAT | os.O_TRUNC), descriptor)
        os.chdir(request["cwd"])
        os.environ.clear()
        os.environ.update(request["env"])
        sys.path[:0] = request["env"]["PYTHONPATH"].split(os.pathsep)
        code = KINDS[request["kind"]](request["arguments"])
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:  # noqa: BLE001 - the forked process must not go on reading requests
        traceback.print_exc()
        code = 1
    finally:
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def own_command(arguments: list[str]) -> int:
    from kdeploy_runtime.command_line import main

    return main(arguments)


def task(arguments: list[str]) -> int:
    """`python -m kdeploy_runtime kedro …` but for the exec, which would begin the imports again."""
    from kdeploy_runtime import execution

    execution.execute = task_without_entrypoint
    return own_command(arguments)


def task_without_entrypoint(command: list[str]) -> int:
    """`kedro …`"""
    from kedro.framework.cli.cli import main

    sys.argv = command
    main()
    return 0


KINDS = {"own command": own_command, "task": task, "task without entrypoint": task_without_entrypoint}


if __name__ == "__main__":
    main()
