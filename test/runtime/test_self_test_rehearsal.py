"""What a run does up to its first node is done by the self-test: packages that do not work together are found there."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from importlib.metadata import metadata, version

import pytest
from kdeploy_runtime.self_test import held_back
from kdeploy_runtime.self_test.installed import kedro_mlflow_fails
from support import RUNTIME, SERVER, run_runtime, write

KEDRO = tuple(int(part) for part in version("kedro").split(".")[:2])
ANOTHER_KEDROS = "pipeline_name" if KEDRO >= (1, 2) else "pipeline_names"
HOOKS = (
    "from kedro.framework.hooks import hook_impl\nimport os, pathlib, socket, urllib.request\n\n\nclass ProjectHooks:\n"
)


def give_hook(project, hook, body):
    """A hook of the project's own."""
    write(project / "src/demo/hooks.py", f"{HOOKS}    @hook_impl\n    def {hook}:\n        {body}\n")
    write(project / "src/demo/settings.py", "from demo.hooks import ProjectHooks\nHOOKS = (ProjectHooks(),)\n")


@pytest.mark.skipif(KEDRO < (1, 2), reason="the pair needs Kedro 1.2 or later")
def test_a_kedro_mlflow_that_breaks_with_this_kedro_is_named_with_what_to_install(
    runtime_environment, project, tmp_path
):
    """Real: this pair installs, and every run of it dies before its first node."""
    older = tmp_path / "older"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-compile", "--target", str(older)]
    subprocess.run([*pip, "kedro-mlflow==2.0.1"], check=True, capture_output=True)
    environment = {**runtime_environment, **SERVER, "PYTHONPATH": f"{older}:{RUNTIME}"}
    result = run_runtime(["self-test", "--json"], environment, cwd=project)
    steps = {step["name"]: step for step in json.loads(result.stdout)["steps"]}
    assert (result.returncode, [name for name, step in steps.items() if not step["ok"]]) == (1, ["begin a run"])
    assert steps["begin a run"]["error"]["message"] == (
        f"kedro-mlflow 2.0.1 does not work with Kedro {version('kedro')} and MLflow {version('mlflow')}: "
        "its hook before_pipeline_run reads the run parameter 'pipeline_name', which this Kedro does not set"
    )
    assert steps["begin a run"]["hint"] == "Require kedro-mlflow>=2.0.2 (which needs MLflow 3), or kedro<1.2."


@pytest.mark.parametrize(
    ("kedro", "kedro_mlflow", "hint"),
    [
        ("1.2.0", "1.0.2", "Require kedro-mlflow>=2.0.2"),
        ("1.7.0", "2.0.1", "Require kedro-mlflow>=2.0.2"),
        ("1.2.0rc1", "2.0.1.post1", "Require kedro-mlflow>=2.0.2"),
        ("1.1.1", "2.0.1", "Require a version of kedro-mlflow that supports"),
        ("1.7.0", "2.0.2", "Require a version of kedro-mlflow that supports"),
        ("2.0.0", "2.10.0", "Require a version of kedro-mlflow that supports"),
    ],
)
def test_what_to_install_is_told_for_the_pairs_that_are_known(monkeypatch, kedro, kedro_mlflow, hint):
    found = {"kedro": kedro, "kedro-mlflow": kedro_mlflow, "mlflow": "3.1.0"}
    monkeypatch.setattr("importlib.metadata.version", found.__getitem__)
    assert kedro_mlflow_fails("x").hint.startswith(hint)


@pytest.mark.parametrize(
    ("hook", "body", "why"),
    [
        (
            "before_pipeline_run(self, run_params)",
            f"run_params['{ANOTHER_KEDROS}']",
            f"reads the run parameter '{ANOTHER_KEDROS}', which this Kedro does not set",
        ),
        ("after_context_created(self, context)", "context.gone", "AttributeError: 'KedroContext' object has no"),
        ("after_catalog_created(self, catalog)", "catalog.gone()", "object has no attribute 'gone'"),
        ("before_pipeline_run(self, pipeline)", "import soda_spark", "No module named 'soda_spark'"),
        ("after_context_created(self, context)", "from kedro.io import Gone", "cannot import name 'Gone'"),
    ],
)
def test_a_hook_that_does_not_fit_this_kedro_is_named(self_test, project, hook, body, why):
    give_hook(project, hook, body)
    outcome = self_test(env=SERVER)
    assert outcome.failed == ["begin a run"]
    message = outcome.step("begin a run")["error"]["message"]
    assert message.startswith(f"{hook.partition('(')[0]} of demo.hooks.ProjectHooks ")
    assert why in message


@pytest.mark.parametrize(
    ("hook", "body"),
    [
        ("after_context_created(self, context)", "urllib.request.urlopen('https://vault.invalid')"),
        ("after_context_created(self, context)", "socket.create_connection(('127.0.0.1', 9)).gone()"),
        ("after_context_created(self, context)", "os.environ['DB_PASSWORD']"),
        ("after_context_created(self, context)", "os.environ.get('DB_PASSWORD').split()"),
        ("after_context_created(self, context)", "context.config_loader['credentials']['db']"),
        ("after_catalog_created(self, catalog)", "catalog.load('cars')"),
        ("before_pipeline_run(self, pipeline)", "pathlib.Path('/mnt/data').iterdir().__next__()"),
    ],
)
def test_a_hook_that_needs_what_only_a_run_has_is_no_failure(self_test, project, hook, body):
    give_hook(project, hook, body)
    outcome = self_test(env=SERVER)
    assert outcome.failed == []
    hint = outcome.step("begin a run")["hint"]
    assert hint.startswith(f"It may work with the network and credentials of a run: {hook.partition('(')[0]} of demo")


def test_no_node_runs_and_nobody_hears_of_an_end(self_test, project):
    body = "open('heard', 'w')"
    hooks = "before_node_run", "after_pipeline_run", "on_pipeline_error", "before_dataset_loaded"
    methods = [f"    @hook_impl\n    def {hook}(self):\n        {body}\n" for hook in hooks]
    write(project / "src/demo/hooks.py", HOOKS + "\n".join(methods))
    write(project / "src/demo/settings.py", "from demo.hooks import ProjectHooks\nHOOKS = (ProjectHooks(),)\n")
    assert self_test(env=SERVER).failed == []
    assert not (project / "heard").exists()


def plugin(folder, body):
    """A plugin that is installed, as far as Python can tell; returns the PYTHONPATH that finds it."""
    write(
        folder / "broken.py", f"{HOOKS}    @hook_impl\n    def before_pipeline_run(self, run_params):\n        {body}\n"
    )
    write(folder / "broken.py", (folder / "broken.py").read_text() + "\n\nhooks = ProjectHooks()\n")
    info = folder / "kedro_broken-1.5.dist-info"
    write(info / "METADATA", "Metadata-Version: 2.1\nName: kedro-broken\nVersion: 1.5\n")
    write(info / "entry_points.txt", "[kedro.hooks]\nbroken = broken:hooks\n")
    return {"PYTHONPATH": f"{folder}:{RUNTIME}"}


def test_a_plugin_that_breaks_every_run_is_named_and_hides_no_other(self_test, project, tmp_path):
    give_hook(project, "before_pipeline_run(self)", "import gone")
    outcome = self_test(env={**SERVER, **plugin(tmp_path / "plugins", "len(None)")})
    assert outcome.failed == ["begin a run"]
    message = outcome.step("begin a run")["error"]["message"]
    assert "before_pipeline_run of kedro-broken 1.5 fails with TypeError" in message
    assert "before_pipeline_run of demo.hooks.ProjectHooks fails with ModuleNotFoundError" in message


def test_a_plugin_that_wants_its_server_is_no_failure(self_test, tmp_path):
    env = plugin(tmp_path / "plugins", "urllib.request.urlopen('https://neptune.invalid')")
    outcome = self_test(env={**SERVER, **env})
    assert outcome.failed == []
    assert "before_pipeline_run of kedro-broken 1.5" in outcome.step("begin a run")["hint"]


REGISTERED = "from kedro_mlflow.framework.hooks.mlflow_hook import MlflowHook, mlflow_hook\n"
NAME = metadata("kedro-mlflow")["Name"]
MISSPELLED = NAME.replace("-", "_") if "-" in NAME else NAME.replace("_", "-")
DISABLED = f'DISABLE_HOOKS_FOR_PLUGINS = ("{NAME}",)\n'


def test_a_hook_of_kedro_mlflow_that_is_registered_twice_would_make_two_runs(self_test, project):
    write(project / "src/demo/settings.py", f"{REGISTERED}HOOKS = (MlflowHook(),)\n")
    outcome = self_test(env=SERVER)
    assert outcome.failed == ["begin a run"]
    assert outcome.step("begin a run")["error"]["type"] == "RegisteredTwice"
    assert outcome.step("begin a run")["hint"].startswith("An installed plugin registers its hooks by itself")


@pytest.mark.parametrize(
    "settings",
    [
        f"{DISABLED}HOOKS = (MlflowHook(), MlflowHook())",
        "HOOKS = (type('Own', (MlflowHook,), {})(),)",
        f"DISABLE_HOOKS_FOR_PLUGINS = ('{MISSPELLED}',)\nHOOKS = (MlflowHook(),)",
    ],
)
def test_a_second_hook_of_kedro_mlflow_is_refused_however_it_came(self_test, project, settings):
    write(project / "src/demo/settings.py", f"{REGISTERED}{settings}\n")
    outcome = self_test(env=SERVER)
    assert outcome.failed == ["begin a run"]
    assert outcome.step("begin a run")["error"]["type"] == "RegisteredTwice"
    assert outcome.step("begin a run")["hint"].endswith(f"only by the exact name '{NAME}'.")


@pytest.mark.parametrize("hooks", ["MlflowHook", "mlflow_hook.__class__"])
def test_a_hook_that_is_a_class_and_no_object_is_refused(self_test, project, hooks):
    write(project / "src/demo/settings.py", f"{REGISTERED}{DISABLED}HOOKS = ({hooks},)\n")
    assert self_test(env=SERVER).failed != []


@pytest.mark.parametrize("disabled", ["", DISABLED])
def test_the_object_that_the_plugin_registers_is_refused_in_hooks_as_kedro_refuses_it(self_test, project, disabled):
    write(project / "src/demo/settings.py", f"{REGISTERED}{disabled}HOOKS = (mlflow_hook,)\n")
    step = self_test(env=SERVER).step("start a Kedro session")
    assert step["error"] == {
        "type": "RegisteredTwice",
        "message": "the hooks of a plugin are registered twice, which Kedro refuses",
    }
    assert step["hint"].endswith("HOOKS needs an object of its own, such as MlflowHook(), not the one of the plugin.")


@pytest.mark.parametrize("hooks", ["MlflowHook()", "type('Own', (MlflowHook,), {})()"])
def test_a_hook_that_is_registered_by_settings_py_alone_tracks(self_test, project, hooks):
    write(project / "src/demo/settings.py", f"{REGISTERED}{DISABLED}HOOKS = ({hooks},)\n")
    outcome = self_test(env=SERVER)
    assert (outcome.failed, outcome.report["experiment"]) == ([], "demo")


@pytest.mark.parametrize(
    "registry",
    [
        "def register_pipelines():\n    return {}\n",
        "from kedro.pipeline import Pipeline\ndef register_pipelines():\n    return {'__default__': Pipeline([])}\n",
        "import no_such_package\n",
    ],
)
def test_the_projects_pipelines_are_not_looked_at(self_test, project, registry):
    """They change hourly, and a verdict that does not depend on them can be kept."""
    write(project / "src/demo/pipeline_registry.py", registry)
    outcome = self_test(env=SERVER)
    assert outcome.failed == []
    assert "src/demo/pipeline_registry.py" not in outcome.report["project_files"]


def test_what_is_given_with_the_run_only_is_not_missed(self_test, project):
    write(project / "conf/base/catalog.yml", "cars: {type: pickle.PickleDataset, filepath: x, credentials: s3}\n")
    write(project / "conf/base/parameters.yml", "day: ${runtime_params:day}\n")
    write(project / "conf/local/mlflow.yml", f"tracking: {{run: {{id: '{'0' * 32}', name: nightly}}}}\n")
    env = {**SERVER, "KDEPLOY_RUN_KEY": "k", "MLFLOW_RUN_ID": "1" * 32, "MLFLOW_EXPERIMENT_ID": "7"}
    assert self_test(env=env).failed == []


def test_what_takes_too_long_is_stopped_and_another_alarm_kept():
    signal.setitimer(signal.ITIMER_REAL, 500)
    try:
        with pytest.raises(held_back.TookTooLong), held_back.time_limit(0.01):
            signal.pause()
        assert signal.getitimer(signal.ITIMER_REAL)[0] > 400
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
