"""A small Kedro project that tracks, and its runs."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from support import Outcome, WarmInterpreter, WarmRequest, write

PIPELINES = '''
import multiprocessing
import os
import signal
import time
from functools import partial

import mlflow
from kedro.pipeline import node, pipeline


def train(rate):
    mlflow.log_metric("score", float(rate))
    mlflow.log_text(f"rate {rate}", "model.txt")


def explode(rate):
    raise ValueError("this node fails")


def see_another_fail(rate):
    run = mlflow.active_run().info.run_id
    mlflow.MlflowClient().set_tag(run, "kdeploy.task.train", "failed")


def die(rate):
    os.kill(os.getpid(), signal.SIGKILL)


def is_told_to_stop(rate):
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(60)  # as a fit or a query: one instruction of Python's


def is_told_to_stop_in_a_child(rate):
    with mlflow.start_run(nested=True, run_name="child"):
        is_told_to_stop(rate)


def cleans_up(rate):
    """With a handler of its own, as Lightning's."""
    signal.signal(signal.SIGTERM, lambda *_: mlflow.log_metric("cleaned_up", 1.0))
    os.kill(os.getpid(), signal.SIGTERM)


def starts_workers(rate):
    """Which a pool ends by the same signal."""
    with multiprocessing.get_context("fork").Pool(2) as pool:
        pool.map(abs, [1, 2])
        pool.terminate()
        pool.join()
    mlflow.log_metric("worked", 1.0)


def with_child(rate):
    with mlflow.start_run(nested=True, run_name="child"):
        mlflow.log_metric("inner", 1.0)
    mlflow.log_metric("outer", 2.0)


def take_time(rate):
    """Logs for as long as SECONDS says, by every kind of call that carries a token."""
    end, step = time.monotonic() + float(os.environ["SECONDS"]), 0
    while time.monotonic() < end:
        mlflow.log_metric("progress", step, step=step)
        mlflow.log_text(f"step {step}", f"steps/{step}.txt")
        step += 1
        time.sleep(0.2)


def part(number, rate):
    # MLflow keeps equal values of the same millisecond once, so each part has its own.
    mlflow.log_metric("part", float(number), step=number)


def many(rate):
    mlflow.log_params({f"p{number}": number for number in range(20)})


def one(function):
    return pipeline([node(function, "params:rate", None, name=function.__name__)])


def register_pipelines():
    return {
        "__default__": one(train),
        "fails": one(explode),
        "dies": one(die),
        "stopped": one(is_told_to_stop),
        "stopped_child": one(is_told_to_stop_in_a_child),
        "cleans_up": one(cleans_up),
        "workers": one(starts_workers),
        "other_fails": one(see_another_fail),
        "child": one(with_child),
        "long": one(take_time),
        "many": one(many),
        "wide": pipeline(
            [node(partial(part, number), "params:rate", None, name=f"part{number}") for number in range(4)]
        ),
    }
'''


def make_tracked_project(template: Path, folder: Path) -> Path:
    shutil.copytree(template, folder)
    write(folder / "src/demo/pipeline_registry.py", PIPELINES)
    write(folder / "conf/base/parameters.yml", "rate: 1\n")
    return folder


@dataclass(frozen=True)
class Tracked:
    interpreter: WarmInterpreter
    project: Path
    environment: dict[str, str]
    outputs: Path
    client: Any

    def task(self, *arguments: str, **variables: str) -> Outcome:
        """`kedro run` in a container of its own."""
        return self.together([list(arguments)], **variables)[0]

    def together(self, tasks: list[list[str]], **variables: str) -> list[Outcome]:
        """Several such, started at the same moment."""
        env = {**self.environment, **variables}
        requests = [WarmRequest(["kedro", "run", *task], self.project, env, "task") for task in tasks]
        return self.interpreter.run_together(requests, self.outputs)

    def command(self, *arguments: str, **variables: str) -> Outcome:
        """One of the runtime's own."""
        return self.interpreter.run(list(arguments), self.project, {**self.environment, **variables}, self.outputs)

    def runs(self) -> list[Any]:
        """Every run of this test's experiment, the trash apart."""
        experiment = self.client.get_experiment_by_name(self.environment["MLFLOW_EXPERIMENT_NAME"])
        return list(self.client.search_runs([experiment.experiment_id])) if experiment else []

    def run(self) -> Any:
        """The only one."""
        (run,) = self.runs()
        return run
