"""Runs by MLflow's own client: for stores without a server (a database), for Databricks, and for calls that need
an MLflow plugin of somebody else's. It takes a second to import, so servers are called without it where possible.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any, TypeVar

from kdeploy_runtime.network.address import is_http
from kdeploy_runtime.network.bounded import within
from kdeploy_runtime.redaction.addresses import redact_addresses
from kdeploy_runtime.redaction.words import redact_words
from kdeploy_runtime.server.errors import ApiError, NoConnection, ServerProblem, Unreachable
from kdeploy_runtime.shared_run.experiment_options import expect_restorable
from kdeploy_runtime.shared_run.run import FINAL, Experiment, Run
from kdeploy_runtime.shared_run.search_filter import tag_is

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kdeploy_runtime.patience import Patience
    from kdeploy_runtime.shared_run.experiment_options import ExperimentOptions

Result = TypeVar("Result")


class ClientRuns:
    def __init__(self, uri: str, patience: Patience | None = None) -> None:
        """``patience`` bounds the calls of a server, which MLflow's client tries again for minutes."""
        from mlflow.tracking import MlflowClient

        self._uri = uri
        self._patience = patience if is_http(uri) else None
        self._client = self._call(lambda: MlflowClient(tracking_uri=uri))
        self.address = redact_addresses(uri)

    def _call(self, call: Callable[[], Result]) -> Result:
        patience = self._patience
        return _translated(call if patience is None else lambda: within(patience.for_a_try(), call), self._uri)

    def check(self, experiment: str | None) -> Experiment | None:
        if not experiment:
            self._call(lambda: self._client.search_experiments(max_results=1))
            return None
        found = self._call(lambda: self._client.get_experiment_by_name(experiment))
        return Experiment(found.lifecycle_stage == "deleted", found.artifact_location) if found else None

    def experiment_id(self, name: str, options: ExperimentOptions) -> str:
        found = self._call(lambda: self._client.get_experiment_by_name(name))
        if found is None:
            try:
                location, tags = options.artifact_location, dict(options.tags)
                return self._call(lambda: self._client.create_experiment(name, location, tags))
            except ApiError as error:
                found = self._call(lambda: self._client.get_experiment_by_name(name))
                if error.code != "RESOURCE_ALREADY_EXISTS" or found is None:
                    raise
        if found.lifecycle_stage == "deleted":
            expect_restorable(name, options)
            try:
                self._call(lambda: self._client.restore_experiment(found.experiment_id))
            except ApiError:
                if self._call(lambda: self._client.get_experiment(found.experiment_id)).lifecycle_stage == "deleted":
                    raise
        return found.experiment_id

    def find_experiment(self, name: str) -> str | None:
        found = self._call(lambda: self._client.get_experiment_by_name(name))
        return found.experiment_id if found else None

    def get(self, run_id: str) -> Run:
        return _run(self._call(lambda: self._client.get_run(run_id)))

    def search(self, experiment_id: str, tag: str, value: str, status: str | None = None) -> list[Run]:
        found = self._call(
            lambda: self._client.search_runs(
                [experiment_id],
                filter_string=tag_is(tag, value, status),
                max_results=1000,
                order_by=["attributes.start_time ASC"],
            )
        )
        return [_run(run) for run in found]

    def create(self, experiment_id: str, name: str, tags: Mapping[str, str]) -> Run:
        return _run(
            self._call(
                lambda: self._client.create_run(
                    experiment_id, start_time=int(time.time() * 1000), tags=dict(tags), run_name=name
                )
            )
        )

    def delete(self, run_id: str) -> None:
        try:
            self._call(lambda: self._client.delete_run(run_id))
        except ApiError as error:
            if error.code not in ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE", "INVALID_STATE"):
                raise

    def log_param(self, run_id: str, key: str, value: str) -> None:
        self._call(lambda: self._client.log_param(run_id, key, value))

    def set_tags(self, run_id: str, tags: Mapping[str, str]) -> None:
        from mlflow.entities import RunTag

        if tags:
            self._call(lambda: self._client.log_batch(run_id, tags=[RunTag(*tag) for tag in tags.items()]))

    def delete_tag(self, run_id: str, key: str) -> None:
        try:
            self._call(lambda: self._client.delete_tag(run_id, key))
        except ApiError as error:
            if error.code != "RESOURCE_DOES_NOT_EXIST":
                raise

    def set_status(self, run_id: str, status: str) -> None:
        if status in FINAL:
            self._call(lambda: self._client.set_terminated(run_id, status))
        else:
            self._call(lambda: self._client.update_run(run_id, status=status))


def _translated(call: Callable[[], Result], uri: str) -> Result:
    from mlflow.exceptions import MlflowException

    try:
        return call()
    except MlflowException as error:
        no_response = _no_response(error, uri)
        if no_response is not None:
            raise no_response from error
        said_by_server = type(error).__name__ == "RestException"
        if not said_by_server and error.error_code in ("INTERNAL_ERROR", "TEMPORARILY_UNAVAILABLE"):
            raise Unreachable(f"does not answer ({redact_words(str(error))}).") from error
        raise ApiError(error.error_code, redact_words(error.message)) from error
    except ModuleNotFoundError:
        raise
    except TimeoutError as error:
        raise Unreachable("did not respond in time.") from error
    except Exception as error:
        raise Unreachable(f"cannot be used ({redact_words(str(error)) or type(error).__name__}).") from error


def _no_response(error: Exception, uri: str) -> ServerProblem | None:
    """MLflow's client wraps what requests says in words of its own, five lines of them."""
    from kdeploy_runtime.network import failure

    problem = failure.connection_problem(error)
    if problem == "other":
        return None
    if problem == "certificate-of-unknown-authority" and failure.has_expired(uri):
        problem = "certificate-expired"
    message, remedy = f"{failure.predicate_of(problem, error)}.", failure.remedy_for(problem, os.environ)
    return NoConnection(f"{message} {remedy}") if failure.is_final(problem) else Unreachable(message, remedy)


def _run(run: Any) -> Run:
    return Run(
        run_id=run.info.run_id,
        experiment_id=run.info.experiment_id,
        name=run.info.run_name or run.data.tags.get("mlflow.runName", ""),
        status=run.info.status,
        start_time=run.info.start_time or 0,
        is_deleted=run.info.lifecycle_stage == "deleted",
        params=run.data.params,
        tags=run.data.tags,
    )
