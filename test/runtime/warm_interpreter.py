"""Imports what every self-test imports, then forks a fresh process for each request on stdin."""

from __future__ import annotations

import importlib
import json
import os
import sys
import traceback


def main() -> None:
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # Kedro logs to stdout
    for module in ("kedro.framework.cli", "kedro.framework.session", "kedro_mlflow.framework.hooks.mlflow_hook"):
        importlib.import_module(module)

    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            answer(json.loads(line))
        _, status = os.waitpid(child, 0)
        answers.write(f"{os.waitstatus_to_exitcode(status)}\n")
        answers.flush()


def answer(request: dict) -> None:
    code = 70
    try:
        for descriptor, name in ((1, "stdout"), (2, "stderr")):
            os.dup2(os.open(request[name], os.O_WRONLY | os.O_CREAT | os.O_TRUNC), descriptor)
        os.chdir(request["cwd"])
        os.environ.clear()
        os.environ.update(request["env"])
        sys.path[:0] = request["env"]["PYTHONPATH"].split(os.pathsep)
        from kdeploy_runtime.command_line import main

        code = main(request["arguments"])
    except BaseException:  # noqa: BLE001 - the forked process must not go on reading requests
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    main()
