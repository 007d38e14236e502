"""Each step covers one thing that can be fixed; a failing one hides none of the others."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from kdeploy_runtime.redaction.addresses import redact_addresses
from kdeploy_runtime.self_test.explanation import describe, hint_for

Result = TypeVar("Result")


class Steps:
    """Runs steps and keeps their records, in the shape of the report."""

    def __init__(self) -> None:
        self.records: list[dict[str, Any]] = []

    @property
    def ok(self) -> bool:
        return all(record["ok"] for record in self.records)

    def run(self, name: str, action: Callable[[], Result], needs: str | Sequence[str] = ()) -> Result | None:
        """What the action returned, or None when it failed or one of ``needs``, earlier steps, did."""
        for needed in (needs,) if isinstance(needs, str) else needs:
            if not self._passed(needed):
                self._record(name, 0.0, {"type": "NotRun", "message": f"needs the step '{needed}', which failed"}, None)
                return None
        begun = time.monotonic()
        try:
            result = action()
        except (Exception, SystemExit) as error:  # noqa: BLE001 - any failure is a finding; settings.py may call sys.exit
            self._record(name, time.monotonic() - begun, describe(error), hint_for(error))
            return None
        self._record(name, time.monotonic() - begun, None, None)
        return result

    def run_with_remark(self, name: str, action: Callable[[], str | None], needs: str | Sequence[str] = ()) -> None:
        """As ``run``; what the action returns is worth knowing although it passed, and becomes the hint."""
        remark = self.run(name, action, needs)
        if remark is not None:
            self.records[-1]["hint"] = redact_addresses(remark)

    def _passed(self, name: str) -> bool:
        return any(record["name"] == name and record["ok"] for record in self.records)

    def _record(self, name: str, seconds: float, error: dict[str, str] | None, hint: str | None) -> None:
        record: dict[str, Any] = {"name": name, "ok": error is None, "seconds": round(seconds, 3)}
        if error is not None:
            record["error"] = {"type": error["type"], "message": redact_addresses(error["message"])}
        if hint is not None:
            record["hint"] = redact_addresses(hint)
        self.records.append(record)
