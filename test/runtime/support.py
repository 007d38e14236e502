"""How the tests start the runtime."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
RUNTIME = HERE.parent.parent / "templates/runtime"

SECRET = "s3cr3t-PLANTED-do-not-print"
SERVER = {"MLFLOW_TRACKING_URI": "https://mlflow.example.org"}


def write(path: Path, text: str, mode: int = 0o644) -> Path:
    """Line breaks as given, folders made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())
    path.chmod(mode)
    return path


def run_runtime(arguments: list[str], env: dict[str, str], **options: Any) -> subprocess.CompletedProcess[str]:
    """`python -m kdeploy_runtime …` in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "kdeploy_runtime", *arguments],
        env=env,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        **options,
    )


@dataclass(frozen=True)
class Outcome:
    code: int
    stdout: str
    stderr: str

    @property
    def report(self) -> dict[str, Any]:
        return json.loads(self.stdout.splitlines()[-1])

    def step(self, name: str) -> dict[str, Any]:
        return next(step for step in self.report["steps"] if step["name"] == name)

    @property
    def failed(self) -> list[str]:
        return [step["name"] for step in self.report["steps"] if not step["ok"]]


class WarmInterpreter:
    """Kedro and MLflow take 5 s to import: done once, here, and forked for every self-test."""

    def __enter__(self) -> WarmInterpreter:
        self._process = subprocess.Popen(
            [sys.executable, str(HERE / "warm_interpreter.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={**os.environ, "PYTHONPATH": str(RUNTIME), "PYTHONDONTWRITEBYTECODE": "1", "DO_NOT_TRACK": "1"},
        )
        return self

    def __exit__(self, *_: object) -> None:
        self._process.stdin.close()
        self._process.wait(timeout=10)

    def run(self, arguments: list[str], cwd: Path, env: dict[str, str], outputs: Path) -> Outcome:
        request = {
            "arguments": arguments,
            "cwd": str(cwd),
            "env": env,
            "stdout": str(outputs / "stdout"),
            "stderr": str(outputs / "stderr"),
        }
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        code = int(self._process.stdout.readline())
        return Outcome(code, (outputs / "stdout").read_text("utf-8"), (outputs / "stderr").read_text("utf-8"))


@dataclass(frozen=True)
class SelfTestRunner:
    interpreter: WarmInterpreter
    project: Path
    outputs: Path

    def __call__(self, *options: str, env: dict[str, str] | None = None) -> Outcome:
        return self._run(["--json", *options], env)

    def text(self, env: dict[str, str] | None = None) -> Outcome:
        return self._run([], env)

    def _run(self, options: list[str], env: dict[str, str] | None) -> Outcome:
        environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(RUNTIME), **(env or {})}
        return self.interpreter.run(["self-test", *options], self.project, environment, self.outputs)
