"""The name of an execution, from the variables that its orchestrator really sets."""

from __future__ import annotations

import pytest
from kdeploy_runtime.failure import Failure
from kdeploy_runtime.orchestrators import ORCHESTRATORS, find_orchestrator, is_retry
from kdeploy_runtime.shared_run.commands import is_kedro_run
from kdeploy_runtime.shared_run.keys import (
    as_tag_name,
    check_run_key,
    find_run_key,
    find_task_key,
    given_run_id,
    run_name,
)
from kdeploy_runtime.shared_run.trace import trace_tags

AIRFLOW = {"AIRFLOW_CTX_DAG_ID": "etl", "AIRFLOW_CTX_DAG_RUN_ID": "manual__1", "AIRFLOW_CTX_TASK_ID": "train"}
GITHUB = {"GITHUB_REPOSITORY": "acme/ml", "GITHUB_RUN_ID": "42"}


@pytest.mark.parametrize(
    ("environ", "name", "key"),
    [
        (AIRFLOW, "airflow", "etl/manual__1"),
        ({"KFP_RUN_ID": "1b2c", "ARGO_NODE_ID": "p-xyz-123"}, "kubeflow", "1b2c"),
        ({"ARGO_WORKFLOW_NAME": "etl-abc12", "ARGO_NODE_ID": "etl-abc12-999"}, "argo", "etl-abc12"),
        ({"ARGO_NODE_ID": "etl-abc12-3345678901"}, "argo", "etl-abc12"),
        ({"ARGO_NODE_ID": "etl-abc12"}, "argo", "etl-abc12"),  # a workflow of one node
        ({"AWS_BATCH_JOB_ID": "5e4-1"}, "aws_batch", "5e4-1"),
        ({"AWS_BATCH_JOB_ID": "5e4-1:7", "AWS_BATCH_JOB_ARRAY_INDEX": "7"}, "aws_batch", "5e4-1"),
        ({"AWS_BATCH_JOB_ID": "5e4-1#2"}, "aws_batch", "5e4-1"),
        ({**GITHUB, "GITHUB_RUN_ATTEMPT": "2"}, "github", "acme/ml/42"),
        ({"CI_PROJECT_PATH": "acme/ml", "CI_PIPELINE_ID": "42"}, "gitlab", "acme/ml/42"),
    ],
)
def test_the_run_key_is_the_same_in_every_container_of_an_execution(environ, name, key):
    orchestrator, found = find_orchestrator(environ)
    assert (orchestrator.name, found) == (name, key)
    assert find_run_key(environ) == key


@pytest.mark.parametrize(
    "environ",
    [{}, {"AIRFLOW_CTX_DAG_ID": "etl"}, {"CI": "true"}, {"GITHUB_RUN_ID": "42"}, {"AWS_BATCH_JOB_ID": ""}],
)
def test_half_an_execution_is_none(environ):
    assert find_orchestrator(environ) is None
    assert find_run_key(environ) is None


def test_a_given_key_comes_first_and_an_empty_one_switches_it_off():
    assert find_run_key({**AIRFLOW, "KDEPLOY_RUN_KEY": "mine"}) == "mine"
    assert find_run_key({**AIRFLOW, "KDEPLOY_RUN_KEY": ""}) is None


def test_no_two_orchestrators_share_a_name():
    assert len({orchestrator.name for orchestrator in ORCHESTRATORS}) == len(ORCHESTRATORS)


@pytest.mark.parametrize("key", ["x" * 251, "a\nb", "both ' and \""])
def test_a_key_that_cannot_be_searched_for_is_refused(key):
    with pytest.raises(Failure, match="run key is not valid") as failure:
        check_run_key(key)
    assert failure.value.exit_code == 78


UNRENDERED = [
    *("{{ run_id }}", "{{ds}}", "etl/{{ run_id }}", "{% $states.context.Execution.Name %}", "${{ github.run_id }}"),
    *("${RUN_ID}", "${RUN_ID:-x}", "$(KEY)", "$(Build.BuildId)", "$RUN_ID", "run-$RUN_ID", "%RUN_ID%", "#{run}"),
    *(
        "%(run_id)s",
        "etl/%(run_id)s",
        "%s",
        "etl/%s",
        "{{ run_id",
        "run_id }}",
        "${RUN_ID",
        "<< pipeline.id >>",
        "@@RUN@@",
    ),
    *(
        "$[variables.x]",
        "[[ run_id ]]",
        "`date`",
        "$(date +%s)",
        "!Ref RunId",
        "{run_id!s}",
        "$env:RUN_ID",
        "%{run_id}",
    ),
    *("{run_id}", "demo-{dag.run_id}", "$.run_id", "$$.Execution.Name", "@pipeline().RunId", "@{pipeline().RunId}"),
]
NOTHING = [
    *("None", "none", "null", "nil", "undefined", "nan", "NaN", "N/A", "'None'", " null ", "<run id>", "<no value>"),
    *("<run_id>", "etl/<your run id>", "[object Object]", "(null)", "NaT", "\u00a0", "\u200b", "()", "[]", "?", "~"),
    *("  ", "\t", "''", '""', "/", "--", "{}", "etl/None", "None/manual__1", "etl/", "etl/''"),
]
ODD = [
    *("none-such", "nonstop", "null-hypothesis", "nan-2026", "Nantes", "sweep-none", "feature/none-left", "0", "#42"),
    *("US$5", "US$rate", "$5", "50%", "100%/done", "a%20b", "%C3%A9t%C3%A9", "%A9abc%20", "e=mc^2", "x{1}", "//x"),
    *("{3F2504E0-4F89-11D3-9A0C-0305E82C3301}", '{"a":{"b":1}}', "C:\\run", "a<b>c", "user@host", "a@b(c)", "it's"),
    *(
        "__default__",
        "100%s",
        "a%sb",
        "it`s",
        "[[1, 2]]",
        "x[[0]]",
        "{AF2504E0-4F89-11D3}",
        "!important",
        "a@@b",
        "a<<b",
    ),
    *("TaskNone", "NA", "{0}", "run%20(1)s", "50%(half)"),
    *("manual__2026-01-01T00:00:00+00:00", "run (retry)", "été", "実行", "a!b~c", "[1, 2]"),
]


@pytest.mark.parametrize("key", UNRENDERED)
def test_a_template_that_was_not_rendered_is_no_key(key):
    for environ in ({"KDEPLOY_RUN_KEY": key}, {**AIRFLOW, "AIRFLOW_CTX_DAG_RUN_ID": key}):
        with pytest.raises(Failure, match="is a template that was not rendered, so all executions would") as failure:
            find_run_key(environ)
        assert failure.value.exit_code == 78
    with pytest.raises(Failure, match=r"task key .* is a template that was not rendered, so all tasks would share"):
        find_task_key({"KDEPLOY_TASK_KEY": key}, [])
    with pytest.raises(Failure, match=r"run ID .* is a template that was not rendered"):
        given_run_id({"MLFLOW_RUN_ID": key})


@pytest.mark.parametrize("key", NOTHING)
def test_a_word_for_nothing_is_no_key(key):
    for call in (
        lambda: find_run_key({"KDEPLOY_RUN_KEY": key}),
        lambda: find_task_key({"KDEPLOY_TASK_KEY": key}, []),
        lambda: given_run_id({"MLFLOW_RUN_ID": key}),
    ):
        with pytest.raises(Failure, match="nothing") as failure:
            call()
        assert failure.value.exit_code == 78


@pytest.mark.parametrize("key", ODD)
def test_a_key_with_odd_characters_is_a_key(key):
    assert find_run_key({"KDEPLOY_RUN_KEY": key}) == key
    assert find_task_key({"KDEPLOY_TASK_KEY": key}, [])


@pytest.mark.parametrize(
    ("environ", "key"),
    [
        ({}, "kedro run --tags x"),
        ({"KDEPLOY_TASK_KEY": "mine"}, "mine"),
        (AIRFLOW, "train"),
        ({**AIRFLOW, "KDEPLOY_TASK_KEY": "train-3"}, "train-3"),
        ({"AWS_BATCH_JOB_ID": "1:7", "AWS_BATCH_JOB_ARRAY_INDEX": "7"}, "7"),
        ({"CI_PROJECT_PATH": "a", "CI_PIPELINE_ID": "1", "CI_JOB_NAME": "train 1/2"}, "train 1/2"),
        ({"ARGO_NODE_ID": "etl-abc12-1"}, "kedro run --tags x"),
        (GITHUB, "kedro run --tags x"),
    ],
)
def test_a_task_has_the_same_name_when_it_is_tried_again(environ, key):
    assert find_task_key(environ, ["kedro", "run", "--tags", "x"]) == key


@pytest.mark.parametrize(
    ("environ", "key"),
    [
        ({**AIRFLOW, "AIRFLOW_CTX_MAP_INDEX": "0"}, "train/0"),
        ({**AIRFLOW, "AIRFLOW_CTX_MAP_INDEX": "12"}, "train/12"),
        ({**AIRFLOW, "AIRFLOW_CTX_MAP_INDEX": "-1"}, "train"),
        ({**AIRFLOW, "AIRFLOW_CTX_MAP_INDEX": ""}, "train"),
        ({**AIRFLOW, "AIRFLOW_CTX_MAP_INDEX": "None"}, "train"),  # ti.rendered_map_index
        ({**AIRFLOW, "AIRFLOW_CTX_MAP_INDEX": "eu west"}, "train/eu west"),
        ({**AIRFLOW, "AIRFLOW_CTX_MAP_INDEX": "3", "KDEPLOY_RUN_KEY": "k"}, "train/3"),
        ({"AIRFLOW_CTX_TASK_ID": "train", "AIRFLOW_CTX_MAP_INDEX": "3", "KDEPLOY_RUN_KEY": "k"}, "train/3"),
        ({**AIRFLOW, "AIRFLOW_CTX_MAP_INDEX": "3", "KDEPLOY_TASK_KEY": "mine"}, "mine/3"),
        ({**AIRFLOW, "AIRFLOW_CTX_MAP_INDEX": "3", "KDEPLOY_TASK_KEY": "mine/3"}, "mine/3"),
        ({**AIRFLOW, "AIRFLOW_CTX_MAP_INDEX": "3", "KDEPLOY_TASK_KEY": "mine/13"}, "mine/13/3"),
        ({"KDEPLOY_TASK_KEY": "train/-1"}, "train"),
        ({"KDEPLOY_TASK_KEY": "train/3"}, "train/3"),
        ({"KDEPLOY_TASK_KEY": "train-1"}, "train-1"),
        ({"KDEPLOY_TASK_KEY": "group.train/0"}, "group.train/0"),
        ({"KDEPLOY_RUN_KEY": "k", "JOB_COMPLETION_INDEX": "4"}, "kedro run/4"),
        ({"KDEPLOY_TASK_KEY": "train", "JOB_COMPLETION_INDEX": "4"}, "train/4"),
        ({"KDEPLOY_TASK_KEY": "train", "CLOUD_RUN_TASK_INDEX": "0"}, "train/0"),
        ({"AWS_BATCH_JOB_ID": "1:7", "AWS_BATCH_JOB_ARRAY_INDEX": "7", "KDEPLOY_RUN_KEY": "k"}, "kedro run/7"),
        ({"AWS_BATCH_JOB_ID": "1:7", "AWS_BATCH_JOB_ARRAY_INDEX": "7", "KDEPLOY_TASK_KEY": "train"}, "train/7"),
        ({"AWS_BATCH_JOB_ID": "1", "KDEPLOY_TASK_KEY": "train"}, "train"),
    ],
)
def test_a_task_that_is_started_many_times_side_by_side_has_the_index_in_its_name(environ, key):
    assert find_task_key(environ, ["kedro", "run"]) == key


def test_the_index_survives_a_long_name():
    keys = {find_task_key({"KDEPLOY_TASK_KEY": "x" * 300, "JOB_COMPLETION_INDEX": str(n)}, []) for n in range(3)}
    assert len(keys) == 3
    assert all(len(f"kdeploy.task.{key}") <= 250 for key in keys)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("AIRFLOW_CTX_MAP_INDEX", "{{ ti.map_index }}"),
        ("AIRFLOW_CTX_TASK_ID", "{{ task.task_id }}"),
        ("JOB_COMPLETION_INDEX", "$(INDEX)"),
    ],
)
def test_an_index_or_a_name_that_was_not_rendered_is_refused(variable, value):
    with pytest.raises(Failure, match=f"template that was not rendered, so all tasks .* Set {variable} to"):
        find_task_key({**AIRFLOW, variable: value}, ["kedro", "run"])


def test_a_command_may_look_like_a_template():
    assert find_task_key({"KDEPLOY_RUN_KEY": "k"}, ["sh", "-c", "kedro run --params day=${DAY}"])
    assert find_task_key({"KDEPLOY_RUN_KEY": "k"}, ["kedro", "run", "--params", "path:/None"])


def test_names_that_differ_stay_different_as_tags():
    keys = ["a=1", "a:1", "a_1", "x" * 300, "x" * 301, "ü", "ö", " a"]
    names = [as_tag_name(key) for key in keys]
    assert len(set(names)) == len(keys)
    assert all(len(name) <= 200 and name.isascii() and name == name.strip() for name in names)


def test_no_tag_has_a_colon_which_older_versions_of_mlflow_refuse():
    assert ":" not in as_tag_name("kedro run --load-versions t:2026-11-23T00.00.00.000Z")


@pytest.mark.parametrize(
    ("environ", "name"),
    [
        ({}, "k"),
        ({"KDEPLOY_RUN_NAME": "demo-{dag.run_id}"}, "demo-k"),
        ({**AIRFLOW, "KDEPLOY_RUN_NAME": "{dag.dag_id}-{dag.run_id}"}, "etl-manual__1"),
        ({"KDEPLOY_RUN_NAME": "{git.sha}", "KDEPLOY_GIT_REVISION": "abc"}, "abc"),
        ({"KDEPLOY_RUN_NAME": "{whatever}"}, "{whatever}"),
    ],
)
def test_the_runs_name_is_filled_in(environ, name):
    assert run_name(environ, "k") == name


@pytest.mark.parametrize(
    ("key", "dag_id", "run_id"),
    [
        ("etl/manual__1", "etl", "manual__1"),
        ("team.etl-v2_x/scheduled__2026-01-01T00:00:00+00:00", "team.etl-v2_x", "scheduled__2026-01-01T00:00:00+00:00"),
        ("my_manual__x/backfill__1", "my_manual__x", "backfill__1"),
        ("etl/dataset_triggered__1", "etl", "dataset_triggered__1"),
        ("etl/asset_triggered__1", "etl", "asset_triggered__1"),
        ("etl-manual__1", "etl", "manual__1"),
        ("etl: manual__1", "etl", "manual__1"),
        ("manual__1", "", "manual__1"),
    ],
)
def test_a_run_key_of_airflows_names_tells_the_dag_and_its_run(key, dag_id, run_id):
    """A pod or container that Airflow starts has no other of its variables."""
    environ = {"KDEPLOY_RUN_KEY": key, "KDEPLOY_RUN_NAME": "{dag.dag_id}|{dag.run_id}"}
    assert run_name(environ, key) == f"{dag_id}|{run_id}"
    tags = trace_tags(environ)
    assert tags["kdeploy.orchestrator"] == "airflow"
    assert (tags.get("kdeploy.airflow.dag_id", ""), tags["kdeploy.airflow.dag_run_id"]) == (dag_id, run_id)
    batch = trace_tags({**environ, "AWS_BATCH_JOB_ID": "1"})
    assert batch["kdeploy.orchestrator"] == "airflow", "Airflow's execution, though Batch runs its task"


@pytest.mark.parametrize(
    ("environ", "key", "name", "orchestrator"),
    [
        ({}, "etl/by-hand", "etl|by-hand", None),  # a run that was triggered with an ID of its own
        ({}, "k", "|k", None),
        ({}, "a/b/c", "|a/b/c", None),
        ({}, "/k", "|/k", None),
        ({}, "etl_automanual__1", "|etl_automanual__1", None),
        (GITHUB, "acme/ml", "|acme/ml", "github"),
        (AIRFLOW, "mine", "etl|manual__1", "airflow"),
        (AIRFLOW, "other/manual__2", "etl|manual__1", "airflow"),
        ({"AIRFLOW_CTX_DAG_ID": "etl"}, "manual__2", "etl|manual__2", "airflow"),
    ],
)
def test_any_other_run_key_tells_what_it_can(environ, key, name, orchestrator):
    environ = {**environ, "KDEPLOY_RUN_KEY": key, "KDEPLOY_RUN_NAME": "{dag.dag_id}|{dag.run_id}"}
    assert run_name(environ, key) == name
    assert trace_tags(environ).get("kdeploy.orchestrator") == orchestrator


@pytest.mark.parametrize(
    ("command", "is_run"),
    [
        (["kedro", "run"], True),
        (["/usr/local/bin/kedro", "--verbose", "run", "--env", "prod"], True),
        (["tini", "--", "kedro", "run"], True),
        (["sh", "-c", "kedro run --tags x"], True),
        (["kedro", "registry", "list"], False),
        (["kedro"], False),
        (["run", "kedro"], False),
        (["bash"], False),
        (["python", "train.py"], False),
    ],
)
def test_only_a_kedro_run_joins_a_run_that_nobody_asked_for(command, is_run):
    assert is_kedro_run(command) is is_run


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, False),
        ({"AIRFLOW_CTX_TRY_NUMBER": "1"}, False),
        ({"AIRFLOW_CTX_TRY_NUMBER": "2"}, True),
        ({"AIRFLOW_CTX_TRY_NUMBER": "12"}, True),
        ({"AIRFLOW_CTX_TRY_NUMBER": ""}, False),
        ({"AIRFLOW_CTX_TRY_NUMBER": "{{ ti.try_number }}"}, False),
        ({"AWS_BATCH_JOB_ATTEMPT": "1"}, False),
        ({"AWS_BATCH_JOB_ATTEMPT": "2"}, True),
        ({"GITHUB_RUN_ATTEMPT": "2"}, True),
        ({"CLOUD_RUN_TASK_ATTEMPT": "0"}, False),
        ({"CLOUD_RUN_TASK_ATTEMPT": "1"}, True),
    ],
)
def test_a_second_try_is_known_by_the_orchestrators_own_number(environ, expected):
    assert is_retry(environ) is expected
