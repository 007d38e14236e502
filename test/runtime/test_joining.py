"""Whatever the order in which containers are served, and wherever one dies, one run is left and all are in it."""

from __future__ import annotations

import contextlib
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest
from kdeploy_runtime.server.errors import ApiError
from kdeploy_runtime.shared_run import joining
from kdeploy_runtime.shared_run.joining import CLOSED, KEY, find_shared_run, join_shared_run
from kdeploy_runtime.shared_run.run import RUNNING, Run


class Store:
    """MLflow's promises and no more: calls are served one by one, in any order; parameters are written once."""

    address = "memory"

    def __init__(self, clock: Callable[[], int] = lambda: int(time.time() * 1000)) -> None:
        self.runs: dict[str, Run] = {}
        self.lock = threading.Lock()
        self.clock = clock
        self.before: Callable[[str], None] = lambda call: None

    def search(self, experiment_id: str, tag: str, value: str) -> list[Run]:
        with self._served("search"):
            return [run for run in self.runs.values() if not run.is_deleted and run.tags.get(tag) == value]

    def create(self, experiment_id: str, name: str, tags: Mapping[str, str]) -> Run:
        start = self.clock()  # the client's, before the call is on its way
        with self._served("create"):
            run = Run(f"{random.getrandbits(64):x}", experiment_id, name, RUNNING, start, tags=dict(tags))
            self.runs[run.run_id] = run
            return run

    def get(self, run_id: str) -> Run:
        with self._served("get"):
            return self.runs[run_id]

    def delete(self, run_id: str) -> None:
        with self._served("delete"):
            self.runs[run_id] = replace(self.runs[run_id], is_deleted=True)

    def log_param(self, run_id: str, key: str, value: str) -> None:
        with self._served("log_param"):
            run = self.runs[run_id]
            if run.is_deleted or run.params.get(key, value) != value:
                raise ApiError("INVALID_PARAMETER_VALUE", "no")
            self.runs[run_id] = replace(run, params={**run.params, key: value})

    def _served(self, call: str) -> threading.Lock:
        self.before(call)
        return self.lock

    @property
    def left(self) -> list[Run]:
        return [run for run in self.runs.values() if not run.is_deleted]


def join(store: Store) -> Run:
    return join_shared_run(store, "1", "k", "name", {"a": "b"})


def race(store: Store, joiners: int) -> list[str]:
    found: list[str] = []
    threads = [threading.Thread(target=lambda: found.append(join(store).run_id)) for _ in range(joiners)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return found


def test_the_first_makes_the_run_and_the_next_finds_it():
    store = Store()
    assert find_shared_run(store, "1", "k") is None
    first = join(store)
    assert join(store).run_id == first.run_id == find_shared_run(store, "1", "k").run_id
    assert store.left == [replace(first, params={KEY: "k"})]
    assert first.tags == {"a": "b", KEY: "k"}


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Turns are short, so that containers do each other's work."""
    monkeypatch.setattr(joining, "TURN", 0.05)
    monkeypatch.setattr(joining, "PAUSE", (0.001, 0.01))


@pytest.mark.parametrize("seed", range(12))
def test_whatever_the_order_one_run_is_left(quick, seed):
    """With clocks that differ by seconds, and calls that are on their way for different times."""
    chance = random.Random(seed)  # noqa: S311 - not a secret
    store = Store(clock=lambda: int(time.time() * 1000) + chance.randrange(-5000, 5000))
    store.before = lambda call: time.sleep(chance.random() / 50)
    found = race(store, 12)
    assert len(found) == 12
    assert len(set(found)) == 1
    assert [run.run_id for run in store.left] == found[:1]


def test_a_run_that_is_older_but_was_made_later_does_not_win(quick):
    """Its container was stopped between reading its clock and making the call: "the oldest wins" would leave two."""
    store = Store()
    on_its_way, may_arrive = threading.Event(), threading.Event()
    found: list[str] = []

    def hold_up(call: str) -> None:
        if call == "create" and threading.current_thread().name == "slow":
            on_its_way.set()
            may_arrive.wait(10)

    store.before = hold_up
    slow = threading.Thread(target=lambda: found.append(join(store).run_id), name="slow")
    slow.start()
    assert on_its_way.wait(5)
    time.sleep(0.01)
    chosen = join(store)
    may_arrive.set()
    slow.join(10)
    assert found == [chosen.run_id]
    assert [run.run_id for run in store.left] == [chosen.run_id]
    assert min(store.runs.values(), key=lambda run: run.start_time).run_id != chosen.run_id


@pytest.mark.parametrize("dies_at", range(6))
def test_a_container_that_dies_half_way_stops_nobody(quick, dies_at):
    class Killed(BaseException):
        pass

    store = Store()
    calls = iter(range(100))

    def die(call: str) -> None:
        if next(calls) == dies_at:
            raise Killed

    store.before = die
    with contextlib.suppress(Killed):
        join(store)
    store.before = lambda call: None
    assert len(set(race(store, 5))) == 1
    assert len(store.left) == 1


def test_what_a_killed_container_closed_is_cleared_away():
    store = Store()
    chosen = join(store)
    closed = store.create("1", "name", {KEY: "k"})
    store.log_param(closed.run_id, KEY, CLOSED)
    assert join(store).run_id == chosen.run_id
    assert [run.run_id for run in store.left] == [chosen.run_id]


def test_twenty_containers_that_start_at_once_share_one_run(mlflow_server, baked_environment, tmp_path):
    """Real processes, a real server, an experiment that is not there yet."""
    env = {**baked_environment, "MLFLOW_TRACKING_URI": mlflow_server.url, "KDEPLOY_RUN_KEY": "it's a race"}
    command = [sys.executable, "-m", "kdeploy_runtime", "sh", "-c", "echo $MLFLOW_RUN_ID"]
    processes = [subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True) for _ in range(20)]
    ids = [process.communicate(timeout=60)[0].strip() for process in processes]
    assert [process.returncode for process in processes] == [0] * 20
    assert len(set(ids)) == 1
    client = mlflow_server.client()
    experiment = client.get_experiment_by_name(env["MLFLOW_EXPERIMENT_NAME"])
    (run,) = client.search_runs([experiment.experiment_id])
    assert (run.info.run_id, run.info.status, run.data.params) == (ids[0], "RUNNING", {KEY: "it's a race"})
