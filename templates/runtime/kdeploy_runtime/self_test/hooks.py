"""Whose hooks a Kedro session fires, and whether one that fails here would fail in every run."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kdeploy_runtime.self_test import held_back
from kdeploy_runtime.self_test.explanation import describe
from kdeploy_runtime.self_test.installed import kedro_mlflow_fails

if TYPE_CHECKING:
    from kdeploy_runtime.self_test.project import Project

LONGEST_SECONDS = 30.0


class MissingRunParameter(KeyError):
    """A hook reads a parameter of the run that this version of Kedro does not set."""

    def __str__(self) -> str:
        return f"reads the run parameter '{self.args[0]}', which this Kedro does not set"


class _RunParameters(dict):
    def __missing__(self, name: str) -> Any:
        raise MissingRunParameter(name)


@dataclass(frozen=True)
class HookFailure:
    owner: str
    hook: str
    error: Exception
    is_certain: bool
    """Whether every run would fail with it; else it may lack only what it has at run time."""

    def __str__(self) -> str:
        return f"{self.hook} of {self.owner} {_what_failed(self.error)}"


class GuardedHooks:
    """The hooks of a session: a failure of kedro-mlflow's is raised; others' are kept, and hide nothing."""

    def __init__(self, manager: Any, project: Project) -> None:
        from kedro_mlflow.framework.hooks.mlflow_hook import MlflowHook

        self.failures: list[HookFailure] = []
        self.kedro_mlflow = [plugin for plugin in manager.get_plugins() if isinstance(plugin, MlflowHook)]
        self._run_parameters: _RunParameters | None = None
        names = {
            id(plugin): f"{found.project_name} {found.version}" for plugin, found in manager.list_plugin_distinfo()
        }
        for plugin in list(manager.get_plugins()):
            if _module_of(plugin).startswith("kdeploy_runtime."):
                manager.unregister(plugin=plugin)  # it would join a run
                continue
            is_own = _is_of_project(plugin, project)
            owner = names.get(id(plugin)) or f"{_module_of(plugin)}.{_class_of(plugin).__qualname__}"
            for hook, implementation in _implementations(manager, plugin):
                if plugin not in self.kedro_mlflow:
                    settle = functools.partial(self._keep, owner, hook, is_own)
                elif hook != "after_context_created":
                    settle = functools.partial(_blame_versions, hook)
                else:
                    settle = _raise  # it reads mlflow.yml, which is the more likely reason
                implementation.function = self._guarded(implementation, settle)

    def _guarded(self, implementation: Any, settle: Callable[[Exception, bool], None]) -> Callable[..., Any]:
        original, names = implementation.function, implementation.argnames

        @functools.wraps(original)
        def call(*arguments: Any) -> Any:
            given = [self._watched(value) if name == "run_params" else value for name, value in zip(names, arguments)]
            with held_back.network() as attempts:
                try:
                    with held_back.time_limit(LONGEST_SECONDS):
                        return original(*given)
                except Exception as error:  # noqa: BLE001 - somebody else's code
                    settle(error, bool(attempts))
                    return None

        return call

    def _watched(self, run_params: dict[str, Any]) -> _RunParameters:
        """One for all hooks, for they may change it."""
        if self._run_parameters is None:
            self._run_parameters = _RunParameters(run_params)
        return self._run_parameters

    def _keep(self, owner: str, hook: str, is_own: bool, error: Exception, wanted_network: bool) -> None:
        is_certain = not wanted_network and is_incompatible(error, is_own=is_own)
        self.failures.append(HookFailure(owner, hook, error, is_certain))


def is_incompatible(error: Exception, *, is_own: bool) -> bool:
    """Whether a hook and Kedro do not fit each other.

    Anything else may come of credentials, variables or data that are there at run time only. The project's own hooks
    meet their absence in any shape (`os.environ.get(…).split()`), so of their errors only those about Kedro count.
    """
    if isinstance(error, (MissingRunParameter, ImportError)):
        return True
    if isinstance(error, AttributeError) and _is_of_kedro(getattr(error, "obj", None)):  # `obj`: Python >= 3.10
        return True
    return not is_own and isinstance(error, (AttributeError, TypeError, NameError, NotImplementedError))


def _blame_versions(hook: str, error: Exception, _: bool) -> None:
    raise kedro_mlflow_fails(f"its hook {hook} {_what_failed(error)}") from error


def _raise(error: Exception, _: bool) -> None:
    raise error


def _what_failed(error: Exception) -> str:
    if isinstance(error, MissingRunParameter):
        return str(error)
    found = describe(error)
    return f"fails with {found['type']}: {found['message']}"


def _implementations(manager: Any, plugin: Any) -> Iterator[tuple[str, Any]]:
    """Those that are plain functions; wrappers are generators, whose errors surface elsewhere."""
    for caller in manager.get_hookcallers(plugin) or ():
        for implementation in caller.get_hookimpls():
            is_wrapper = implementation.hookwrapper or getattr(implementation, "wrapper", False)
            if implementation.plugin is plugin and not is_wrapper:
                yield caller.name, implementation


def _is_of_project(plugin: Any, project: Project) -> bool:
    module = _module_of(plugin)
    file = getattr(sys.modules.get(module), "__file__", None)
    in_its_folder = isinstance(file, str) and project.path in Path(file).resolve().parents
    return module.split(".")[0] == project.package or (in_its_folder and "site-packages" not in file)


def _is_of_kedro(value: Any) -> bool:
    modules = (
        [value.__name__] if isinstance(value, type(sys)) else [each.__module__ for each in _class_of(value).__mro__]
    )
    return any(module.split(".")[0] == "kedro" for module in modules)


def _class_of(value: Any) -> type:
    return value if isinstance(value, type) else type(value)


def _module_of(value: Any) -> str:
    return value.__name__ if isinstance(value, type(sys)) else _class_of(value).__module__
