"""What would stop the first task, found before the push and told with its reason."""

from __future__ import annotations

import pytest
from support import SERVER, write


@pytest.mark.parametrize(
    ("settings", "error"),
    [
        ("from vault_hooks import Hook\n", ("ModuleNotFoundError", "No module named 'vault_hooks'")),
        ("raise SystemExit(3)\n", ("SystemExit", "the code called sys.exit(3)")),
        ("CONFIG_LOADER_CLASS = dict\n", ("ValidationError", "Invalid value 'builtins.dict' received for setting")),
        ("def broken(:\n", ("SyntaxError", "invalid syntax")),
    ],
)
def test_a_broken_settings_py_is_told_with_its_reason(self_test, project, settings, error):
    write(project / "src/demo/settings.py", settings)
    outcome = self_test(env=SERVER)
    assert outcome.failed == ["load project settings"]
    found = outcome.step("load project settings")["error"]
    assert (found["type"], found["message"][: len(error[1])]) == error


def test_a_module_that_is_not_there_is_a_matter_of_requirements(self_test, project):
    write(project / "src/demo/settings.py", "import vault_hooks\n")
    assert (
        self_test(env=SERVER)
        .step("load project settings")["hint"]
        .startswith("Add the package that provides 'vault_hooks' to the project's requirements")
    )


def test_what_settings_import_is_part_of_the_verdict(self_test, project):
    write(project / "src/demo/hooks.py", "class ProjectHooks:\n    pass\n")
    settings = project / "src/demo/settings.py"
    settings.write_text("from demo.hooks import ProjectHooks\nHOOKS = (ProjectHooks(),)\n")
    files = self_test(env=SERVER).report["project_files"]
    assert files == ["src/demo/__init__.py", "src/demo/hooks.py", "src/demo/settings.py"]


def test_an_environment_that_is_not_in_the_image_is_named(self_test):
    outcome = self_test(env={**SERVER, "KEDRO_ENV": "prod"})
    assert "load config: catalog" in outcome.failed
    step = outcome.step("load config: catalog")
    assert step["error"]["type"] == "MissingConfigException"
    assert step["hint"].startswith("The folder of this Kedro environment is not in the image: check .dockerignore")


def test_one_broken_file_does_not_hide_another(self_test, project):
    write(project / "conf/base/catalog.yml", "cars: {type: '${nowhere:x}'}\n")
    write(project / "conf/base/parameters.yml", "a: [\n")
    outcome = self_test(env=SERVER)
    assert outcome.failed == ["load config: catalog", "load config: parameters"]
    assert outcome.step("load config: catalog")["hint"].startswith("Register the resolver 'nowhere' in settings.py")
    assert "parameters.yml" in outcome.step("load config: parameters")["error"]["message"]


def test_parameters_of_the_run_are_not_asked_for_at_build_time(self_test, project):
    write(project / "conf/base/parameters.yml", "day: ${runtime_params:day}\n")
    outcome = self_test(env=SERVER)
    assert outcome.failed == []
    assert "kedro run --params" in outcome.step("load config: parameters")["hint"]


def test_a_pattern_of_the_projects_own_is_loaded_too(self_test, project):
    settings = project / "src/demo/settings.py"
    settings.write_text(settings.read_text() + 'CONFIG_LOADER_ARGS["config_patterns"] = {"spark": ["spark*"]}\n')
    hint = self_test(env=SERVER).step("load config: spark")["hint"]
    assert hint == "There is no such file, and Kedro does not require one."
    write(project / "conf/base/spark.yml", "master: ${nowhere}\n")
    assert self_test(env=SERVER).failed == ["load config: spark"]


def test_credentials_are_not_looked_at(self_test, project):
    write(project / "conf/local/credentials.yml", "db: ${oc.env:NOT_AT_BUILD_TIME}\n")
    outcome = self_test(env=SERVER)
    assert outcome.failed == []
    assert not any("credentials" in step["name"] for step in outcome.report["steps"])
