"""Print the mlflow.yml that `kedro mlflow init` would write, as JSON.

kdeploy calls this with the project's own Python, so that the file fits the installed kedro-mlflow. Usage:
render_mlflow_template.py PACKAGE_NAME

kedro-mlflow is found but not imported: importing it imports MLflow, which takes seconds. The last line of stdout is
`{"text": …}` or `{"error": …, "message": …}`. Python 3.9 or later.
"""

import importlib.util
import json
import sys
from pathlib import Path


def main(package_name):
    spec = importlib.util.find_spec("kedro_mlflow")
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError("kedro-mlflow is not installed")
    template = Path(next(iter(spec.submodule_search_locations))) / "template" / "project" / "mlflow.yml"
    return {"text": render(template, package_name)}


def render(template, package_name):
    """As kedro_mlflow/framework/cli/cli_utils.py, render_jinja_template."""
    from jinja2 import Environment, FileSystemLoader

    loader = FileSystemLoader(searchpath=template.parent.as_posix())
    # No escaping: YAML is no HTML, and kedro-mlflow has none either.
    environment = Environment(loader=loader, keep_trailing_newline=True)  # noqa: S701
    return environment.get_template(template.name).render(python_package=package_name)


if __name__ == "__main__":
    try:
        answer = main(sys.argv[1])
    except Exception as error:  # noqa: BLE001 - whatever goes wrong is the answer
        answer = {"error": type(error).__name__, "message": str(error)}
    sys.stdout.write("\n" + json.dumps(answer) + "\n")
