"""A run as far as kdeploy looks at it, and what it asks of the place where runs are kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kdeploy_runtime.shared_run.experiment_options import ExperimentOptions

RUNNING, FINISHED, FAILED, KILLED = "RUNNING", "FINISHED", "FAILED", "KILLED"
FINAL = (FINISHED, FAILED, KILLED)
REOPENED = "kdeploy.reopened_at"  # a tag: when a run that had ended was opened again, in milliseconds as its start time


@dataclass(frozen=True)
class Run:
    run_id: str
    experiment_id: str
    name: str
    status: str
    start_time: int
    is_deleted: bool = False
    params: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Experiment:
    is_deleted: bool
    artifact_location: str | None


class Runs(Protocol):
    """Where runs are kept. Each method may raise a ServerProblem."""

    address: str
    """For messages."""

    def check(self, experiment: str | None) -> Experiment | None:
        """One harmless call that needs authentication; the experiment where it exists."""

    def experiment_id(self, name: str, options: ExperimentOptions) -> str:
        """The experiment's ID; created when missing, restored when deleted (or a Failure, by ``options``)."""

    def find_experiment(self, name: str) -> str | None:
        """The ID of the experiment if it exists; nothing is created."""

    def get(self, run_id: str) -> Run:
        """The run; an ApiError RESOURCE_DOES_NOT_EXIST when there is none."""

    def search(self, experiment_id: str, tag: str, value: str, status: str | None = None) -> list[Run]:
        """Every run that has the tag (and the status) and is not deleted, the oldest first; at most 1000."""

    def create(self, experiment_id: str, name: str, tags: Mapping[str, str]) -> Run:
        """A new run, RUNNING."""

    def delete(self, run_id: str) -> None:
        """Moves the run to MLflow's trash; a run that is there already is fine."""

    def log_param(self, run_id: str, key: str, value: str) -> None:
        """Writes the parameter; an ApiError when the run has another value for it, or is deleted."""

    def set_tags(self, run_id: str, tags: Mapping[str, str]) -> None: ...

    def delete_tag(self, run_id: str, key: str) -> None:
        """A tag that is not there is fine."""

    def set_status(self, run_id: str, status: str) -> None:
        """With an end time where the status is a final one."""
