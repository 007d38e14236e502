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


def both(name, other=None):
    return {"write": Pipeline([node(make, None, name, name="w")]),
            "read": Pipeline([node(keep, other or name, None, name="r")])}


def register_pipelines():
    plain, cached, pattern, coded = both("t"), both("cached"), both("any.pattern"), both("coded@a", "coded@b")
    return {
        "__default__": plain["write"] + plain["read"],
        **plain,
        "together": Pipeline([node(make, None, "t", name="w"), node(keep, "t", None, name="r")]),
        **{f"{kind}_{name}": pipelines[kind]
           for name, pipelines in (("cached", cached), ("pattern", pattern), ("coded", coded))
           for kind in ("write", "read")},
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


@pytest.mark.parametrize("suffix", ["", "_cached", "_pattern", "_coded"])
def test_each_execution_reads_what_it_wrote(tasks, suffix):
    tasks(f"write{suffix}", **ONE, VALUE="one")
    tasks(f"write{suffix}", **TWO, VALUE="two")
    assert [tasks(f"read{suffix}", **key) for key in (ONE, TWO, ONE)] == ["one", "two", "one"]


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
