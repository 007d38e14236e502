"""The names under which tasks find each other: of the run they share, and of themselves when they are tried again."""

from __future__ import annotations

from kdeploy_runtime.failure import CONFIGURATION, USAGE, Failure
from kdeploy_runtime.orchestrators import AIRFLOW, COPIES, airflow_names, copy_indexes, find_orchestrator

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

RUN_ID = "MLFLOW_RUN_ID"
RUN_KEY = "KDEPLOY_RUN_KEY"
TASK_KEY = "KDEPLOY_TASK_KEY"
TASK_MARK = "KDEPLOY_TASK_MARK"  # what find_task_key made of it, for the task's own processes
RUN_NAME = "KDEPLOY_RUN_NAME"
LONGEST_RUN_KEY = 250
LONGEST_TASK_KEY = 200
LONGEST_COPY = 30


def given_run_id(environ: Mapping[str, str]) -> str:
    """The run that somebody else made for this task; empty: none."""
    return check_run_id(environ[RUN_ID], RUN_ID) if environ.get(RUN_ID) else ""


def check_run_id(run_id: str, source: str) -> str:
    """The ID, once it is known that it is none that went missing on its way from another task."""
    problem = _problem_of(run_id)
    if problem:
        raise Failure(
            CONFIGURATION,
            f"the run ID '{run_id}' {problem}: pass the ID of an MLflow run in {source}, for example the one that "
            "start-run printed, or a run key instead.",
        )
    return run_id


def find_run_key(environ: Mapping[str, str]) -> str | None:
    """KDEPLOY_RUN_KEY; else the orchestrator's own name of the execution. Empty: no shared run, whatever the latter."""
    if RUN_KEY in environ:
        return check_run_key(environ[RUN_KEY]) if environ[RUN_KEY] else None
    found = find_orchestrator(environ)
    return check_run_key(found[1]) if found else None


def check_run_key(key: str, source: str = RUN_KEY) -> str:
    """The key, once it is known that it names one execution, and can be searched for."""
    problem = _problem_of(key)
    if problem:
        raise Failure(
            CONFIGURATION,
            f"the run key '{key}' {problem}, so all executions would share one MLflow run. "
            f"Set {source} to the name of the execution in your orchestrator.",
        )
    if len(key) > LONGEST_RUN_KEY or not key.isprintable() or ("'" in key and '"' in key):
        raise Failure(
            CONFIGURATION,
            f"the run key is not valid: it can have at most {LONGEST_RUN_KEY} printable characters, and not both kinds "
            f"of quotes. Set {source} to the name of the execution in your orchestrator.",
        )
    return key


def _problem_of(value: str) -> str | None:
    from kdeploy_runtime.shared_run.unrendered import what_is_wrong

    return what_is_wrong(value)


def find_task_key(environ: Mapping[str, str], command: list[str]) -> str:
    """The same when the task is tried again, another for each other task of the run.

    KDEPLOY_TASK_KEY; else the orchestrator's name of the task; else the command itself. Where a task is started many
    times side by side (mapped, indexed, an array), the index of the copy belongs to it.
    """
    copy = "/".join(_checked_task_key(value, name) for name, value in copy_indexes(environ).items())
    key = _checked_task_key(environ.get(TASK_KEY, ""), TASK_KEY).removesuffix("/-1")  # Airflow's index of no copy
    key = as_tag_name(key or _name_from_orchestrator(environ) or " ".join(command))
    copy = as_tag_name(copy, LONGEST_COPY) if copy else ""
    return key if not copy or key == copy or key.endswith(f"/{copy}") else f"{key}/{copy}"


def expected_task_key(key: str, source: str) -> str:
    """As ``find_task_key`` makes it of a task's KDEPLOY_TASK_KEY."""
    if not key:
        raise Failure(USAGE, f"{source} needs the key of a task.")
    return as_tag_name(_checked_task_key(key, source).removesuffix("/-1"))


def _name_from_orchestrator(environ: Mapping[str, str]) -> str:
    """An index alone names a task only where all tasks of the run are copies of one."""
    found = find_orchestrator(environ)
    variables = (found[0] if found else AIRFLOW).task
    is_shared = RUN_KEY in environ
    variables = [name for name in variables if environ.get(name) and not (is_shared and name in COPIES)]
    return _checked_task_key("/".join(environ[name] for name in variables), " and ".join(variables))


def _checked_task_key(key: str, source: str) -> str:
    problem = _problem_of(key) if key else None
    if problem:
        raise Failure(
            CONFIGURATION,
            f"the task key '{key}' {problem}, so all tasks would share one mark. "
            f"Set {source} to what tells the task from the others in your orchestrator.",
        )
    return key


def as_tag_name(key: str, longest: int = LONGEST_TASK_KEY) -> str:
    """The key reduced to the characters that every MLflow allows in a tag's name, older ones no colon; still unique."""
    name = "".join(c if (c.isascii() and c.isalnum()) or c in "_-. /" else "_" for c in key)
    if name == key and len(name) <= longest and name.strip() == name:
        return name
    import hashlib

    return f"{name.strip()[: longest - 9]}-{hashlib.sha256(key.encode()).hexdigest()[:8]}"


def run_name(environ: Mapping[str, str], key: str) -> str:
    """KDEPLOY_RUN_NAME with its placeholders filled in; an unknown one stays, it is only a name."""
    name = environ.get(RUN_NAME) or "{run_key}"
    given = _names_in(key, environ)
    values = {
        "run_key": key,
        "dag.run_id": environ.get("AIRFLOW_CTX_DAG_RUN_ID") or given.get("AIRFLOW_CTX_DAG_RUN_ID") or key,
        "dag.dag_id": environ.get("AIRFLOW_CTX_DAG_ID") or given.get("AIRFLOW_CTX_DAG_ID") or "",
        "git.sha": environ.get("KDEPLOY_GIT_REVISION") or "",
    }
    for placeholder, value in values.items():
        name = name.replace("{" + placeholder + "}", value)
    return name[:LONGEST_RUN_KEY]


def _names_in(key: str, environ: Mapping[str, str]) -> dict[str, str]:
    """Airflow's; where nobody else names the execution, also of runs that were triggered with an ID of their own."""
    names = airflow_names(key)
    dag_id, _, run_id = key.partition("/")
    if names or not dag_id or not run_id or "/" in run_id or find_orchestrator(environ):
        return names
    return {"AIRFLOW_CTX_DAG_ID": dag_id, "AIRFLOW_CTX_DAG_RUN_ID": run_id}
