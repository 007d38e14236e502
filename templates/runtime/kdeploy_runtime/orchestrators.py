"""What a container learns from each orchestrator about the execution it belongs to.

A pipeline that runs as many containers has one name in its orchestrator; that name is the run key, under which
the containers find their one MLflow run. The variables are those that the orchestrators really set:

Airflow         AIRFLOW_CTX_*, exported around every task (``context_to_airflow_vars``). A pod or container of its own
                (KubernetesPodOperator, DockerOperator) does not inherit them; there the DAG passes KDEPLOY_RUN_KEY,
                or them. Airflow exports no map index by itself: the DAG, or ``get_airflow_context_vars``, adds it.
Kubeflow        KFP_RUN_ID (SDK 1.8, v2-compatible). Other versions run on Argo Workflows and are found as such.
Argo            ARGO_WORKFLOW_NAME in main containers of the newest; else ARGO_NODE_ID, workflow name "-" hash of node.
AWS Batch       AWS_BATCH_JOB_ID; the children of an array job have "parent:index", the nodes of a parallel job
                "job#node", and belong to one run.
GitHub Actions  GITHUB_RUN_ID stays the same when failed jobs are run again, so they join the run they failed in.
GitLab CI       CI_PIPELINE_ID is unique in its GitLab; a retried job keeps it.

The two CI systems set them for the job: `docker run -e GITHUB_RUN_ID …` hands them on; where the job itself runs in
the image (`container:`, `image:`), they are there.
Imported in front of every task, so it is tuples and text only.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class Orchestrator:
    """One row of the table."""

    def __init__(
        self,
        name: str,
        run_key: Callable[[Mapping[str, str]], str | None],
        task: tuple[str, ...] = (),
        traces: tuple[tuple[str, str], ...] = (),
    ) -> None:
        self.name = name
        self.run_key = run_key
        """Names this execution among all of the orchestrator's, or None where it is not at work."""
        self.task = task
        """Variables that name a task within an execution, the same when it is retried; none: the command names it."""
        self.traces = traces
        """(tag, variable): what a run records, so that a model leads back to the execution that made it."""


def find_orchestrator(environ: Mapping[str, str]) -> tuple[Orchestrator, str] | None:
    """The first whose variables are there, and its run key."""
    for orchestrator in ORCHESTRATORS:
        key = orchestrator.run_key(environ)
        if key:
            return orchestrator, key
    return None


def airflow_names(run_key: str) -> dict[str, str]:
    """What a key such as ``{{ dag.dag_id }}/{{ run_id }}`` says of its execution; empty if not Airflow's."""
    start = run_key.rfind("/") + 1
    if not run_key.startswith(AIRFLOW_RUN_TYPES, start):
        start = min((place for place in map(run_key.find, AIRFLOW_RUN_TYPES) if place >= 0), default=-1)
    if start < 0 or (start > 0 and run_key[start - 1].isalnum()):
        return {}
    names = {"AIRFLOW_CTX_DAG_ID": run_key[:start].rstrip("/:|@#,;~ _.-"), "AIRFLOW_CTX_DAG_RUN_ID": run_key[start:]}
    return {variable: name for variable, name in names.items() if name}


def copy_indexes(environ: Mapping[str, str]) -> dict[str, str]:
    """By variable, what tells a container from the others of its task, whose name and command may be the same."""
    return {name: environ[name] for name in COPIES if environ.get(name, "").strip() not in NO_COPY}


def is_retry(environ: Mapping[str, str]) -> bool:
    """Whether the orchestrator tried this task before, in the same execution."""
    for name, first in FIRST_TRIES.items():
        number = environ.get(name, "")
        if number.isdecimal() and int(number[:9]) > first:
            return True
    return False


def _joined(*names: str) -> Callable[[Mapping[str, str]], str | None]:
    def run_key(environ: Mapping[str, str]) -> str | None:
        values = [environ.get(name) for name in names]
        return "/".join(values) if all(values) else None  # type: ignore[arg-type]

    return run_key


def _argo_workflow(environ: Mapping[str, str]) -> str | None:
    name = environ.get("ARGO_WORKFLOW_NAME")
    node = environ.get("ARGO_NODE_ID")
    if name or not node:
        return name or None
    workflow, _, number = node.rpartition("-")
    return workflow if workflow and number.isdigit() else node


def _batch_job(environ: Mapping[str, str]) -> str | None:
    return environ.get("AWS_BATCH_JOB_ID", "").partition(":")[0].partition("#")[0] or None


AIRFLOW_RUN_TYPES = tuple(
    f"{name}__"
    for name in (
        *("manual", "scheduled", "backfill", "operator_triggered", "dataset_triggered", "asset_triggered"),
        "asset_materialization",
    )
)
COPIES = (
    "AIRFLOW_CTX_MAP_INDEX",
    "AWS_BATCH_JOB_ARRAY_INDEX",
    "AWS_BATCH_JOB_NODE_INDEX",
    "JOB_COMPLETION_INDEX",  # an Indexed Job of Kubernetes
    "CLOUD_RUN_TASK_INDEX",
)
FIRST_TRIES = {
    "AIRFLOW_CTX_TRY_NUMBER": 1,
    "AWS_BATCH_JOB_ATTEMPT": 1,
    "GITHUB_RUN_ATTEMPT": 1,
    "CLOUD_RUN_TASK_ATTEMPT": 0,
}
NO_COPY = ("", "-1", "None")  # ti.map_index and ti.rendered_map_index of a task that is not mapped

AIRFLOW = Orchestrator(
    "airflow",
    _joined("AIRFLOW_CTX_DAG_ID", "AIRFLOW_CTX_DAG_RUN_ID"),
    task=("AIRFLOW_CTX_TASK_ID",),
    traces=(
        ("dag_id", "AIRFLOW_CTX_DAG_ID"),
        ("dag_run_id", "AIRFLOW_CTX_DAG_RUN_ID"),
        ("execution_date", "AIRFLOW_CTX_EXECUTION_DATE"),
        ("logical_date", "AIRFLOW_CTX_LOGICAL_DATE"),
    ),
)
ORCHESTRATORS = (
    AIRFLOW,
    Orchestrator("kubeflow", _joined("KFP_RUN_ID"), traces=(("run_id", "KFP_RUN_ID"),)),
    # a retried node has another ARGO_NODE_ID
    Orchestrator("argo", _argo_workflow, traces=(("workflow", "ARGO_WORKFLOW_NAME"), ("node_id", "ARGO_NODE_ID"))),
    Orchestrator(
        "aws_batch",
        _batch_job,
        task=("AWS_BATCH_JOB_ARRAY_INDEX", "AWS_BATCH_JOB_NODE_INDEX"),
        traces=(("job_id", "AWS_BATCH_JOB_ID"), ("job_queue", "AWS_BATCH_JQ_NAME")),
    ),
    Orchestrator(
        "github",
        _joined("GITHUB_REPOSITORY", "GITHUB_RUN_ID"),
        traces=(
            ("server_url", "GITHUB_SERVER_URL"),
            ("repository", "GITHUB_REPOSITORY"),
            ("run_id", "GITHUB_RUN_ID"),
            ("run_attempt", "GITHUB_RUN_ATTEMPT"),
            ("sha", "GITHUB_SHA"),
        ),
    ),
    Orchestrator(
        "gitlab",
        _joined("CI_PROJECT_PATH", "CI_PIPELINE_ID"),
        task=("CI_JOB_NAME",),
        traces=(
            ("project", "CI_PROJECT_PATH"),
            ("pipeline_id", "CI_PIPELINE_ID"),
            ("pipeline_url", "CI_PIPELINE_URL"),
            ("sha", "CI_COMMIT_SHA"),
        ),
    ),
)
