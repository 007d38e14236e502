"""Which commands are a Kedro run: only those join a run that nobody asked for by name."""

from __future__ import annotations


def is_kedro_run(command: list[str]) -> bool:
    """`kedro run …`, also behind a shell or another entrypoint; not `kedro registry list`, not `bash`."""
    words = [word.rpartition("/")[2] for argument in command for word in argument.split()]
    return "kedro" in words and "run" in words[words.index("kedro") + 1 :]
