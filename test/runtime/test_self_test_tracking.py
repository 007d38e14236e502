"""Where the runs would really go, and what kedro-mlflow refuses: told before the push."""

from __future__ import annotations

from importlib.metadata import metadata, version

import pytest
from support import RUNTIME, SECRET, SERVER, write

MLFLOW_3 = int(version("mlflow").split(".")[0]) >= 3


@pytest.mark.parametrize(
    ("server", "env", "tracking", "registry"),
    [
        ("{}", SERVER, "https://mlflow.example.org", "https://mlflow.example.org"),
        ("{mlflow_tracking_uri: null}", SERVER, "https://mlflow.example.org", "https://mlflow.example.org"),
        ("{mlflow_tracking_uri: 'http://conf:5000'}", SERVER, "http://conf:5000", "http://conf:5000"),
        ("{mlflow_registry_uri: 'http://reg'}", SERVER, "https://mlflow.example.org", "http://reg"),
        (
            "{mlflow_registry_uri: null}",
            {**SERVER, "MLFLOW_REGISTRY_URI": "http://env-reg"},
            "https://mlflow.example.org",
            "http://env-reg",
        ),
        (
            "{mlflow_tracking_uri: null, mlflow_registry_uri: null, credentials: null}",
            SERVER,
            "https://mlflow.example.org",
            "https://mlflow.example.org",
        ),
        ("{mlflow_tracking_uri: databricks}", {}, "databricks", "databricks-uc" if MLFLOW_3 else "databricks"),
        ("{}", {"MLFLOW_TRACKING_URI": "postgresql://db.invalid/mlflow"}, *["postgresql://db.invalid/mlflow"] * 2),
    ],
)
def test_the_uris_are_those_of_kedro_mlflow(self_test, project, server, env, tracking, registry):
    write(project / "conf/local/mlflow.yml", f"server: {server}\n")
    outcome = self_test(env=env)
    assert outcome.failed == []
    assert (outcome.report["tracking_uri"], outcome.report["registry_uri"]) == (tracking, registry)


@pytest.mark.skipif(not MLFLOW_3, reason="older MLflow keeps runs in a folder")
@pytest.mark.parametrize("mlflow_yml", [None, "", "# nothing yet\n", "server: {}\n"])
def test_without_any_uri_the_runs_would_stay_in_the_container(self_test, project, mlflow_yml):
    if mlflow_yml is not None:
        write(project / "conf/local/mlflow.yml", mlflow_yml)
    outcome = self_test()
    assert outcome.code == 1
    assert outcome.failed == ["open tracking store"]
    assert outcome.report["tracking_uri"] == (project / "mlruns").as_uri()
    assert "maintenance mode" in outcome.step("open tracking store")["error"]["message"]
    assert "set mlflow.tracking_uri in kdeploy.yml" in outcome.step("open tracking store")["hint"]
    assert not (project / "mlruns").exists()


def test_where_a_folder_is_allowed_the_loss_of_the_runs_is_told(self_test, project):
    outcome = self_test(env={"MLFLOW_ALLOW_FILE_STORE": "true"})
    assert (outcome.failed, outcome.report["tracking_uri"]) == ([], (project / "mlruns").as_uri())
    assert outcome.step("open tracking store")["hint"].startswith("Runs go to a folder in the container and are lost")


def test_the_environment_of_kedro_decides_which_file_is_read(self_test, project):
    write(project / "conf/base/mlflow.yml", "server: {mlflow_tracking_uri: 'http://base'}\n")
    write(project / "conf/prod/mlflow.yml", "server: {mlflow_tracking_uri: 'http://prod'}\n")
    at_home, in_production = self_test(), self_test(env={"KEDRO_ENV": "prod"})
    assert (at_home.report["kedro_env"], at_home.report["tracking_uri"]) == ("local", "http://base")
    assert (in_production.report["kedro_env"], in_production.report["tracking_uri"]) == ("prod", "http://prod")


def test_interpolation_and_resolvers_are_kedros(self_test, project):
    write(project / "conf/base/globals.yml", "host: mlflow.globals\n")
    write(
        project / "conf/base/mlflow.yml",
        "_name: shop\n"
        "server: {mlflow_tracking_uri: 'https://${globals:host}'}\n"
        "tracking: {experiment: {name: '${_name}-${stage:}'}, run: {name: '${km.random_name:}'}}\n",
    )
    settings = project / "src/demo/settings.py"
    settings.write_text(
        settings.read_text() + 'CONFIG_LOADER_ARGS["custom_resolvers"] = {"stage": lambda: "production"}\n'
    )
    outcome = self_test()
    assert outcome.failed == []
    assert outcome.report["tracking_uri"] == "https://mlflow.globals"
    assert outcome.report["experiment"] == "shop-production"


def test_a_renamed_base_environment_and_configuration_folder_are_followed(self_test, project):
    (project / "conf").rename(project / "configuration")
    (project / "configuration/base").rename(project / "configuration/default")
    write(project / "configuration/default/mlflow.yml", "tracking: {experiment: {name: renamed}}\n")
    settings = project / "src/demo/settings.py"
    settings.write_text(
        'CONF_SOURCE = "configuration"\nCONFIG_LOADER_ARGS = {"base_env": "default", "default_run_env": "local"}\n'
    )
    outcome = self_test(env=SERVER)
    assert outcome.failed == []
    assert outcome.report["experiment"] == "renamed"


def test_a_packaged_project_is_known_by_its_package(self_test, project):
    (project / "pyproject.toml").unlink()
    (project / "src/demo").rename(project / "demo")
    write(project / "conf/local/mlflow.yml", "tracking: {experiment: {name: baked}}\n")  # older Kedro needs the name
    without = self_test(env=SERVER)
    assert without.failed == ["load project settings"]
    named = self_test("--package", "demo", env={**SERVER, "PYTHONPATH": f"{RUNTIME}:{project}"})
    assert (named.failed, named.report["package"], named.report["experiment"]) == ([], "demo", "baked")


@pytest.mark.parametrize(
    ("mlflow_yml", "message"),
    [
        ("tracking: {experiment: {nam: x}}", "tracking.experiment.nam: Extra inputs are not permitted"),
        (f"server: {{password: {SECRET}}}", "server.password: Extra inputs are not permitted"),
        (f"tracking: {{run: {{nested: {SECRET}}}}}", "tracking.run.nested: Input should be a valid boolean"),
        ("tracking: {experiment: {name: null}}", "tracking.experiment.name: Input should be a valid string"),
        ("tracking: null", "tracking: Input should be a valid dictionary or instance of MlflowTrackingOptions"),
        ("server: null", "server: Input should be a valid dictionary or instance of MlflowServerOptions"),
    ],
)
def test_a_refused_mlflow_yml_is_explained_without_its_values(self_test, project, mlflow_yml, message):
    write(project / "conf/local/mlflow.yml", mlflow_yml + "\n")
    outcome = self_test(env=SERVER)
    assert outcome.code == 1
    assert outcome.failed == ["read mlflow config"]
    assert outcome.step("read mlflow config")["error"] == {"type": "ValidationError", "message": message}
    assert outcome.step("read mlflow config")["hint"].startswith("kedro-mlflow rejects this mlflow.yml")
    assert SECRET not in outcome.stdout


def test_a_password_in_a_uri_is_not_reported(self_test, project):
    write(project / "conf/local/mlflow.yml", f"server: {{mlflow_tracking_uri: 'https://me:{SECRET}@host/x'}}\n")
    as_json, as_text = self_test(), self_test.text()
    assert as_json.report["tracking_uri"] == as_json.report["registry_uri"] == "https://***@host/x"
    assert SECRET not in "".join(o.stdout for o in (as_json, as_text))


def test_a_request_header_provider_must_be_in_the_image_but_is_not_made(self_test, project):
    write(
        project / "src/demo/headers.py",
        "class Provider:\n    def __init__(self):\n        raise RuntimeError('fetches a token')\n",
    )
    conf = project / "conf/local/mlflow.yml"
    write(conf, "server: {request_header_provider: {type: demo.headers.Provider}}\n")
    assert self_test(env=SERVER).failed == []
    write(conf, "server: {request_header_provider: {type: demo.nowhere.Provider}}\n")
    outcome = self_test(env=SERVER)
    assert outcome.step("read mlflow config")["error"]["message"] == "No module named 'demo.nowhere'"


def test_a_project_that_switches_kedro_mlflow_off_would_track_nothing(self_test, project):
    settings = project / "src/demo/settings.py"
    name = metadata("kedro-mlflow")["Name"]  # its versions spell it differently, and Kedro wants it as it is spelt
    settings.write_text(settings.read_text() + f'DISABLE_HOOKS_FOR_PLUGINS = ("{name}",)\n')
    outcome = self_test(env=SERVER)
    assert outcome.step("read mlflow config")["error"]["type"] == "KedroMlflowSwitchedOff"
