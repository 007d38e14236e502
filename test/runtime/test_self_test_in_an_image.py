"""The self-test in a process of its own, as `kdeploy build` runs it: its output, and its silence on the network."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from kdeploy_runtime.self_test.explanation import describe
from kdeploy_runtime.self_test.text import to_text
from support import RUNTIME, SERVER, SelfTestRunner, run_runtime, write


@pytest.fixture
def network_log(tmp_path: Path) -> tuple[dict[str, str], Path]:
    """PYTHONPATH that makes Python write down every address it looks up or connects to."""
    log = tmp_path / "network.log"
    write(
        tmp_path / "watch/sitecustomize.py",
        "import sys\n"
        "def watch(event, arguments):\n"
        "    if event in ('socket.connect', 'socket.getaddrinfo', 'socket.sendto'):\n"
        f"        open({str(log)!r}, 'a').write(f'{{event}} {{arguments[1:]}}\\n')\n"
        "sys.addaudithook(watch)\n",
    )
    return {"PYTHONPATH": f"{tmp_path / 'watch'}:{RUNTIME}"}, log


def test_a_healthy_image_is_told_so_without_a_word_to_the_network(runtime_environment, network_log, project):
    watching, log = network_log
    (project / "conf/local/mlflow.yml").write_text("server: {mlflow_tracking_uri: null}\n")
    result = run_runtime(["self-test", "--json"], {**runtime_environment, **SERVER, **watching}, cwd=project)
    assert result.returncode == 0, result.stdout
    assert result.stdout.count("\n") == 1, "Kedro's log belongs on stderr"
    assert not log.exists(), log.read_text()
    report = json.loads(result.stdout)
    assert {name: report[name] for name in ("ok", "schema_version", "package", "kedro_env", "experiment")} == {
        "ok": True,
        "schema_version": 1,
        "package": "demo",
        "kedro_env": "local",
        "experiment": "demo",
    }
    assert report["tracking_uri"] == report["registry_uri"] == "https://mlflow.example.org"
    assert report["python"] == ".".join(map(str, sys.version_info[:3]))
    assert set(report["versions"]) == {"kdeploy_runtime", "kedro", "kedro_mlflow", "mlflow"}
    assert all(report["versions"].values())
    assert report["project_files"] == ["src/demo/__init__.py", "src/demo/settings.py"]
    assert [step["name"] for step in report["steps"]] == [
        "read authentication settings",
        "load authentication",
        "import kedro",
        "import mlflow",
        "import kedro_mlflow",
        "load kedro plugins",
        "load kdeploy entry points",
        "load project settings",
        "load config: catalog",
        "load config: parameters",
        "load config: globals",
        "start a Kedro session",
        "read mlflow config",
        "open tracking store",
        "begin a run",
    ]
    assert all(set(step) == {"name", "ok", "seconds"} for step in report["steps"])


def test_the_network_log_would_have_seen_a_call(runtime_environment, network_log, tmp_path):
    watching, log = network_log
    code = "import socket; socket.create_connection(('127.0.0.1', 9), 0.1)"
    subprocess.run([sys.executable, "-c", code], env={**runtime_environment, **watching}, capture_output=True)
    assert "socket.connect" in log.read_text()


@pytest.fixture
def without_kedro_datasets(tmp_path: Path) -> str:
    """PYTHONPATH for `python -S`: everything installed here but kedro-datasets, as after `pip install kedro-mlflow`."""
    import kedro

    installed = Path(kedro.__file__).parent.parent
    farm = tmp_path / "site-packages"
    farm.mkdir()
    for entry in installed.iterdir():
        if not entry.name.startswith("kedro_datasets"):
            (farm / entry.name).symlink_to(entry)
    return f"{RUNTIME}:{farm}"


def test_a_missing_kedro_datasets_is_named_and_hides_nothing(runtime_environment, without_kedro_datasets, project):
    write(project / "conf/base/parameters.yml", "rate: ${nowhere}\n")
    result = subprocess.run(
        [sys.executable, "-S", "-m", "kdeploy_runtime", "self-test", "--json"],
        cwd=project,
        env={**runtime_environment, **SERVER, "PYTHONPATH": without_kedro_datasets},
        capture_output=True,
        text=True,
    )
    assert result.returncode == 1
    report = json.loads(result.stdout)
    steps = {step["name"]: step for step in report["steps"]}
    assert steps["import kedro_mlflow"]["error"] == {
        "type": "ModuleNotFoundError",
        "message": "No module named 'kedro_datasets'",
    }
    assert steps["import kedro_mlflow"]["hint"] == (
        "kedro-mlflow 2.0 imports kedro-datasets without declaring it: "
        "add kedro-datasets to the project's requirements and build again."
    )
    assert steps["read mlflow config"]["error"] == {
        "type": "NotRun",
        "message": "needs the step 'start a Kedro session', which failed",
    }
    assert steps["load project settings"]["ok"]
    assert steps["load config: catalog"]["ok"]
    assert steps["load config: parameters"]["error"]["type"] == "InterpolationKeyError"
    assert report["tracking_uri"] is None


def test_the_text_says_what_failed_why_and_what_to_do(self_test: SelfTestRunner, project: Path):
    write(project / "conf/local/mlflow.yml", "tracking: {experiment: {nam: x}}\n")
    outcome = self_test.text(env=SERVER)
    assert outcome.code == 1
    assert "ok     import kedro (" in outcome.stdout
    assert "FAILED read mlflow config (" in outcome.stdout
    assert "       ValidationError: tracking.experiment.nam: Extra inputs are not permitted\n" in outcome.stdout
    assert outcome.stdout.endswith("The self-test failed: see FAILED above.\n")


def test_an_error_without_words_is_named_once():
    step = {"name": "x", "ok": False, "seconds": 0.0, "error": describe(OSError())}
    names = ("kedro_env", "tracking_uri", "registry_uri", "experiment")
    report = {"ok": False, "steps": [step], "python": "3", "versions": {}, **dict.fromkeys(names)}
    assert "\n       OSError\n" in to_text(report)


def test_the_text_of_a_healthy_image_ends_well(self_test: SelfTestRunner):
    outcome = self_test.text(env=SERVER)
    assert outcome.code == 0
    assert "tracking_uri: https://mlflow.example.org\n" in outcome.stdout
    assert outcome.stdout.endswith("The self-test passed.\n")
