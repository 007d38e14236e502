"""``kedro.hooks: kdeploy``: keeps the shared run open, and leaves the trace and the marks of this task on it.

Without a shared run it adds the trace's tags and nothing else: Kedro and kedro-mlflow work as usual. The parameters of
the container become those of the run in any case.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from kedro.framework.hooks import hook_impl

from kdeploy_runtime.failure import report, say
from kdeploy_runtime.hook import dataset_versions
from kdeploy_runtime.hook.active_runs import active_run_ids
from kdeploy_runtime.hook.environments import as_baked
from kdeploy_runtime.hook.run_parameters import give_to_context, give_to_hooks
from kdeploy_runtime.hook.shared_run import OURS, join_shared_run, reach
from kdeploy_runtime.hook.stop import when_told_to_stop
from kdeploy_runtime.network.address import clean_addresses
from kdeploy_runtime.shared_run import marks
from kdeploy_runtime.shared_run.keys import RUN_ID, TASK_MARK, find_task_key
from kdeploy_runtime.shared_run.opening import runs_of_this_process
from kdeploy_runtime.shared_run.run import KILLED
from kdeploy_runtime.shared_run.trace import trace_tags

if TYPE_CHECKING:
    from kdeploy_runtime.shared_run.run import Runs


class KdeployHooks:
    """One for the process, as kedro-mlflow's."""

    def __init__(self) -> None:
        self._context: Any = None
        self._shared_run_id: str | None = None
        self._is_tracked = False
        self._task_key = ""
        self._catalog: Any = None

    @hook_impl(hookwrapper=True)
    def after_context_created(self, context: Any) -> Iterator[None]:
        """Around kedro-mlflow's own, which decides where to log."""
        self._context = context
        with _ending_as_the_entrypoint():
            give_to_context(context)
        with as_baked():
            yield

    @hook_impl(hookwrapper=True)
    def before_pipeline_run(self, run_params: dict[str, Any], pipeline: Any, catalog: Any) -> Iterator[None]:
        """Around kedro-mlflow's own, which starts the run: ours says which, and looks at the result."""
        give_to_hooks(run_params)
        if "mlflow" not in sys.modules or not os.environ.get("MLFLOW_TRACKING_URI"):
            yield
            return
        with _ending_as_the_entrypoint():
            shared = join_shared_run()
            if shared is not None:
                from kdeploy_runtime.hook.adoption import adopt

                self._shared_run_id = shared.run_id
                self._task_key = os.environ.get(TASK_MARK) or find_task_key(os.environ, ["kedro", *sys.argv[1:]])
                adopt(shared, getattr(self._context, "mlflow", None))
                dataset_versions.load_noted(catalog, pipeline.inputs(), shared.tags)
        outcome = yield
        outcome.get_result()  # raises what kedro-mlflow raised
        with _ending_as_the_entrypoint():
            self._leave_tags()
            runs = runs_of_this_process(None)  # opened now: a task that is told to stop has no time for it
        when_told_to_stop(lambda: self._record_a_stop(runs))

    @hook_impl(tryfirst=True)
    def before_node_run(self, catalog: Any) -> None:
        """In a process of ParallelRunner, nobody has started the run yet."""
        self._catalog = catalog
        shared = self._shared_run_id if self._is_tracked else os.environ.get(OURS)
        if shared is None:
            return
        from kdeploy_runtime.hook.adoption import enter

        enter(shared)

    @hook_impl(tryfirst=True)
    def after_dataset_saved(self, dataset_name: str) -> None:
        """A version that is not noted would not be the one that the next task loads, so it is an error."""
        shared = self._shared_run_id or os.environ.get(OURS)
        version = dataset_versions.saved_version(self._catalog, dataset_name) if shared else None
        if shared and version:
            reach(lambda runs: runs.set_tags(shared, {dataset_versions.tag_of(dataset_name): version}))

    @hook_impl(trylast=True)
    def after_pipeline_run(self) -> None:
        self._mark(marks.SUCCEEDED)
        when_told_to_stop(None)

    @hook_impl(tryfirst=True)
    def on_pipeline_error(self) -> None:
        self._mark(marks.FAILED)
        when_told_to_stop(None)

    def _leave_tags(self) -> None:
        import mlflow

        active = mlflow.active_run()
        self._is_tracked = active is not None
        if active is None:  # mlflow.yml disables tracking for this pipeline
            self._mark(marks.RUNNING)
            return
        tags = trace_tags(os.environ)
        if self._shared_run_id == active.info.run_id:
            os.environ.pop(RUN_ID, None)  # else a nested run that a node starts would be this one again
            os.environ[OURS] = active.info.run_id
            tags[marks.tag_of(self._task_key)] = marks.RUNNING
        reach(lambda runs: runs.set_tags(active.info.run_id, tags))

    def _record_a_stop(self, runs: Runs) -> None:
        if self._shared_run_id is not None:
            marks.leave(runs, self._shared_run_id, self._task_key, marks.STOPPED)
        for run_id in active_run_ids():
            if run_id != self._shared_run_id:
                runs.set_status(run_id, KILLED)

    def _mark(self, mark: str) -> None:
        """A task that cannot leave its mark leaves ``running``, which counts as failed: nothing is hidden."""
        shared = self._shared_run_id
        if shared is None:
            return
        expected = marks.is_expected(os.environ)
        try:
            reach(lambda runs: marks.leave(runs, shared, self._task_key, mark, expected=expected))
        except Exception as error:  # noqa: BLE001 - the pipeline has ended, and how it did is what counts
            say(marks.cannot_be_left(shared, self._task_key, mark, error, expected=expected))


@contextlib.contextmanager
def _ending_as_the_entrypoint() -> Iterator[None]:
    """A task that cannot be tracked ends with one sentence and its exit code, here as there."""
    try:
        yield
    except Exception as error:  # noqa: BLE001
        raise SystemExit(report(error)) from None


clean_addresses(os.environ)  # again, for the entrypoint may have been replaced
hooks = KdeployHooks()
