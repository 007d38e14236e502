"""No task knows whether it is the last, nor how the others ended: each leaves its own mark on the shared run.

``kdeploy.task.<task> = running`` when it begins, ``failed`` when it failed, no tag once it succeeded, be it at the
third try. A task that was told to stop leaves ``stopped``, one that was killed ``running``. `finish-run` looks at what
is left.

Containers that share a task's name by mistake do not hide each other's failures: who is tried again begins after the
failure, so one that was there when another failed is not its second try, and leaves the mark.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from kdeploy_runtime.shared_run.run import Runs

PREFIX = "kdeploy.task."
RUNNING = "running"
FAILED = "failed"
STOPPED = "stopped"
SUCCEEDED = ""
_ENDS = {FAILED: "failed", STOPPED: "was stopped (SIGTERM)"}


def tag_of(task_key: str) -> str:
    return PREFIX + task_key


def leave(runs: Runs, run_id: str, task_key: str, mark: str) -> None:
    """Whoever succeeds has written ``running`` when it began: anything else is somebody else's, and newer."""
    tag = tag_of(task_key)
    if mark != SUCCEEDED:
        runs.set_tags(run_id, {tag: mark})
    elif runs.get(run_id).tags.get(tag) not in _ENDS:
        runs.delete_tag(run_id, tag)


def cannot_be_left(run_id: str, task_key: str, mark: str, reason: object) -> str:
    """What `finish-run` will make of it, and how to prevent that."""
    if mark != SUCCEEDED:
        return f"the mark of this task on the MLflow run {run_id} could not be updated: {reason}"
    return (
        f"the task succeeded, but finish-run will set the MLflow run {run_id} to FAILED: the task's mark could not be "
        f"removed. Run the task again, or delete the run's tag {tag_of(task_key)}. The reason: {reason}"
    )


def unfinished(tags: Mapping[str, str]) -> list[str]:
    """What is wrong with the tasks of a run, a phrase each; empty when all succeeded."""
    phrases = []
    for tag, value in sorted(tags.items()):
        if tag.startswith(PREFIX):
            phrases.append(f"the task '{tag[len(PREFIX) :]}' {_ENDS.get(value, 'did not finish (killed?)')}")
    return phrases
