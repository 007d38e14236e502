"""A misspelt key must not silently switch a setting off, so entries have exactly the keys they should."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


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
        raise ShapeError(f"lacks the key {_quoted(missing)}{place}")


def _quoted(names: list[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)
