"""No task knows whether it is the last, nor how the others ended: each leaves its own mark on the shared run.

``kdeploy.task.<task> = running`` when it begins, ``failed`` when it failed, no tag once it succeeded, be it at the
third try. A task that was told to stop leaves ``stopped``, one that was killed ``running``. `finish-run` looks at what
is left.

No tag is also what a task leaves that never started. So where `finish-run` is going to be told which tasks there are
(``--expect``), each task is told as well (KDEPLOY_EXPECTED=1), and leaves ``succeeded``.

Containers that share a task's name by mistake do not hide each other's failures: who is tried again begins after the
failure, so one that was there when another failed is not its second try, and leaves the mark.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kdeploy_runtime.shared_run.run import Runs

PREFIX = "kdeploy.task."
RUNNING = "running"
FAILED = "failed"
STOPPED = "stopped"
SUCCEEDED = "succeeded"
EXPECTED = "KDEPLOY_EXPECTED"
_ENDS = {FAILED: "failed", STOPPED: "was stopped (SIGTERM)"}


def tag_of(task_key: str) -> str:
    return PREFIX + task_key


def is_expected(environ: Mapping[str, str]) -> bool:
    """Whether somebody is going to look for this task's success."""
    return environ.get(EXPECTED, "").strip().lower() not in ("", "0", "false", "no")


def leave(runs: Runs, run_id: str, task_key: str, mark: str, *, expected: bool = False) -> None:
    """Whoever succeeds has written ``running`` when it began: anything else is somebody else's, and newer."""
    tag = tag_of(task_key)
    if mark != SUCCEEDED:
        runs.set_tags(run_id, {tag: mark})
    elif runs.get(run_id).tags.get(tag) not in _ENDS:
        if expected:
            runs.set_tags(run_id, {tag: SUCCEEDED})
        else:
            runs.delete_tag(run_id, tag)


def cannot_be_left(run_id: str, task_key: str, mark: str, reason: object, *, expected: bool = False) -> str:
    """What `finish-run` will make of it, and how to prevent that."""
    if mark != SUCCEEDED:
        return f"the mark of this task on the MLflow run {run_id} could not be updated: {reason}"
    remedy = (
        f"set the run's tag {tag_of(task_key)} to {SUCCEEDED}"
        if expected
        else f"delete the run's tag {tag_of(task_key)}"
    )
    return (
        f"the task succeeded, but finish-run will set the MLflow run {run_id} to FAILED: the task's mark could not be "
        f"{'updated' if expected else 'removed'}. Run the task again, or {remedy}. The reason: {reason}"
    )


def unfinished(tags: Mapping[str, str], expected: Sequence[str] = ()) -> list[str]:
    """What is wrong with the tasks of a run, a phrase each; empty when all succeeded, also those that are expected."""
    left = {tag[len(PREFIX) :]: value for tag, value in tags.items() if tag.startswith(PREFIX)}
    ends = {task: _ENDS.get(value, "did not finish (killed?)") for task, value in left.items() if value != SUCCEEDED}
    missing = {task: "left no mark of its success (it did not start?)" for task in expected if task not in left}
    return [f"the task '{task}' {end}" for task, end in sorted({**ends, **missing}.items())]
