"""``describe``: one JSON document about the project's pipelines and datasets."""

from __future__ import annotations

import json
import os
from typing import Any

from kdeploy_runtime.own_stdout import own_stdout

SCHEMA_VERSION = 1
FAILED = 1


def describe(arguments: list[str]) -> int:
    """Prints the description, or why there is none; 0 or 1. Fields are only ever added; else SCHEMA_VERSION rises."""
    import argparse

    parser = argparse.ArgumentParser(
        prog="python -m kdeploy_runtime describe",
        description="Describe the project's pipelines and their datasets, without network access.",
    )
    parser.add_argument("--json", action="store_true", help="print the JSON document in one line, the last")
    parser.add_argument("--package", metavar="NAME", help="name of a packaged project, if there is no pyproject.toml")
    options = parser.parse_args(arguments)

    os.environ["DO_NOT_TRACK"] = "1"
    os.environ["KEDRO_DISABLE_TELEMETRY"] = "1"
    with own_stdout() as stdout:
        document = _describe(options.package)
        stdout.write(json.dumps(document, indent=None if options.json else 2) + "\n")
    return FAILED if "error" in document else 0


def _describe(package: str | None) -> dict[str, Any]:
    from kdeploy_runtime.description.failure import as_document
    from kdeploy_runtime.description.structure import make_structure

    try:
        return {"schema_version": SCHEMA_VERSION, **make_structure(package)}
    except (Exception, SystemExit) as error:  # noqa: BLE001 - the project's own code, whatever it does
        return {"schema_version": SCHEMA_VERSION, "error": as_document(error)}
