"""The names under which tasks find each other: of the run they share, and of themselves when they are tried again."""

from __future__ import annotations

from kdeploy_runtime.failure import CONFIGURATION, Failure
from kdeploy_runtime.orchestrators import find_orchestrator

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

RUN_KEY = "KDEPLOY_RUN_KEY"
TASK_KEY = "KDEPLOY_TASK_KEY"
RUN_NAME = "KDEPLOY_RUN_NAME"
LONGEST_RUN_KEY = 250
LONGEST_TASK_KEY = 200


def find_run_key(environ: Mapping[str, str]) -> str | None:
    """KDEPLOY_RUN_KEY; else the orchestrator's own name of the execution. Empty: no shared run, whatever the latter."""
    if RUN_KEY in environ:
        return environ[RUN_KEY] or None
    found = find_orchestrator(environ)
    return found[1] if found else None


def check_run_key(key: str) -> str:
    """The key, once it is known that it can be searched for."""
    if len(key) > LONGEST_RUN_KEY or not key.isprintable() or ("'" in key and '"' in key):
        raise Failure(
            CONFIGURATION,
            f"the run key is not valid: it can have at most {LONGEST_RUN_KEY} printable characters, and not both kinds "
            "of quotes. Set KDEPLOY_RUN_KEY to the name of the execution in your orchestrator.",
        )
    return key


def find_task_key(environ: Mapping[str, str], command: list[str]) -> str:
    """The same when the task is tried again, another for each other task of the run.

    KDEPLOY_TASK_KEY; else the orchestrator's name of the task; else the command itself.
    """
    key = environ.get(TASK_KEY)
    if not key:
        found = find_orchestrator(environ)
        names = [environ[name] for name in found[0].task if environ.get(name)] if found else []
        key = "/".join(names) or " ".join(command)
    return as_tag_name(key)


def as_tag_name(key: str) -> str:
    """The key reduced to the characters that MLflow allows in a tag's name; still unique when it is shortened."""
    name = "".join(c if (c.isascii() and c.isalnum()) or c in "_-. :/" else "_" for c in key)
    if name == key and len(name) <= LONGEST_TASK_KEY and name.strip() == name:
        return name
    import hashlib

    return f"{name.strip()[: LONGEST_TASK_KEY - 9]}-{hashlib.sha256(key.encode()).hexdigest()[:8]}"


def run_name(environ: Mapping[str, str], key: str) -> str:
    """KDEPLOY_RUN_NAME with its placeholders filled in; an unknown one stays, it is only a name."""
    name = environ.get(RUN_NAME) or "{run_key}"
    values = {
        "run_key": key,
        "dag.run_id": environ.get("AIRFLOW_CTX_DAG_RUN_ID") or key,
        "dag.dag_id": environ.get("AIRFLOW_CTX_DAG_ID") or "",
        "git.sha": environ.get("KDEPLOY_GIT_REVISION") or "",
    }
    for placeholder, value in values.items():
        name = name.replace("{" + placeholder + "}", value)
    return name[:LONGEST_RUN_KEY]
