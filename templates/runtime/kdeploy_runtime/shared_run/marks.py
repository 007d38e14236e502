"""No task knows whether it is the last, nor how the others ended: each leaves its own mark on the shared run.

``kdeploy.task.<task> = running`` when it begins, ``failed`` when it failed, no tag once it succeeded, be it at the
third try. A task that was killed leaves ``running``. `finish-run` looks at what is left.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

PREFIX = "kdeploy.task."
RUNNING = "running"
FAILED = "failed"


def tag_of(task_key: str) -> str:
    return PREFIX + task_key


def unfinished(tags: Mapping[str, str]) -> list[str]:
    """What is wrong with the tasks of a run, a phrase each; empty when all succeeded."""
    phrases = []
    for tag, value in sorted(tags.items()):
        if tag.startswith(PREFIX):
            what = "failed" if value == FAILED else "did not finish (killed?)"
            phrases.append(f"the task '{tag[len(PREFIX) :]}' {what}")
    return phrases
