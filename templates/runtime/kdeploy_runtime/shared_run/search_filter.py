"""MLflow's search language has no escapes: a value is quoted by the quote that it does not hold."""

from __future__ import annotations


def tag_is(tag: str, value: str) -> str:
    """A filter; the value must not hold both kinds of quotes (``check_run_key`` sees to it)."""
    quote = '"' if "'" in value else "'"
    return f"tags.`{tag}` = {quote}{value}{quote}"
