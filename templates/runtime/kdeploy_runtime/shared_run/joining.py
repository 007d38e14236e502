"""Twenty containers start at once, each looks for the run of its key, and none is there: they must end up with one run.

MLflow has no unique key for runs, and a run's start time is its client's clock, so "make one, look again, the oldest
stays" lets two win: one whose call was slow has an older time than the one that has already been chosen. But a
parameter of a run can be written only once. So a run becomes the shared one when its parameter ``kdeploy.run_key``
is written with the key, and is out of the race when it is written with anything else:

- whoever wants to choose a run first closes every other open run that it sees, then writes the key into the chosen;
- whoever finds a run with the key takes that one, and deletes its own.

Two runs cannot both be chosen: of two, one was made later; who chose it saw the earlier one, and either closed it
(so it cannot be chosen) or found it chosen (and took it). All prefer the oldest, so that they rarely disagree; one
that is killed half-way leaves an open run that the next chooses or closes.
"""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING

from kdeploy_runtime.failure import CONFIGURATION, Failure
from kdeploy_runtime.server.errors import ApiError, ServerProblem, Unreachable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kdeploy_runtime.shared_run.run import Run, Runs

KEY = "kdeploy.run_key"  # both the tag, which is searched for, and the parameter, which decides
CLOSED = "(another container's run was chosen)"
TURN = 3.0  # seconds that the maker of the oldest open run has to choose it, before others do
PAUSE = (0.1, 0.4)  # seconds between two looks
LIMIT = 60.0  # seconds after which something else is wrong


def find_shared_run(runs: Runs, experiment_id: str, key: str) -> Run | None:
    """The run of the key, if one was chosen."""
    return _chosen(runs.search(experiment_id, KEY, key), key)


def join_shared_run(runs: Runs, experiment_id: str, key: str, name: str, tags: Mapping[str, str]) -> Run:
    """The one run of the key, found or created."""
    own: Run | None = None
    end = time.monotonic() + LIMIT
    others_turn_ends = time.monotonic() + TURN
    while time.monotonic() < end:
        seen = runs.search(experiment_id, KEY, key)
        chosen = _chosen(seen, key)
        if chosen is not None:
            for run in seen:
                if run.params.get(KEY) == CLOSED or (own is not None and run.run_id == own.run_id != chosen.run_id):
                    runs.delete(run.run_id)
            return chosen
        candidates = [run for run in seen if KEY not in run.params]
        if not candidates:
            own = runs.create(experiment_id, name, {**tags, KEY: key})
            others_turn_ends = time.monotonic() + TURN
            continue  # look again: everything made before is seen from now on
        oldest = min(candidates, key=lambda run: (run.start_time, run.run_id))
        if (own is not None and own.run_id == oldest.run_id) or time.monotonic() > others_turn_ends:
            if _choose(runs, oldest, candidates, key):
                if own is not None and own.run_id != oldest.run_id:
                    runs.delete(own.run_id)
                return oldest
            continue
        if own is not None and any(run.run_id == own.run_id for run in candidates):
            _close(runs, own.run_id, key)
            runs.delete(own.run_id)
            own = None
        time.sleep(random.uniform(*PAUSE))  # noqa: S311 - not a secret
    raise Failure(
        CONFIGURATION,
        f"the containers could not agree on one MLflow run for the run key '{key}' within {LIMIT:.0f} s: "
        f"check the runs with the tag {KEY} at {runs.address}.",
    )


def _chosen(runs: list[Run], key: str) -> Run | None:
    return next((run for run in runs if run.params.get(KEY) == key), None)


def _choose(runs: Runs, chosen: Run, candidates: list[Run], key: str) -> bool:
    for run in candidates:
        if run.run_id == chosen.run_id:
            continue
        if not _close(runs, run.run_id, key):
            return False  # it was chosen meanwhile
        runs.delete(run.run_id)
    return _write_once(runs, chosen.run_id, key) == key


def _close(runs: Runs, run_id: str, key: str) -> bool:
    return _write_once(runs, run_id, CLOSED) != key


def _write_once(runs: Runs, run_id: str, value: str) -> str | None:
    """What the parameter is, now and for ever; None when the run is deleted."""
    try:
        runs.log_param(run_id, KEY, value)
        return value
    except (ApiError, Unreachable) as error:
        # refused, or lost on its way, or two wrote at one moment: what counts is what was stored
        try:
            run = runs.get(run_id)
        except ApiError:
            return None
        if KEY in run.params:
            return run.params[KEY]
        if run.is_deleted:
            return None
        raise _unwritable(error) from error


def _unwritable(error: ServerProblem) -> ServerProblem:
    return error if isinstance(error, Unreachable) else Unreachable(f"did not store a parameter ({error}).")
