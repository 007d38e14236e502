"""``Vars``: MLflow's own client reads user, password or token from the environment, so they only have to be there."""

from __future__ import annotations

from kdeploy_runtime.authentication.shape import ShapeError, expect_keys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any


class Variables:
    name = "Vars"

    def read(self, entry: dict[str, Any]) -> tuple[str, ...]:
        """The names of the variables."""
        expect_keys(entry, {"type", "params"}, self.name)
        names = entry["params"]
        if not isinstance(names, list) or not names or not all(_is_name(name) for name in names):
            raise ShapeError(f"needs a list of variable names under 'params' in {self.name}")
        return tuple(names)

    def check(self, settings: tuple[str, ...], environ: Mapping[str, str]) -> list[str]:
        """Every missing name at once, so that nobody fixes them one failed task at a time."""
        values = {name: environ.get(name) or environ.get(airflow_name(name)) for name in settings}
        for name, value in values.items():
            if value and _is_template(value):
                return [
                    f"{name} is a template that was not rendered: pass it where the orchestrator renders templates "
                    "(Airflow does not in DockerOperator's private_environment)."
                ]
        missing = [name for name, value in values.items() if not value]
        if not missing:
            return []
        subject = f"{missing[0]} is" if len(missing) == 1 else f"{', '.join(missing[:-1])} and {missing[-1]} are"
        it = "it" if len(missing) == 1 else "them"
        return [
            f"{subject} not set (or empty) in the environment: pass {it} to the container, "
            f"from a Kubernetes Secret, an Airflow Variable, or with docker run -e {missing[0]}."
        ]

    def exports(self, settings: tuple[str, ...], environ: Mapping[str, str]) -> dict[str, str]:
        """Airflow passes its Variables on as AIRFLOW_VAR_<NAME>; MLflow knows the plain name only."""
        return {name: environ[airflow_name(name)] for name in settings if not environ.get(name)}

    def bearer_token(self, settings: tuple[str, ...], environ: Mapping[str, str]) -> None:
        return None


def airflow_name(name: str) -> str:
    """How Airflow names the variable in which it passes the Variable ``name`` to a process."""
    return f"AIRFLOW_VAR_{name.upper()}"


def _is_template(value: str) -> bool:
    """As a whole: a password may have any characters."""
    return value.lstrip("$").startswith("{{") and value.endswith("}}")


def _is_name(name: object) -> bool:
    return isinstance(name, str) and name != "" and "=" not in name and "\0" not in name
