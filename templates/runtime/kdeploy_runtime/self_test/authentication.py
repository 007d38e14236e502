"""Whether the image has what its authentication needs; with ``--online``, whether MLflow accepts it."""

from __future__ import annotations

import importlib.util
import os
from typing import TYPE_CHECKING, Any

from kdeploy_runtime.authentication import bearer_tokens
from kdeploy_runtime.failure import CONFIGURATION, Failure
from kdeploy_runtime.self_test import entry_points

if TYPE_CHECKING:
    from kdeploy_runtime.shared_run.run import Experiment

SIGNER_VARIABLE = "MLFLOW_TRACKING_AUTH"


class Unsigned(Exception):
    """The image has tokens, but MLflow is not configured to send them."""


def load_authentication(chosen: list[tuple[Any, Any]] | None) -> str | None:
    """Makes each type ready, as a task does, up to the first question to anybody; the remark is a reservation."""
    tokens = bearer_tokens(chosen or [], os.environ)
    if tokens and os.environ.get(SIGNER_VARIABLE) != entry_points.OURS:
        raise Unsigned(
            f"KDEPLOY_AUTH requires tokens on MLflow's requests, but {SIGNER_VARIABLE} is not '{entry_points.OURS}'"
        )
    if any(kind.name == "GoogleOAuth2" for kind, _ in chosen or []) and not _has_google_auth():
        return (
            "google-auth is not in the image. Workload identity works without it, but service account keys and "
            "federated identities need it: if you use them, add google-auth to the project's requirements."
        )
    return None


def reach_mlflow() -> Experiment | None:
    """One call of MLflow's API with real credentials; returns the experiment where it exists."""
    from kdeploy_runtime import preparation
    from kdeploy_runtime.shared_run.opening import TRACKING_URI

    environ = dict(os.environ)
    environ.pop(preparation.ON_UNREACHABLE, None)
    if not environ.get(TRACKING_URI):
        raise Failure(CONFIGURATION, f"{TRACKING_URI} is not set: build the image with kdeploy, or pass it.")
    tokens = preparation.authenticate(environ)
    experiment = environ.get(preparation.EXPERIMENT)
    found: list[Experiment | None] = []
    preparation.attempt(
        lambda: found.append(preparation.reach_runs(environ, tokens).check(experiment)), environ, tokens
    )
    return found[0]


def use_experiment(experiment: Experiment | None) -> str | None:
    """Judges an existing experiment as a run would find it; the remark is about where its artifacts go."""
    from kdeploy_runtime.preparation import EXPERIMENT
    from kdeploy_runtime.self_test.artifact_location import problem_with
    from kdeploy_runtime.shared_run.experiment_options import expect_restorable, read_experiment_options

    if experiment is None:
        return None
    name = os.environ.get(EXPERIMENT, "")
    if experiment.is_deleted:
        expect_restorable(name, read_experiment_options(os.environ))
    location = experiment.artifact_location
    problem = problem_with(location) if location else None
    return problem and f"The artifact location {location} of the experiment {name} {problem}."


def _has_google_auth() -> bool:
    try:
        return importlib.util.find_spec("google.auth") is not None
    except ModuleNotFoundError:  # not even the package `google`
        return False
