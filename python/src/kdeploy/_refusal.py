"""The one error of this package: kdeploy cannot be started."""

from __future__ import annotations

EXIT_CODE = 3
"""As for every tool that kdeploy needs and does not find."""


class Refusal(Exception):
    """What is wrong, and what to do next; shown as the program shows its own errors."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint

    def text(self) -> str:
        return f"Error: {self}\n  next: {self.hint}\n"

    def json(self) -> str:
        """schema/error.schema.json describes it."""
        import json

        error = {"code": "tool-missing", "message": str(self), "exitCode": EXIT_CODE, "hint": self.hint}
        return json.dumps({"version": 1, "error": error}, indent=2) + "\n"
