"""Real processes and one real Kedro project, shared by the tests of the runtime."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from support import RUNTIME, SelfTestRunner, WarmInterpreter

sys.dont_write_bytecode = True  # the templates are packed as they stand


@pytest.fixture(scope="session")
def template_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `kedro new` makes, with nothing in conf/local but what git keeps."""
    folder = tmp_path_factory.mktemp("kedro-new")
    subprocess.run(
        [sys.executable, "-m", "kedro", "new", "--name", "demo", "--tools", "none", "--example", "no"],
        cwd=folder,
        env={**os.environ, "DO_NOT_TRACK": "1"},
        check=True,
        capture_output=True,
    )
    (folder / "demo/conf/local/credentials.yml").unlink()
    return folder / "demo"


@pytest.fixture
def project(template_project: Path, tmp_path: Path) -> Path:
    """A copy of it, to be changed."""
    return Path(shutil.copytree(template_project, tmp_path / "demo"))


@pytest.fixture(scope="session")
def warm_interpreter() -> Iterator[WarmInterpreter]:
    with WarmInterpreter() as interpreter:
        yield interpreter


@pytest.fixture
def self_test(warm_interpreter: WarmInterpreter, project: Path, tmp_path: Path) -> SelfTestRunner:
    """Runs the self-test in ``project``."""
    return SelfTestRunner(warm_interpreter, project, tmp_path)


@pytest.fixture
def runtime_environment() -> dict[str, str]:
    """A container's: the runtime on PYTHONPATH, and nothing of the developer's MLflow or Kedro."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("MLFLOW_", "KEDRO_", "KDEPLOY_", "GOOGLE_", "AIRFLOW_"))
    }
    return {**kept, "PYTHONPATH": str(RUNTIME), "PYTHONDONTWRITEBYTECODE": "1"}
