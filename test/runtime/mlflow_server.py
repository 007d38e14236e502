"""A real MLflow tracking server, with a database and artifacts of its own."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any


class MlflowServer:
    def __init__(self, folder: Path, *options: str) -> None:
        self.folder = folder
        self._options = options
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        with (self.folder / "server.log").open("wb") as log:
            self._process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "mlflow", "server"),
                    *("--host", "127.0.0.1", "--port", str(self.port)),
                    *("--backend-store-uri", f"sqlite:///{self.folder / 'mlflow.db'}"),
                    *("--artifacts-destination", str(self.folder / "artifacts")),
                    *self._options,
                ],
                cwd=self.folder,
                env={
                    **{name: value for name, value in os.environ.items() if not name.startswith("MLFLOW_")},
                    "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",  # processes that no pipeline talks to
                    "DO_NOT_TRACK": "1",
                },
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def wait_until_it_answers(self) -> None:
        end = time.monotonic() + 90
        while time.monotonic() < end and self._process.poll() is None:
            try:
                with urllib.request.urlopen(f"{self.url}/health", timeout=5):  # noqa: S310 - our own URL
                    return
            except OSError:
                time.sleep(0.2)
        raise RuntimeError((self.folder / "server.log").read_text("utf-8", "replace"))

    def artifacts(self, run_id: str, folder: str = "") -> list[str]:
        """The paths in a run's folder; older clients look for them at the global tracking URI."""
        query = urllib.parse.urlencode({"run_id": run_id, "path": folder})
        with urllib.request.urlopen(f"{self.url}/api/2.0/mlflow/artifacts/list?{query}") as answer:  # noqa: S310
            return [file["path"] for file in json.load(answer).get("files", [])]

    def holds(self, text: str) -> bool:
        """Whether it stands in the database, an artifact or the log."""
        files = [path for path in self.folder.rglob("*") if path.is_file()]
        return any(text.encode() in path.read_bytes() for path in files)

    def stop(self) -> None:
        with contextlib.suppress(ProcessLookupError):  # one that died has said why in its log
            os.killpg(self._process.pid, 9)  # with its workers
        self._process.wait(timeout=10)

    def client(self) -> Any:
        from mlflow.tracking import MlflowClient

        return MlflowClient(tracking_uri=self.url, registry_uri=self.url)
