"""``self-test``: the command line around the report."""

from __future__ import annotations

import json
import os

from kdeploy_runtime.own_stdout import own_stdout


def self_test(arguments: list[str]) -> int:
    """Prints the report; 0 when every step passed, else 1."""
    import argparse

    parser = argparse.ArgumentParser(
        prog="python -m kdeploy_runtime self-test",
        description="Load the project as Kedro would, without network access, and report where it would log.",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON document as the last line")
    parser.add_argument("--package", metavar="NAME", help="name of a packaged project, if there is no pyproject.toml")
    parser.add_argument("--online", action="store_true", help="also make an authenticated call to the MLflow server")
    options = parser.parse_args(arguments)

    # No usage statistics from a check: kedro-telemetry and MLflow both heed the first.
    os.environ["DO_NOT_TRACK"] = "1"
    os.environ["KEDRO_DISABLE_TELEMETRY"] = "1"

    with own_stdout() as stdout:
        from kdeploy_runtime.self_test.report import make_report
        from kdeploy_runtime.self_test.text import to_text

        report = make_report(package=options.package, online=options.online)
        stdout.write(json.dumps(report) + "\n" if options.json else to_text(report))
    return 0 if report["ok"] else 1
