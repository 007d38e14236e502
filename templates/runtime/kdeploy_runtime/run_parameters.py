"""Parameters that an orchestrator hands to a Kedro run, as JSON: ``--params`` cuts at commas and guesses types.

``KDEPLOY_PARAMS`` is a JSON object: ``{"ids": [1, 2], "code": "007", "model": {"depth": 3}}``. Kedro's hook gives it to
the run (``hook/run_parameters.py``), with exactly these values and types. Messages here never contain a value.
"""

from __future__ import annotations

from kdeploy_runtime.failure import CONFIGURATION, Failure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

VARIABLE = "KDEPLOY_PARAMS"
MISSING = "???"  # a value that OmegaConf reads as none


def expect_passed_on(command: list[str], environ: Mapping[str, str]) -> None:
    """A command that does not run Kedro would ignore them, and nobody would notice."""
    from kdeploy_runtime.shared_run.commands import is_kedro_run

    if read_parameters(environ) and not is_kedro_run(command):
        raise Failure(
            CONFIGURATION,
            f"{VARIABLE} is set, but the command is not `kedro run`, so nothing would read the parameters. Start the "
            "container with `kedro run …`, or unset the variable for this task.",
        )


def read_parameters(environ: Mapping[str, str]) -> dict[str, Any]:
    """The parameters; empty where there are none."""
    text = environ.get(VARIABLE, "")
    if not text.strip():
        return {}
    import json

    try:
        document = json.loads(text, parse_constant=_refuse)
    except json.JSONDecodeError as error:
        raise _failure(f"is not valid JSON (line {error.lineno}, column {error.colno})") from None
    except (ValueError, RecursionError):
        raise _failure("is not valid JSON") from None
    if not isinstance(document, dict):
        raise _failure(f"is not a JSON object, but {_kind(document)}")
    _expect_usable(document, "")
    return document


def merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Objects key by key, everything else as a whole."""
    result = dict(below)
    for key, value in above.items():
        old = result.get(key)
        result[key] = merged(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return result


def _expect_usable(value: Any, place: str) -> None:
    if isinstance(value, dict):
        for key, inner in value.items():
            _expect_usable(inner, f"{place}.{key}" if place else key)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            _expect_usable(inner, f"{place}[{number}]")
    elif value == MISSING:
        raise _failure(f"has the value {MISSING} under '{place}', which Kedro's configuration reads as no value")
    elif isinstance(value, float) and value in (float("inf"), float("-inf")):
        raise _failure(f"has a number under '{place}' that is too large")


def _refuse(constant: str) -> Any:
    raise ValueError(constant)


def _kind(value: Any) -> str:
    kinds = {list: "a list", str: "a text", bool: "true or false", type(None): "null"}
    return kinds.get(type(value), "a number")


def _failure(problem: str) -> Failure:
    return Failure(
        CONFIGURATION,
        f'{VARIABLE} {problem}: set it to the parameters of the Kedro run, such as {{"day": "2026-11-23", "n": 3}}.',
    )
