"""Runs on an MLflow server, by its REST API."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING, Any

from kdeploy_runtime.server.errors import ApiError, NotMlflow
from kdeploy_runtime.shared_run.experiment_options import expect_restorable
from kdeploy_runtime.shared_run.run import FINAL, RUNNING, Experiment, Run
from kdeploy_runtime.shared_run.search_filter import tag_is

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kdeploy_runtime.server.connection import Connection
    from kdeploy_runtime.shared_run.experiment_options import ExperimentOptions

MISSING, EXISTS = "RESOURCE_DOES_NOT_EXIST", "RESOURCE_ALREADY_EXISTS"


@contextlib.contextmanager
def _mlflows_shape() -> Iterator[None]:
    """Whatever speaks JSON may answer: what is read below is what MLflow writes."""
    try:
        yield
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
        raise NotMlflow(
            "responded with JSON, but not as an MLflow server. Check the path and port of MLFLOW_TRACKING_URI."
        ) from error


class RestRuns:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @property
    def address(self) -> str:
        return self._connection.address

    @_mlflows_shape()
    def check(self, experiment: str | None) -> Experiment | None:
        if not experiment:
            self._connection.post("experiments/search", max_results=1)
            return None
        found = self._experiment(experiment)
        return found and Experiment(found.get("lifecycle_stage") == "deleted", found.get("artifact_location"))

    @_mlflows_shape()
    def experiment_id(self, name: str, options: ExperimentOptions) -> str:
        found = self._experiment(name)
        if found is None:
            try:
                location = {"artifact_location": options.artifact_location} if options.artifact_location else {}
                made = self._connection.post("experiments/create", name=name, tags=_pairs(options.tags), **location)
                return _text(made["experiment_id"])
            except ApiError as error:
                if error.code != EXISTS:
                    raise
                found = self._experiment(name)  # another container was faster
                if found is None:
                    raise
        if found.get("lifecycle_stage") == "deleted":
            expect_restorable(name, options)
            try:
                self._connection.post("experiments/restore", experiment_id=found["experiment_id"])
            except ApiError:
                found = self._experiment(name) or found
                if found.get("lifecycle_stage") == "deleted":  # else another container was faster
                    raise
        return _text(found["experiment_id"])

    @_mlflows_shape()
    def find_experiment(self, name: str) -> str | None:
        found = self._experiment(name)
        return _text(found["experiment_id"]) if found else None

    def _experiment(self, name: str) -> dict[str, Any] | None:
        try:
            found = self._connection.get("experiments/get-by-name", experiment_name=name)["experiment"]
        except ApiError as error:
            self._connection.expect_workspace()  # a missing one has the same code
            if error.code == MISSING:
                return None
            raise
        self._connection.expect_workspace(found.get("workspace"))
        return found

    @_mlflows_shape()
    def get(self, run_id: str) -> Run:
        try:
            return _run(self._connection.get("runs/get", run_id=run_id)["run"])
        except ApiError:
            self._connection.expect_workspace()
            raise

    @_mlflows_shape()
    def search(self, experiment_id: str, tag: str, value: str, status: str | None = None) -> list[Run]:
        answer = self._connection.post(
            "runs/search",
            experiment_ids=[experiment_id],
            filter=tag_is(tag, value, status),
            run_view_type="ACTIVE_ONLY",
            max_results=1000,
            order_by=["attributes.start_time ASC"],
        )
        return [_run(run) for run in answer.get("runs", [])]

    @_mlflows_shape()
    def create(self, experiment_id: str, name: str, tags: Mapping[str, str]) -> Run:
        answer = self._connection.post(
            "runs/create",
            experiment_id=experiment_id,
            run_name=name,
            start_time=_now(),
            tags=_pairs(tags),
        )
        return _run(answer["run"])

    def delete(self, run_id: str) -> None:
        try:
            self._connection.post("runs/delete", run_id=run_id)
        except ApiError as error:
            if error.code not in (MISSING, "INVALID_PARAMETER_VALUE", "INVALID_STATE"):  # it is in the trash already
                raise

    def log_param(self, run_id: str, key: str, value: str) -> None:
        self._connection.post("runs/log-parameter", run_id=run_id, key=key, value=value)

    def set_tags(self, run_id: str, tags: Mapping[str, str]) -> None:
        if tags:
            self._connection.post("runs/log-batch", run_id=run_id, tags=_pairs(tags))

    def delete_tag(self, run_id: str, key: str) -> None:
        try:
            self._connection.post("runs/delete-tag", run_id=run_id, key=key)
        except ApiError as error:
            if error.code != MISSING:
                raise

    def set_status(self, run_id: str, status: str) -> None:
        end = {"end_time": _now()} if status in FINAL else {}
        self._connection.post("runs/update", run_id=run_id, status=status, **end)


def _run(document: dict[str, Any]) -> Run:
    info, data = document["info"], document.get("data", {})
    tags = {tag["key"]: tag.get("value", "") for tag in data.get("tags", [])}
    return Run(
        run_id=_text(info["run_id"]),
        experiment_id=_text(info["experiment_id"]),
        name=_text(info.get("run_name") or tags.get("mlflow.runName", "")),
        status=info.get("status", RUNNING),
        start_time=int(info.get("start_time", 0)),
        is_deleted=info.get("lifecycle_stage") == "deleted",
        params={param["key"]: param.get("value", "") for param in data.get("params", [])},
        tags=tags,
    )


def _text(value: Any) -> str:
    if not isinstance(value, (str, int)):
        raise TypeError
    return str(value)


def _pairs(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"key": key, "value": value} for key, value in tags.items()]


def _now() -> int:
    return int(time.time() * 1000)
