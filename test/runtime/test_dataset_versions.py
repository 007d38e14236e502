"""Two executions at once share a folder, and each reads the versions of datasets that it wrote itself."""

from __future__ import annotations

import pytest
from support import write

REGISTRY = """\
import os
from pathlib import Path

from kedro.pipeline import Pipeline, node


def make():
    return os.environ["VALUE"]


def keep(value):
    Path("seen.txt").write_text(value)


def keep_all(*values):
    keep(" ".join(values))


def register_pipelines():
    write, read = Pipeline([node(make, None, "t", name="w")]), Pipeline([node(keep, "t", None, name="r")])
    names = {"w1": "cached", "w2": "any.pattern", "w3": "coded@a"}
    others = Pipeline([node(make, None, dataset, name=name) for name, dataset in names.items()])
    return {
        "__default__": write + read,
        "write": write,
        "read": read,
        "together": write + read,
        "write_all": write + others,
        "read_all": Pipeline([node(keep_all, ["t", "cached", "any.pattern", "coded@b"], None, name="all")]),
    }
"""
CATALOG = """\
t: {type: text.TextDataset, filepath: data/t.txt, versioned: true}
cached: {type: CachedDataset, versioned: true, dataset: {type: text.TextDataset, filepath: data/cached.txt}}
"{name}.pattern": {type: text.TextDataset, filepath: "data/{name}.txt", versioned: true}
coded@a: {type: text.TextDataset, filepath: data/coded.txt, versioned: true}
coded@b: {type: text.TextDataset, filepath: data/coded.txt, versioned: true}
"""
ONE, TWO = {"KDEPLOY_RUN_KEY": "etl/manual__1"}, {"KDEPLOY_RUN_KEY": "etl/manual__2"}


@pytest.fixture
def tasks(tracked):
    write(tracked.project / "src/demo/pipeline_registry.py", REGISTRY)
    write(tracked.project / "conf/base/catalog.yml", CATALOG)

    def task(pipeline: str, *arguments: str, **variables: str) -> str:
        outcome = tracked.task("--pipeline", pipeline, *arguments, **{"VALUE": "none", **variables})
        assert outcome.code == 0, outcome.stdout + outcome.stderr
        seen = tracked.project / "seen.txt"
        return seen.read_text() if seen.exists() else ""

    return task


def test_each_execution_reads_what_it_wrote(tasks):
    """Of a dataset, a cached one, one of a pattern, and one with two formats."""
    tasks("write_all", **ONE, VALUE="one")
    tasks("write_all", **TWO, VALUE="two")
    assert [tasks("read_all", **key).split() for key in (ONE, TWO, ONE)] == [
        [each] * 4 for each in ("one", "two", "one")
    ]


def test_a_retry_is_read_in_the_version_of_its_last_try(tasks, tracked):
    tasks("write", **ONE, VALUE="first try")
    tasks("write", **ONE, VALUE="second try")
    tasks("write", **TWO, VALUE="two")
    assert tasks("read", **ONE) == "second try"
    versions = {run.data.tags["kdeploy.dataset_version.t"] for run in tracked.runs()}
    assert len(versions) == 2
    assert versions < {folder.name for folder in (tracked.project / "data/t.txt").iterdir()}


def test_a_version_on_the_command_line_comes_first(tasks, tracked):
    tasks("write", **ONE, VALUE="old")
    (old,) = (folder.name for folder in (tracked.project / "data/t.txt").iterdir())
    tasks("write", **ONE, VALUE="new")
    assert tasks("read", "--load-versions", f"t:{old}", **ONE) == "old"
    assert tasks("read", **ONE) == "new"


@pytest.mark.parametrize("key", [{}, {"KDEPLOY_RUN_KEY": "etl/manual__3"}])
def test_what_the_execution_did_not_write_is_read_as_kedro_does(tasks, key):
    """Without a shared run, there is none to note it on."""
    tasks("write", **ONE, VALUE="one")
    tasks("write", VALUE="two, by hand")
    assert tasks("read", **key) == "two, by hand"


@pytest.mark.parametrize("context", ["fork", "spawn"])
def test_a_process_of_parallel_runner_notes_it_too(tasks, tracked, context):
    """Which refuses a catalog with a CachedDataset in it."""
    catalog = tracked.project / "conf/base/catalog.yml"
    catalog.write_text("".join(line for line in CATALOG.splitlines(keepends=True) if "Cached" not in line))
    parallel = {"KEDRO_MP_CONTEXT": context}
    tasks("write", "--runner", "ParallelRunner", **ONE, VALUE="one", **parallel)
    tasks("write", "--runner", "ParallelRunner", **TWO, VALUE="two", **parallel)
    assert tasks("read", **ONE) == "one"
    assert tasks("read", "--runner", "ParallelRunner", **ONE, **parallel) == "one"


def test_within_one_task_it_is_read_in_the_version_that_was_just_saved(tasks):
    tasks("write", **TWO, VALUE="two")
    assert tasks("together", **ONE, VALUE="one") == "one"
    assert tasks("read", **TWO) == "two"
