"""``kedro.hooks: kdeploy``: keeps the shared run open, and leaves the trace and the marks of this task on it.

Without a shared run it adds the trace's tags and nothing else: Kedro and kedro-mlflow work as usual.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from kedro.framework.hooks import hook_impl

from kdeploy_runtime.failure import CONFIGURATION, Failure
from kdeploy_runtime.hook.active_runs import active_run_ids
from kdeploy_runtime.hook.environments import as_baked
from kdeploy_runtime.hook.stop import when_told_to_stop
from kdeploy_runtime.shared_run import marks
from kdeploy_runtime.shared_run.keys import RUN_ID, TASK_MARK, find_run_key, find_task_key, given_run_id
from kdeploy_runtime.shared_run.opening import runs_of_this_process
from kdeploy_runtime.shared_run.run import KILLED
from kdeploy_runtime.shared_run.trace import trace_tags

if TYPE_CHECKING:
    from kdeploy_runtime.shared_run.run import Run, Runs

LOGGER = logging.getLogger("kdeploy")
OURS = "KDEPLOY_SHARED_RUN_ID"  # for the processes that a runner starts: MLflow takes its own variable away


class KdeployHooks:
    """One for the process, as kedro-mlflow's."""

    def __init__(self) -> None:
        self._context: Any = None
        self._shared_run_id: str | None = None
        self._is_tracked = False
        self._task_key = ""

    @hook_impl(hookwrapper=True)
    def after_context_created(self, context: Any) -> Iterator[None]:
        """Around kedro-mlflow's own, which decides where to log."""
        self._context = context
        with as_baked():
            yield

    @hook_impl(hookwrapper=True)
    def before_pipeline_run(self, run_params: dict[str, Any]) -> Iterator[None]:
        """Around kedro-mlflow's own, which starts the run: ours says which, and looks at the result."""
        if "mlflow" not in sys.modules or not os.environ.get("MLFLOW_TRACKING_URI"):
            yield
            return
        shared = self._join_shared_run()
        if shared is not None:
            from kdeploy_runtime.hook.adoption import adopt

            self._shared_run_id = shared.run_id
            self._task_key = os.environ.get(TASK_MARK) or find_task_key(os.environ, ["kedro", *sys.argv[1:]])
            adopt(shared, getattr(self._context, "mlflow", None))
        outcome = yield
        outcome.get_result()  # raises what kedro-mlflow raised
        self._leave_tags()
        runs = runs_of_this_process(None)  # opened now, for there will be no time
        when_told_to_stop(lambda: self._record_a_stop(runs))

    @hook_impl(tryfirst=True)
    def before_node_run(self) -> None:
        """In a process of ParallelRunner, nobody has started the run yet."""
        shared = self._shared_run_id if self._is_tracked else os.environ.get(OURS)
        if shared is None:
            return
        from kdeploy_runtime.hook.adoption import enter

        enter(shared)

    @hook_impl(trylast=True)
    def after_pipeline_run(self) -> None:
        self._mark(marks.SUCCEEDED)
        when_told_to_stop(None)

    @hook_impl(tryfirst=True)
    def on_pipeline_error(self) -> None:
        self._mark(marks.FAILED)
        when_told_to_stop(None)

    def _join_shared_run(self) -> Run | None:
        """The run that somebody else ends: named for this task, or found by the run key when the entrypoint was
        replaced (`command:` in a pod does that).
        """
        run_id = given_run_id(os.environ) or os.environ.get(OURS, "")
        key = "" if run_id or os.environ.get("KDEPLOY_UNTRACKED") else find_run_key(os.environ)
        if not (run_id or (key and os.environ.get("MLFLOW_EXPERIMENT_NAME"))):
            return None
        from kdeploy_runtime.preparation import join
        from kdeploy_runtime.server.errors import ServerProblem
        from kdeploy_runtime.shared_run.client_runs import ClientRuns

        try:
            return join(ClientRuns(os.environ["MLFLOW_TRACKING_URI"]), os.environ, run_id, key or "")
        except ServerProblem as error:
            which = run_id or f"of the run key '{key}'"
            raise Failure(CONFIGURATION, f"the MLflow run {which} cannot be joined: {error}") from error

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
        mlflow.MlflowClient().log_batch(active.info.run_id, tags=[mlflow.entities.RunTag(*tag) for tag in tags.items()])

    def _record_a_stop(self, runs: Runs) -> None:
        if self._shared_run_id is not None:
            marks.leave(runs, self._shared_run_id, self._task_key, marks.STOPPED)
        for run_id in active_run_ids():
            if run_id != self._shared_run_id:
                runs.set_status(run_id, KILLED)

    def _mark(self, mark: str) -> None:
        """A task that cannot leave its mark leaves ``running``, which counts as failed: nothing is hidden."""
        if self._shared_run_id is None:
            return
        from kdeploy_runtime.server.errors import ServerProblem
        from kdeploy_runtime.shared_run.client_runs import ClientRuns

        try:
            marks.leave(ClientRuns(os.environ["MLFLOW_TRACKING_URI"]), self._shared_run_id, self._task_key, mark)
        except ServerProblem as error:
            LOGGER.warning("The status of this task could not be recorded on the MLflow run: %s", error)


hooks = KdeployHooks()
