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
FIXTURES = HERE.parent / "fixtures"

SECRET = "s3cr3t-PLANTED-do-not-print"
SERVER = {"MLFLOW_TRACKING_URI": "https://mlflow.example.org"}

# What an entry_points.txt must hold for MLflow and Kedro to find the runtime.
ENTRY_POINTS = """\
[mlflow.request_auth_provider]
kdeploy = kdeploy_runtime.authentication.mlflow_provider:AuthProvider

[kedro.hooks]
kdeploy = kdeploy_runtime.hook.plugin:hooks
"""


def write(path: Path, text: str, mode: int = 0o644) -> Path:
    """Line breaks as given, folders made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())
    path.chmod(mode)
    return path


def bake_dist_info(folder: Path, entry_points: str = ENTRY_POINTS) -> str:
    """A dist-info as kdeploy bakes it; returns the PYTHONPATH that finds it, and the runtime."""
    info = folder / "lib/kdeploy_runtime-0.1.0.dist-info"
    write(info / "METADATA", "Metadata-Version: 2.1\nName: kdeploy_runtime\nVersion: 0.1.0\n")
    write(info / "entry_points.txt", entry_points)
    return f"{folder / 'lib'}:{RUNTIME}"


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
        """Without the steps that only need one of them."""
        steps = self.report["steps"]
        return [step["name"] for step in steps if not step["ok"] and step["error"]["type"] != "NotRun"]


@dataclass(frozen=True)
class WarmRequest:
    arguments: list[str]
    cwd: Path
    env: dict[str, str]
    kind: str = "own command"
    """One of warm_interpreter.KINDS."""


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
        self._process.wait(timeout=60)

    def run(
        self, arguments: list[str], cwd: Path, env: dict[str, str], outputs: Path, kind: str = "own command"
    ) -> Outcome:
        return self.run_together([WarmRequest(arguments, cwd, env, kind)], outputs)[0]

    def run_together(self, requests: list[WarmRequest], outputs: Path) -> list[Outcome]:
        """Side by side, each in a process of its own."""
        files = [(outputs / f"stdout-{number}", outputs / f"stderr-{number}") for number in range(len(requests))]
        line = [
            {
                "arguments": request.arguments,
                "cwd": str(request.cwd),
                "env": request.env,
                "kind": request.kind,
                "stdout": str(stdout),
                "stderr": str(stderr),
            }
            for request, (stdout, stderr) in zip(requests, files)
        ]
        self._process.stdin.write(json.dumps(line) + "\n")
        self._process.stdin.flush()
        codes = json.loads(self._process.stdout.readline())
        return [
            Outcome(code, stdout.read_text("utf-8"), stderr.read_text("utf-8"))
            for code, (stdout, stderr) in zip(codes, files)
        ]


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
