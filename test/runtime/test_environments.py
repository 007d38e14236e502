"""Whichever Kedro environment a command names, and however, the run logs where the image was built to log."""

from __future__ import annotations

from importlib.metadata import version

import pytest
from kdeploy_runtime.hook import environments
from support import SERVER, write

KEDRO_MLFLOW = tuple(int(part) for part in version("kedro-mlflow").split(".")[:2])


def experiments(tracked):
    return {found.name for found in tracked.client.search_experiments()}


@pytest.mark.parametrize(
    ("arguments", "variables"),
    [
        (["--env=prod"], {"KEDRO_ENV": "local"}),
        ([], {"KEDRO_ENV": "prod"}),
    ],
)
def test_another_environment_without_an_mlflow_yml_logs_to_the_baked_experiment(tracked, arguments, variables):
    write(tracked.project / "conf/prod/.gitkeep", "")
    write(tracked.project / "conf/base/mlflow.yml", "server: {mlflow_tracking_uri: 'http://127.0.0.1:9'}\n")
    outcome = tracked.task(*arguments, **variables)
    assert outcome.code == 0, outcome.stdout
    assert tracked.run().data.tags["env"] == "prod"
    assert "demo" not in experiments(tracked), "none is made by the package's name"
    assert "as the mlflow.yml" not in outcome.stderr


def test_the_shared_run_is_found_in_another_environment_too(tracked):
    write(tracked.project / "conf/prod/.gitkeep", "")
    assert tracked.task(KDEPLOY_RUN_KEY="k").code == 0
    assert tracked.task("--env", "prod", KDEPLOY_RUN_KEY="k").code == 0
    assert tracked.run().info.status == "RUNNING"


def test_what_an_environment_says_itself_stands(tracked):
    own = f"{tracked.environment['MLFLOW_EXPERIMENT_NAME']}-prod"
    write(tracked.project / "conf/prod/mlflow/prod.yml", f"tracking: {{experiment: {{name: {own}}}}}\n")
    assert tracked.task("--env", "prod").code == 0
    assert tracked.runs() == []
    assert len(tracked.client.search_runs([tracked.client.get_experiment_by_name(own).experiment_id])) == 1


class Loader:
    def __init__(self, source, **attributes):
        self.conf_source = str(source)
        self.__dict__.update(attributes)


@pytest.mark.parametrize(
    ("file", "text", "says"),
    [
        ("mlflow.yml", "server: {mlflow_tracking_uri: x}", True),
        ("mlflow_prod.yaml", "server: {mlflow_tracking_uri: x}", True),
        ("mlflow/deep/prod.yml", "server: {mlflow_tracking_uri: x}", True),
        ("deep/mlflow.json", '{"server": {"mlflow_tracking_uri": "x"}}', True),
        ("mlflow.yml", "server: {mlflow_tracking_uri: '${globals:uri}'}", True),
        ("mlflow.yml", "server: ${globals:server}", True),
        ("mlflow.yml", "server: {mlflow_tracking_uri: null}", False),
        ("mlflow.yml", "server: {mlflow_registry_uri: x}", False),
        ("mlflow.yml", "server: null", False),
        ("mlflow.yml", "- server", True),
        ("mlflow.yml", "# nothing yet", False),
        ("mlflow.txt", "server: {mlflow_tracking_uri: x}", False),
        ("my_mlflow.yml", "server: {mlflow_tracking_uri: x}", False),
    ],
)
def test_an_environment_says_what_stands_in_its_own_files(tmp_path, file, text, says):
    write(tmp_path / "prod" / file, text)
    write(tmp_path / "base/mlflow.yml", "server: {mlflow_tracking_uri: x}")
    documents = environments._own_documents(Loader(tmp_path), "prod")
    assert environments._says(documents, "server", "mlflow_tracking_uri") is says


def test_the_projects_own_patterns_count_and_an_archive_is_left_alone(tmp_path):
    write(tmp_path / "prod/tracking.yml", "server: {}")
    patterns = {"config_patterns": {"mlflow": ["tracking*"]}}
    assert environments._own_documents(Loader(tmp_path, **patterns), "prod") == [{"server": {}}]
    assert environments._own_documents(Loader(tmp_path / "conf.tar.gz"), "prod") is None
    assert environments._own_documents(Loader("s3://bucket/conf"), "prod") is None


def test_an_address_of_its_own_is_told_at_the_start(tracked, tmp_path):
    own = f"sqlite:///{tmp_path / 'own.db'}"
    write(tracked.project / "conf/prod/mlflow.yml", f"server: {{mlflow_tracking_uri: '{own}'}}\n")
    outcome = tracked.task("--env", "prod")
    assert outcome.code == 0, outcome.stdout
    uri = tracked.environment["MLFLOW_TRACKING_URI"]
    assert outcome.stderr.splitlines()[0] == (
        f"kdeploy: this run logs to {own}, as the mlflow.yml of the Kedro environment 'prod' says, "
        f"not to {uri}, for which the image was built."
    )
    assert tracked.runs() == []


def test_the_same_address_is_not_worth_a_word(tracked):
    address = tracked.environment["MLFLOW_TRACKING_URI"] + "/"
    write(tracked.project / "conf/prod/mlflow.yml", f"server: {{mlflow_tracking_uri: {address}}}\n")
    outcome = tracked.task("--env", "prod")
    assert (outcome.code, "this run logs to" in outcome.stderr) == (0, False)
    assert tracked.run().info.status == "FINISHED"


def test_a_missing_experiment_is_made_as_the_image_was_built_for(tracked):
    write(tracked.project / "conf/prod/.gitkeep", "")
    options = '{"tags": {"team": "ml"}}'
    assert tracked.task("--env", "prod", KDEPLOY_EXPERIMENT_OPTIONS=options).code == 0
    name = tracked.environment["MLFLOW_EXPERIMENT_NAME"]
    team = tracked.client.get_experiment_by_name(name).tags.get("team")
    assert team == ("ml" if KEDRO_MLFLOW >= (0, 14) else None), "older kedro-mlflow gives experiments no tags"


def test_the_self_test_knows_it_too(self_test, project):
    write(project / "conf/prod/.gitkeep", "")
    write(project / "conf/base/mlflow.yml", "server: {mlflow_tracking_uri: 'http://127.0.0.1:9'}\n")
    report = self_test(env={**SERVER, "MLFLOW_EXPERIMENT_NAME": "baked", "KEDRO_ENV": "prod"}).report
    assert (report["ok"], report["experiment"], report["tracking_uri"]) == (
        True,
        "baked",
        SERVER["MLFLOW_TRACKING_URI"],
    )
