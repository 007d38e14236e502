"""What ``kedro run`` does up to its first node, by Kedro itself: its session, its hooks, its run parameters.

Packages that pip installs together may still not work together, and often only a run shows it: kedro-mlflow before
2.0.2 reads a run parameter that Kedro 1.2 renamed. There are stand-ins for what changes hourly or is not in the image
(pipelines, datasets, parameters, credentials), and MLflow logs to a temporary folder.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

from kdeploy_runtime.hook.environments import as_baked
from kdeploy_runtime.self_test import held_back
from kdeploy_runtime.self_test.hooks import GuardedHooks
from kdeploy_runtime.self_test.project import Project

STAND_INS = ("catalog", "parameters", "credentials")


class BrokenHooks(Exception):
    hint = "No run would get to its first node: require versions that work together, or fix the hook."


class RegisteredTwice(Exception):
    def __init__(self, message: str, more: str) -> None:
        super().__init__(message)
        self.hint = (
            "An installed plugin registers its hooks by itself: remove them from HOOKS in settings.py, "
            f"or name the plugin in DISABLE_HOOKS_FOR_PLUGINS there. {more}"
        )


class Rehearsal:
    """One session of the project."""

    def __init__(self, project: Project) -> None:
        from kedro.framework.project import pipelines
        from kedro.framework.session import KedroSession
        from kedro.pipeline import Pipeline, node

        pipelines.configure(None)
        pipelines["__default__"] = Pipeline([node(_never_run, None, "self_test", name="self_test")])
        with held_back.network():
            try:
                self._session = KedroSession.create(project_path=project.path, save_on_close=False)
            except ValueError as error:
                if "already registered" not in str(error):
                    raise
                raise RegisteredTwice(
                    "the hooks of a plugin are registered twice, which Kedro refuses",
                    "Even then, HOOKS needs an object of its own, such as MlflowHook(), not the one of the plugin.",
                ) from error
        self._hooks = GuardedHooks(self._session._hook_manager, project)

    @property
    def is_tracked(self) -> bool:
        """Whether kedro-mlflow's hook is registered, by the plugin or by settings.py."""
        return bool(self._hooks.kedro_mlflow)

    def load_context(self) -> Any:
        """The context of the run, with what kedro-mlflow made of mlflow.yml."""
        with held_back.network(), as_baked():
            context = self._session.load_context()
        self._session.load_context = lambda: context
        return context

    def begin_run(self) -> str | None:
        """Fires the hooks up to ``before_pipeline_run``; the remark is about those that could not be judged here."""
        if len(self._hooks.kedro_mlflow) > 1:
            name = distribution("kedro-mlflow").metadata["Name"]
            raise RegisteredTwice(
                "kedro-mlflow's hook is registered twice, so each run would create two MLflow runs",
                f"Kedro knows kedro-mlflow only by the exact name '{name}'.",
            )
        context = self._session.load_context()
        _give_stand_ins(context.config_loader)
        with held_back.network(), _temporary_store(context.mlflow), contextlib.suppress(_FirstNode):
            self._session.run(runner=_runner())
        broken = [str(failure) for failure in self._hooks.failures if failure.is_certain]
        if broken:
            raise BrokenHooks("; ".join(broken))
        others = "; ".join(map(str, self._hooks.failures))
        return f"It may work with the network and credentials of a run: {others}." if others else None


class _FirstNode(BaseException):
    """Kedro treats it as no error of the pipeline, so no hook hears of it."""


def _never_run() -> None:
    raise AssertionError


def _runner() -> Any:
    from kedro.runner import SequentialRunner

    class Runner(SequentialRunner):
        def run(self, *_: Any, **__: Any) -> Any:
            raise _FirstNode

    return Runner()


def _give_stand_ins(loader: Any) -> None:
    """Each kind of configuration has been loaded in a step of its own."""
    base = type(loader)

    class Loader(base):
        def __getitem__(self, kind: str) -> Any:
            return {} if kind in STAND_INS else super().__getitem__(kind)

        def get(self, *patterns: Any, **options: Any) -> Any:  # Kedro < 0.18.4
            is_stand_in = bool(patterns) and str(patterns[0]).rstrip("*") in STAND_INS
            return {} if is_stand_in else super().get(*patterns, **options)

    loader.__class__ = Loader


@contextlib.contextmanager
def _temporary_store(config: Any) -> Iterator[None]:
    """MLflow really creates the run, in a temporary folder; no run is continued."""
    import mlflow

    uris = mlflow.get_tracking_uri(), mlflow.get_registry_uri()
    run_id, experiment = config.tracking.run.id, config.tracking.experiment
    variables = {name: os.environ.pop(name, None) for name in ("MLFLOW_RUN_ID", "MLFLOW_EXPERIMENT_ID")}
    variables["MLFLOW_ALLOW_FILE_STORE"] = os.environ.get("MLFLOW_ALLOW_FILE_STORE")
    with tempfile.TemporaryDirectory() as folder:
        try:
            os.environ["MLFLOW_ALLOW_FILE_STORE"] = "true"
            mlflow.set_tracking_uri(Path(folder).as_uri())
            mlflow.set_registry_uri(Path(folder).as_uri())
            mlflow.set_experiment(experiment.name)
            experiment._experiment = mlflow.get_experiment_by_name(experiment.name)
            config.tracking.run.id = None
            yield
        finally:
            while mlflow.active_run():
                mlflow.end_run()
            config.tracking.run.id = run_id
            for setter, uri in zip((mlflow.set_tracking_uri, mlflow.set_registry_uri), uris):
                setter(uri)
            for name, value in variables.items():
                if value is None:
                    os.environ.pop(name, None)
                else:
                    os.environ[name] = value
