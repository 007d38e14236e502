"""The runs that MLflow's client has open in this process, in whichever thread."""

from __future__ import annotations


def active_run_ids() -> list[str]:
    """The outermost first."""
    import mlflow.tracking.fluent

    stack = mlflow.tracking.fluent._active_run_stack  # a list, and since MLflow 2.14 one for each thread
    stacks = stack.get_all_thread_values().values() if hasattr(stack, "get_all_thread_values") else [stack]
    return [run.info.run_id for runs in stacks for run in runs]
