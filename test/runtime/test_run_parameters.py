"""What an orchestrator passes as JSON reaches a Kedro run as it is: the same values, of the same types."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from kdeploy_runtime.hook.run_parameters import _escaped
from omegaconf import OmegaConf
from support import SECRET, Outcome, WarmInterpreter, bake_dist_info, run_runtime, write

PIPELINE = """\
import json
from kedro.framework.hooks import hook_impl
from kedro.pipeline import Pipeline, node


def keep(parameters):
    json.dump(parameters, open("seen.json", "w"))


def keep_one(value):
    json.dump(value, open("one.json", "w"))


class Hooks:
    @hook_impl
    def before_pipeline_run(self, run_params):
        given = run_params.get("runtime_params", run_params.get("extra_params"))
        json.dump(given, open("told.json", "w"))


def register_pipelines():
    return {
        "__default__": Pipeline([node(keep, "parameters", None, name="keep")]),
        "one": Pipeline([node(keep_one, "params:model.depth", None, name="one")]),
    }
"""


@dataclass(frozen=True)
class Runs:
    """`kedro run` in an image that tracks nothing: the parameters do not depend on it."""

    interpreter: WarmInterpreter
    project: Path
    env: dict[str, str]
    outputs: Path

    def __call__(self, params: object, *arguments: str, kind: str = "task", **env: str) -> Outcome:
        text = params if isinstance(params, str) else json.dumps(params)
        variables = {**self.env, "KDEPLOY_PARAMS": text, **env}
        return self.interpreter.run(["kedro", "run", *arguments], self.project, variables, self.outputs, kind)

    def seen(self, params: object, *arguments: str, name: str = "seen", **options: Any) -> Any:
        outcome = self(params, *arguments, **options)
        assert outcome.code == 0, outcome.stdout + outcome.stderr
        return json.loads((self.project / f"{name}.json").read_text())


@pytest.fixture
def runs(warm_interpreter, project, baked_environment, tmp_path) -> Runs:
    write(project / "src/demo/pipeline_registry.py", PIPELINE)
    write(
        project / "src/demo/settings.py",
        "from demo.pipeline_registry import Hooks\nHOOKS = (Hooks(),)\n"
        'DISABLE_HOOKS_FOR_PLUGINS = ("kedro-mlflow", "kedro_mlflow")\n',
    )
    write(project / "conf/base/parameters.yml", "model: {depth: 3, width: 4}\nn: 1\nurl: none\nother: 5\n")
    return Runs(warm_interpreter, project, baked_environment, tmp_path)


TYPED = {
    "n": 3,
    "on": True,
    "off": False,
    "ids": [1, 2],
    "url": "http://h:1/a?b=c,d",
    "code": "007",
    "none": None,
    "text": ["none", "null", "true", "on", "~", "1e3", "0x1f", "12:30:00", "2026-11-23", "", " ", "=", "<<", "?"],
    "f": 1e-7,
    "large": 12345678901234567890123,
    "whole": 1.0,
    "s": "${x}",
    "t": "\\${x} $${ ${ \\\\${runtime_params:n} ${oc.env:HOME}",
    "j": "a={{not jinja",
    "e": "😀 \x7f\u2028\n\t\"'",
    "nested": {"ids": [{"a": "1,2"}, []], "empty": {}, "a.b": 1, "${y}": "${n}"},
}


def test_each_value_arrives_with_its_type(runs):
    seen = runs.seen(TYPED)
    assert seen == {"model": {"depth": 3, "width": 4}, "other": 5, **TYPED}
    assert [type(seen[name]) for name in TYPED] == [type(value) for value in TYPED.values()]


def test_other_hooks_are_told_of_them(runs):
    assert runs.seen({"n": 3, "s": "${x}"}, "--params", "a=1", name="told") == {"n": 3, "s": "${x}", "a": 1}


def test_the_command_line_wins_key_by_key_and_both_win_over_the_project(runs):
    given = {"n": 3, "model": {"depth": 9}, "url": "a,b"}
    seen = runs.seen(given, "--params", "n=4,model.width=8")
    assert seen == {"model": {"depth": 9, "width": 8}, "n": 4, "url": "a,b", "other": 5}


def test_an_inner_parameter_reaches_a_node_by_its_own_name(runs):
    assert runs.seen({"model": {"depth": "${x}"}}, "--pipeline", "one", name="one") == "${x}"


def test_they_are_given_to_the_configuration_too(runs):
    write(runs.project / "conf/base/parameters.yml", "n: ${runtime_params:m}\nk: ${runtime_params:s}\n")
    seen = runs.seen({"m": [1, "a,b"], "s": "${x}"})
    assert (seen["n"], seen["k"]) == ([1, "a,b"], "${x}")


def test_they_are_given_where_the_project_has_no_parameters(runs):
    (runs.project / "conf/base/parameters.yml").unlink()
    assert runs.seen({"n": "${x}"}) == {"n": "${x}"}


def test_a_replaced_entrypoint_does_not_drop_them(runs):
    assert runs.seen({"n": 7}, kind="task without entrypoint")["n"] == 7
    outcome = runs("[1]", kind="task without entrypoint")
    assert (outcome.code, outcome.stderr.count("KDEPLOY_PARAMS is not a JSON object, but a list")) == (78, 1)


@pytest.mark.parametrize("nothing", ["", " ", "{}"])
def test_no_parameters_are_none(runs, nothing):
    assert runs.seen(nothing) == {"model": {"depth": 3, "width": 4}, "n": 1, "url": "none", "other": 5}
    assert run_runtime(["true"], {**runs.env, "KDEPLOY_PARAMS": nothing}).returncode == 0


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{" + SECRET, "is not valid JSON (line 1, column 2)"),
        (f'{{"a":\n "\\{SECRET}"}}', "is not valid JSON (line 2, column 3)"),
        (f"{{'a': '{SECRET}'}}", "is not valid JSON (line 1, column 2)"),
        ("n=3", "is not valid JSON (line 1, column 1)"),
        ('{"a": NaN}', "is not valid JSON"),
        ("[" * 100000, "is not valid JSON"),
        (f'"{SECRET}"', "is not a JSON object, but a text"),
        ("[1]", "is not a JSON object, but a list"),
        ("null", "is not a JSON object, but null"),
        ("3", "is not a JSON object, but a number"),
        ("true", "is not a JSON object, but true or false"),
        ('{"a": {"b": [1e999]}}', "has a number under 'a.b[0]' that is too large"),
        ('{"a": {"b": "???"}}', "has the value ??? under 'a.b'"),
    ],
)
def test_what_is_no_object_of_parameters_stops_the_task_without_a_value_in_the_message(
    runtime_environment, text, problem
):
    result = run_runtime(["kedro", "run"], {**runtime_environment, "KDEPLOY_PARAMS": text})
    assert (result.returncode, result.stdout) == (78, "")
    assert result.stderr.startswith(f"kdeploy: KDEPLOY_PARAMS {problem}")
    assert result.stderr.count("\n") == 1
    assert SECRET not in result.stderr


@pytest.mark.parametrize("command", [["python", "train.py"], ["kedro", "registry", "list"], ["sh", "-c", "echo run"]])
def test_a_command_that_would_not_read_them_is_refused(runtime_environment, command):
    result = run_runtime(command, {**runtime_environment, "KDEPLOY_PARAMS": json.dumps({"a": SECRET})})
    assert (result.returncode, result.stdout) == (78, "")
    assert result.stderr.startswith("kdeploy: KDEPLOY_PARAMS is set, but the command is not `kedro run`")
    assert SECRET not in result.stderr


@pytest.mark.parametrize("command", [["--version"], ["--help"]])
def test_kdeploys_own_commands_need_none(runtime_environment, command):
    """A DAG may pass the same variables to its first and last task."""
    assert run_runtime(command, {**runtime_environment, "KDEPLOY_PARAMS": '{"a": 1}'}).returncode == 0


@pytest.mark.parametrize(
    "text", ["${", "$", "\\", "\\${a}", "\\\\${a}", "a\\", "${a}${b}", "$${a}", "${a:b,'c'}", "{$}", "\\$\\{", "${\n}"]
)
def test_a_text_with_an_interpolation_survives_omegaconf(text):
    merged = OmegaConf.merge(OmegaConf.create({"a": 1}), {"value": _escaped(text)})
    assert OmegaConf.to_container(merged, resolve=True)["value"] == text


UNTRACKED = "[kedro.hooks]\nkdeploy = kdeploy_runtime.hook.untracked:hooks\n"


def test_an_image_without_tracking_passes_them_on_and_leaves_mlflow_alone(runs, tmp_path):
    runs.env["PYTHONPATH"] = bake_dist_info(tmp_path / "untracked", UNTRACKED)
    # What its own kedro-mlflow logs to, and under which run, is not kdeploy's affair: nobody answers there.
    airflow = {"AIRFLOW_CTX_DAG_ID": "d", "AIRFLOW_CTX_DAG_RUN_ID": "r", "MLFLOW_TRACKING_URI": "http://127.0.0.1:9"}
    kind = "task without entrypoint"
    assert runs.seen(TYPED, kind=kind, **airflow) == {"model": {"depth": 3, "width": 4}, "other": 5, **TYPED}
    assert runs.seen({"n": 3}, name="told", kind=kind, **airflow) == {"n": 3}
    outcome = runs("[1]", kind=kind)
    assert (outcome.code, outcome.stderr.count("KDEPLOY_PARAMS is not a JSON object, but a list")) == (78, 1)
