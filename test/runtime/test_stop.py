"""A task that is told to stop stops, whatever it is at, and no run stays RUNNING for it."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time

import pytest
from verifying_proxy import VerifyingProxy

KEY = {"KDEPLOY_RUN_KEY": "nightly/1", "KDEPLOY_TASK_KEY": "train"}
TOLD_TO_STOP = 128 + signal.SIGTERM


def marks(run):
    return {tag: value for tag, value in run.data.tags.items() if tag.startswith("kdeploy.task.")}


@pytest.mark.parametrize("pipeline", ["stopped", "stopped_child"])
def test_a_task_that_is_told_to_stop_in_the_middle_of_an_instruction_leaves_its_own_runs_killed(tracked, pipeline):
    assert tracked.task("--pipeline", pipeline).code == TOLD_TO_STOP
    assert {run.info.status for run in tracked.runs()} == {"KILLED"}
    assert all(run.info.end_time for run in tracked.runs())


def test_a_shared_run_stays_open_and_the_mark_says_that_the_task_was_stopped(tracked):
    assert tracked.task("--pipeline", "stopped_child", **KEY).code == TOLD_TO_STOP
    child, run = sorted(tracked.runs(), key=lambda run: run.info.run_name)
    assert (child.info.run_name, child.info.status, run.info.status) == ("child", "KILLED", "RUNNING")
    assert marks(run) == {"kdeploy.task.train": "stopped"}
    end = tracked.command("finish-run", "--status", "FINISHED", **KEY)
    assert end.stderr == "kdeploy: the run is FAILED, not FINISHED: the task 'train' was stopped (SIGTERM).\n"
    assert tracked.task(**KEY).code == 0, "tried again"
    assert tracked.command("finish-run", "--status", "FINISHED", **KEY).stdout == "FINISHED\n"


@pytest.mark.parametrize("context", ["fork", "spawn"])
def test_a_node_in_a_process_of_its_own_is_stopped_as_any(tracked, context):
    """ParallelRunner: the node ends its own process here, which is none of the task's."""
    options = "--pipeline", "stopped", "--runner", "ParallelRunner"
    assert tracked.task(*options, **KEY, KEDRO_MP_CONTEXT=context).code == 1
    assert marks(tracked.run()) == {"kdeploy.task.train": "failed"}


def test_a_handler_of_the_users_is_left_alone(tracked):
    assert tracked.task("--pipeline", "cleans_up").code == 0
    assert (tracked.run().info.status, tracked.run().data.metrics) == ("FINISHED", {"cleaned_up": 1.0})


def test_a_pool_that_ends_its_workers_does_not_end_the_task(tracked):
    assert tracked.task("--pipeline", "workers").code == 0
    assert (tracked.run().info.status, tracked.run().data.metrics) == ("FINISHED", {"worked": 1.0})


FORKED_AND_ENDED = """
import os, signal, threading
# Runs in the child before what the runtime does there: a pool may end a worker that has just begun.
os.register_at_fork(after_in_child=lambda: os.kill(os.getpid(), signal.SIGTERM))
from kdeploy_runtime.hook.stop import when_told_to_stop
stopped = threading.Event()
when_told_to_stop(stopped.set)
for _ in range(3):
    pid = os.fork() or os._exit(0)
    print(os.WTERMSIG(os.waitpid(pid, 0)[1]))
print(stopped.wait(1), flush=True)
os.kill(os.getpid(), signal.SIGTERM)
threading.Event().wait(30)
"""

FORKS_AGAIN = """
import os, signal
from kdeploy_runtime.hook.stop import when_told_to_stop
def watch_and_fork(generations):
    when_told_to_stop(lambda: None)
    if generations > 0:
        os.waitpid(os.fork() or os._exit(watch_and_fork(generations - 1)), 0)
    print(signal.pthread_sigmask(signal.SIG_BLOCK, []), flush=True)
    return 0
watch_and_fork(2)
"""


def python(code, environment):
    command = [sys.executable, "-c", code]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


def test_a_process_that_is_ended_as_soon_as_it_is_forked_does_not_end_the_task_which_still_can_be(runtime_environment):
    result = python(FORKED_AND_ENDED, runtime_environment)
    assert result.stdout.split() == [str(int(signal.SIGTERM))] * 3 + ["False"]
    assert result.returncode == TOLD_TO_STOP


def test_each_process_that_forks_and_is_forked_can_be_told_to_stop(runtime_environment):
    assert python(FORKS_AGAIN, runtime_environment).stdout == "set()\n" * 3


def test_a_server_that_does_not_answer_holds_no_task_that_is_told_to_stop(tracked, mlflow_server):
    ended = threading.Event()
    with VerifyingProxy(mlflow_server.url) as proxy:
        proxy.slow = lambda request: b"KILLED" in request.body and ended.wait(60)
        begun = time.monotonic()
        assert tracked.task("--pipeline", "stopped", MLFLOW_TRACKING_URI=proxy.url).code == TOLD_TO_STOP
        assert time.monotonic() - begun < 25, "a second, but for a busy machine"
        ended.set()
