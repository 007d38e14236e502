"""A misspelled key must not silently switch a setting off, so entries have exactly the keys they should."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

HEADER_CHARACTERS = "!#$%&'*+-.^_`|~"  # with letters and digits: RFC 9110, 5.6.2


class ShapeError(ValueError):
    """Completes the sentence "KDEPLOY_AUTH …"; names keys, never values."""


def expect_keys(value: Any, keys: set[str], where: str) -> None:
    """Raises unless ``value`` is an object with exactly these keys."""
    place = f" in {where}" if where else ""
    if not isinstance(value, dict):
        raise ShapeError(f"is not a JSON object{place}")
    unknown = sorted(set(value) - keys)
    if unknown:
        raise ShapeError(f"has the unknown key {_quoted(unknown)}{place} (known: {_quoted(sorted(keys))})")
    missing = sorted(keys - set(value))
    if missing:
        raise ShapeError(f"is missing the key {_quoted(missing)}{place}")


def expect_text(entry: dict[str, Any], key: str, where: str) -> str:
    """The text under ``key``, which must not be empty."""
    value = entry[key]
    if not isinstance(value, str) or not value.strip():
        raise ShapeError(f"needs a string under '{key}' in {where}")
    return value


def expect_text_or_null(entry: dict[str, Any], key: str, where: str) -> str | None:
    """The text under ``key``, or None."""
    value = entry[key]
    if value is not None and not (isinstance(value, str) and value.strip()):
        raise ShapeError(f"needs a string or null under '{key}' in {where}")
    return value


def expect_header(entry: dict[str, Any], where: str) -> str:
    """The HTTP header that carries the token."""
    name = entry["header"]
    if not isinstance(name, str) or not _is_header_name(name):
        raise ShapeError(f"needs the name of an HTTP header under 'header' in {where}")
    return name


def _is_header_name(text: str) -> bool:
    return text.isascii() and text != "" and all(c.isalnum() or c in HEADER_CHARACTERS for c in text)


def _quoted(names: list[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)
