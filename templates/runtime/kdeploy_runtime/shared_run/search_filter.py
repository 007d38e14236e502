"""MLflow's search language has no escapes: a value is quoted with the quote that it does not contain."""

from __future__ import annotations


def tag_is(tag: str, value: str, status: str | None = None) -> str:
    """A filter; the value must not contain both kinds of quotes (``check_run_key`` sees to it)."""
    quote = '"' if "'" in value else "'"
    and_status = f" and attributes.status = '{status}'" if status else ""
    return f"tags.`{tag}` = {quote}{value}{quote}{and_status}"
