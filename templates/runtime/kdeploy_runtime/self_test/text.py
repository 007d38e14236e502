"""The report for a person: what failed, why, and what to do."""

from __future__ import annotations

from typing import Any


def to_text(report: dict[str, Any]) -> str:
    lines = []
    for step in report["steps"]:
        lines.append(f"{'ok    ' if step['ok'] else 'FAILED'} {step['name']} ({step['seconds']:.1f} s)")
        if "error" in step:
            kind, message = step["error"]["type"], step["error"]["message"]
            lines.append(f"       {kind}" if message == kind else f"       {kind}: {message}")
        if "hint" in step:
            lines.append(f"       {step['hint']}")
    lines.append("")
    versions = {"python": report["python"], **report["versions"]}
    lines.append(", ".join(f"{name} {version or 'not installed'}" for name, version in versions.items()))
    for name in ("kedro_env", "tracking_uri", "registry_uri", "experiment"):
        lines.append(f"{name}: {report[name] or 'unknown'}")
    lines.append("The self-test passed." if report["ok"] else "The self-test failed: see FAILED above.")
    return "\n".join(lines) + "\n"
