"""What the guide tells users to put into their DAGs does what it says there."""

from __future__ import annotations

import ast
import re
from types import SimpleNamespace

import pytest
from jinja2 import Environment, StrictUndefined
from kdeploy_runtime.shared_run.keys import find_run_key, find_task_key, run_name
from support import RUNTIME

GUIDE = (RUNTIME.parent.parent / "docs/guide.md").read_text("utf-8")
BLOCKS = [ast.parse(block) for block in re.findall(r"^```python\n(.*?)^```", GUIDE, re.DOTALL | re.MULTILINE)]


def _variables(tree: ast.AST) -> list[dict[str, str]]:
    """Those that a block passes to containers."""
    found = [
        {key.value: value.value for key, value in zip(node.keys, node.values) if isinstance(value, ast.Constant)}
        for node in ast.walk(tree)
        if isinstance(node, ast.Dict) and all(isinstance(key, ast.Constant) for key in node.keys)
    ]
    return [variables for variables in found if "KDEPLOY_RUN_KEY" in variables]


def _render(template: str, map_index: int) -> str:
    """As Airflow does, with the part of its context that the guide uses."""
    context = {
        "dag": SimpleNamespace(dag_id="etl"),
        "run_id": "manual__1",
        "task": SimpleNamespace(task_id="train"),
        "ti": SimpleNamespace(map_index=map_index),
        "var": SimpleNamespace(value=SimpleNamespace(mlflow_username="me")),
    }
    return Environment(undefined=StrictUndefined, autoescape=False).from_string(template).render(context)  # noqa: S701


@pytest.mark.parametrize(("map_index", "task_key"), [(-1, "train"), (0, "train/0"), (12, "train/12")])
def test_the_guides_dags_name_the_run_and_each_task(map_index, task_key):
    examples = [variables for block in BLOCKS for variables in _variables(block)]
    assert len(examples) >= 2, "KubernetesPodOperator and DockerOperator"
    for example in examples:
        environ = {name: _render(template, map_index) for name, template in example.items()}
        assert find_task_key(environ, ["kedro", "run"]) == task_key
        assert run_name({**environ, "KDEPLOY_RUN_NAME": "{dag.dag_id}-{dag.run_id}"}, find_run_key(environ)) == (
            "etl-manual__1"
        )
