"""``kedro.hooks: kdeploy`` in an image that was built without tracking: the container's parameters become the run's.

Nothing else: what such a project does with MLflow by itself is its own affair.
"""

from __future__ import annotations

from typing import Any

from kedro.framework.hooks import hook_impl

from kdeploy_runtime.failure import report
from kdeploy_runtime.hook.run_parameters import give_to_context, give_to_hooks


class UntrackedHooks:
    """One for the process."""

    @hook_impl(tryfirst=True)
    def after_context_created(self, context: Any) -> None:
        """Parameters that cannot be read end the task with one sentence, here as in the entrypoint."""
        try:
            give_to_context(context)
        except Exception as error:  # noqa: BLE001
            raise SystemExit(report(error)) from None

    @hook_impl(tryfirst=True)
    def before_pipeline_run(self, run_params: dict[str, Any]) -> None:
        give_to_hooks(run_params)


hooks = UntrackedHooks()
