"""Ours only if exactly ours: a task's command must never be taken for one of kdeploy's."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import kdeploy_runtime
import pytest
from support import RUNTIME, run_runtime


def test_no_command_is_wrong_usage(runtime_environment):
    result = run_runtime([], runtime_environment)
    assert result.returncode == 2
    assert result.stderr == "kdeploy: no command given: pass the one to run, for example: kedro run\n"


def test_the_version_is_printed_on_stdout(runtime_environment):
    result = run_runtime(["--version"], runtime_environment)
    assert (result.returncode, result.stdout) == (0, f"kdeploy_runtime {kdeploy_runtime.__version__}\n")


def test_help_names_every_command_of_ours(runtime_environment):
    result = run_runtime(["--help"], runtime_environment)
    assert result.returncode == 0
    assert "self-test [--json]" in result.stdout


@pytest.mark.parametrize("name", ["selftest", "Self-Test", "self-test ", "--self-test", "--versions", "-h", "tokens"])
def test_a_near_miss_is_a_command_of_the_task(runtime_environment, name):
    result = run_runtime([name], runtime_environment)
    assert (result.returncode, result.stdout) == (127, "")
    assert f"{name}: command not found" in result.stderr


def test_a_program_of_our_name_is_started_by_its_path(runtime_environment, tmp_path):
    program = tmp_path / "self-test"
    program.write_text("#!/bin/sh\necho the task\n")
    program.chmod(0o755)
    assert run_runtime(["./self-test"], runtime_environment, cwd=tmp_path).stdout == "the task\n"


def test_a_word_of_ours_further_on_is_the_tasks(runtime_environment):
    assert run_runtime(["echo", "self-test", "--version"], runtime_environment).stdout == "self-test --version\n"


def test_an_unknown_option_of_the_self_test_is_wrong_usage(runtime_environment):
    assert run_runtime(["self-test", "--jsn"], runtime_environment).returncode == 2


# Each of these costs a millisecond or more, in front of every task of every pipeline.
HEAVY = {"argparse", "dataclasses", "enum", "inspect", "json", "pathlib", "re", "signal", "subprocess", "typing"}


def test_a_task_waits_for_no_heavy_import(runtime_environment):
    result = run_runtime(["true"], {**runtime_environment, "PYTHONPROFILEIMPORTTIME": "1"})
    imported = set(re.findall(r"\|\s+([\w.]+)$", result.stderr, re.MULTILINE))
    assert "kdeploy_runtime.execution" in imported
    own = {name for name in imported if name.startswith("kdeploy_runtime.")}
    names = ("command_line", "entrypoint", "execution", "failure", "orchestrators")
    assert own == {f"kdeploy_runtime.{name}" for name in names}
    bare = run_python_imports(runtime_environment)
    assert (imported - bare) & HEAVY == set()


def run_python_imports(env: dict[str, str]) -> set[str]:
    """What `python -m` of an empty module imports by itself, site-packages' own start-up included."""
    result = run_runtime(["--version"], {**env, "PYTHONPROFILEIMPORTTIME": "1"})
    before = result.stderr.split("kdeploy_runtime")[0]
    return set(re.findall(r"\|\s+([\w.]+)$", before, re.MULTILINE))


def test_no_file_of_the_runtime_is_written_for_a_newer_python_than_it_promises():
    for file in Path(RUNTIME).rglob("*.py"):
        ast.parse(file.read_text("utf-8"), filename=str(file), feature_version=(3, 9))
