"""Tasks of one pipeline log to one run, which stays open and keeps its name; without a run key nothing changes."""

from __future__ import annotations

import pytest
from http_server import Answer
from verifying_proxy import VerifyingProxy

KEY = {"KDEPLOY_RUN_KEY": "nightly/1", "KDEPLOY_RUN_NAME": "demo-{run_key}"}


def marks(run):
    return {tag: value for tag, value in run.data.tags.items() if tag.startswith("kdeploy.task.")}


def test_a_pipeline_that_is_not_tracked_logs_nothing_and_is_no_failure(tracked):
    conf = tracked.project / "conf/local/mlflow.yml"
    conf.write_text("tracking: {disable_tracking: {pipelines: [fails, wide]}}\n")
    assert tracked.task("--pipeline", "wide", **KEY, KDEPLOY_TASK_KEY="wide").code == 0
    assert tracked.task("--pipeline", "fails", **KEY, KDEPLOY_TASK_KEY="fails").code == 1
    run = tracked.run()
    assert run.data.params == {"kdeploy.run_key": "nightly/1"}
    assert marks(run) == {"kdeploy.task.fails": "failed"}


def test_two_tasks_of_one_run_key_are_one_open_run_with_its_own_name(tracked, mlflow_server):
    first = tracked.task(**KEY)
    assert first.code == 0, first.stderr
    assert tracked.task("--pipeline", "child", **KEY).code == 0
    child, run = sorted(tracked.runs(), key=lambda run: run.info.run_name)
    assert (run.info.run_name, run.info.status) == ("demo-nightly/1", "RUNNING")
    assert run.data.params == {"rate": "1", "kdeploy.run_key": "nightly/1"}
    assert run.data.metrics == {"score": 1.0, "outer": 2.0}
    assert marks(run) == {}
    assert (child.info.run_name, child.info.status) == ("child", "FINISHED"), "a nested run is ended as ever"
    assert child.data.tags["mlflow.parentRunId"] == run.info.run_id
    assert mlflow_server.artifacts(run.info.run_id) == ["model.txt"]


def test_without_a_run_key_kedro_mlflow_does_what_it_always_did(tracked):
    assert tracked.task().code == 0
    run = tracked.run()
    assert (run.info.run_name, run.info.status) == ("__default__", "FINISHED")
    assert run.data.params == {"rate": "1"}
    assert tracked.task("--pipeline", "fails").code == 1
    assert sorted((run.info.run_name, run.info.status) for run in tracked.runs()) == [
        ("__default__", "FINISHED"),
        ("fails", "FAILED"),
    ]


def test_a_run_that_is_given_by_its_id_stays_open_too(tracked):
    """As a DAG hands it to its tasks, in another experiment than mlflow.yml's."""
    (tracked.project / "conf/local/mlflow.yml").unlink()  # then it is the package's name
    experiment = tracked.client.create_experiment(tracked.environment["MLFLOW_EXPERIMENT_NAME"])
    given = tracked.client.create_run(experiment, run_name="by the DAG")
    assert tracked.task(MLFLOW_RUN_ID=given.info.run_id).code == 0
    run = tracked.run()
    assert (run.info.run_name, run.info.status) == ("by the DAG", "RUNNING")
    assert run.data.metrics == {"score": 1.0}


@pytest.mark.parametrize("arguments", [["--pipeline", "dies"], ["--pipeline", "no_such_pipeline"]])
def test_a_task_in_a_given_run_that_never_reaches_its_end_leaves_its_mark(tracked, arguments):
    """As one that joined by the run key: killed in its first seconds, or failed before its pipeline."""
    experiment = tracked.client.create_experiment(tracked.environment["MLFLOW_EXPERIMENT_NAME"])
    given = {"MLFLOW_RUN_ID": tracked.client.create_run(experiment).info.run_id, "KDEPLOY_TASK_KEY": "train"}
    assert tracked.task(*arguments, **given).code != 0
    assert marks(tracked.run()) == {"kdeploy.task.train": "running"}
    end = tracked.command("finish-run", "--status", "FINISHED", **given)
    assert "the task 'train' did not finish (killed?)" in end.stderr
    assert tracked.run().info.status == "FAILED"
    assert tracked.task(**given).code == 0
    assert marks(tracked.run()) == {}


@pytest.mark.parametrize(
    ("runner", "context"), [("ParallelRunner", "fork"), ("ParallelRunner", "spawn"), ("ThreadRunner", "fork")]
)
def test_every_thread_and_process_of_a_runner_logs_to_the_shared_run(tracked, runner, context):
    outcome = tracked.task("--pipeline", "wide", "--runner", runner, **KEY, KEDRO_MP_CONTEXT=context)
    assert outcome.code == 0, outcome.stdout
    run = tracked.run()
    assert run.info.status == "RUNNING"
    assert len(tracked.client.get_metric_history(run.info.run_id, "part")) == 4


def test_a_failed_task_makes_the_run_failed_at_the_end(tracked):
    assert tracked.task("--pipeline", "fails", **KEY, KDEPLOY_TASK_KEY="train").code == 1
    assert tracked.task(**KEY, KDEPLOY_TASK_KEY="report").code == 0
    assert tracked.run().info.status == "RUNNING"
    assert marks(tracked.run()) == {"kdeploy.task.train": "failed"}
    end = tracked.command("finish-run", "--status", "FINISHED", **KEY)
    assert (end.code, end.stdout) == (0, "FAILED\n")
    assert end.stderr == "kdeploy: the run is FAILED, not FINISHED: the task 'train' failed.\n"
    assert tracked.run().info.status == "FAILED"
    assert tracked.command("finish-run", "--status", "FINISHED", "--fail", **KEY).code == 1, "Airflow's task fails too"
    assert tracked.task(**KEY, KDEPLOY_TASK_KEY="train").code == 0
    end = tracked.command("finish-run", "--status", "FINISHED", "--fail", **KEY)
    assert (end.code, end.stdout) == (0, "FINISHED\n")


def test_a_task_that_succeeds_when_it_is_tried_again_does_not(tracked):
    assert tracked.task("--pipeline", "fails", **KEY, KDEPLOY_TASK_KEY="train").code == 1
    tracked.command("finish-run", "--status", "FAILED", **KEY)
    assert tracked.task(**KEY, KDEPLOY_TASK_KEY="train").code == 0
    assert tracked.run().info.status == "RUNNING", "open again"
    assert tracked.command("finish-run", "--status", "FINISHED", **KEY).stdout == "FINISHED\n"
    run = tracked.run()
    assert (run.info.status, run.info.end_time >= run.info.start_time) == ("FINISHED", True)


EXPECTED = {**KEY, "KDEPLOY_EXPECTED": "1"}


def finish(tracked, *tasks):
    expect = [word for task in tasks for word in ("--expect", task)]
    end = tracked.command("finish-run", "--status", "FINISHED", "--fail", *expect, **KEY)
    assert end.stdout == f"{tracked.run().info.status}\n"
    return end


def test_a_task_that_never_started_is_missed_by_name_and_one_that_succeeds_later_is_not(tracked):
    """Whatever the orchestrator says of it: a pod that was deleted may be a success there."""
    assert tracked.task(**EXPECTED, KDEPLOY_TASK_KEY="load x/-1").code == 0
    assert marks(tracked.run()) == {"kdeploy.task.load x": "succeeded"}
    end = finish(tracked, "load x", "train", "group.report")
    assert (end.code, end.stdout) == (1, "FAILED\n")
    assert end.stderr == (
        "kdeploy: the run is FAILED, not FINISHED: the task 'group.report' left no mark of its success (it did not "
        "start?); the task 'train' left no mark of its success (it did not start?).\n"
    )
    assert finish(tracked, "load x").stdout == "FINISHED\n"
    assert tracked.task("--pipeline", "fails", **EXPECTED, KDEPLOY_TASK_KEY="train").code == 1
    assert "the task 'train' failed" in finish(tracked, "load x", "train").stderr
    assert tracked.task(**EXPECTED, KDEPLOY_TASK_KEY="train").code == 0, "cleared"
    assert tracked.run().info.status == "RUNNING"
    end = finish(tracked, "load x", "train", "load x")
    assert (end.code, end.stdout, end.stderr) == (0, "FINISHED\n", "")


def test_a_task_that_succeeded_and_runs_again_has_to_succeed_again(tracked):
    task = {**EXPECTED, "KDEPLOY_TASK_KEY": "train"}
    assert tracked.task(**task).code == 0
    assert tracked.task("--pipeline", "dies", **task).code == -9
    assert finish(tracked, "train").code == 1
    assert tracked.run().info.status == "FAILED"


def test_a_success_that_is_expected_hides_no_failure_of_a_task_of_the_same_name(tracked):
    task = {**EXPECTED, "KDEPLOY_TASK_KEY": "train"}
    assert tracked.task("--pipeline", "other_fails", **task).code == 0
    assert marks(tracked.run()) == {"kdeploy.task.train": "failed"}


def test_a_mapped_task_is_expected_copy_by_copy(tracked):
    assert tracked.task(**EXPECTED, KDEPLOY_TASK_KEY="train/0").code == 0
    assert "the task 'train/1' left no mark" in finish(tracked, "train/0", "train/1").stderr


def test_a_retry_with_another_value_of_a_parameter_is_not_failed_by_what_its_first_try_logged(tracked):
    task = {**EXPECTED, "KDEPLOY_TASK_KEY": "train"}
    assert tracked.task("--pipeline", "fails", "--params", "rate=1", **task, AIRFLOW_CTX_TRY_NUMBER="1").code == 1
    assert tracked.task("--params", "rate=2", **task, AIRFLOW_CTX_TRY_NUMBER="2").code == 0
    assert finish(tracked, "train").stdout == "FINISHED\n"
    run = tracked.run()
    assert (run.data.params["rate"], run.data.tags["kdeploy.changed_parameter.rate"]) == ("1", "2")
    first = tracked.task("--params", "rate=3", **{**task, "KDEPLOY_TASK_KEY": "report"}, AIRFLOW_CTX_TRY_NUMBER="1")
    assert (first.code, "disagree about a parameter" in first.stdout + first.stderr) == (1, True)
    strict = {**task, "KDEPLOY_ON_CHANGED_PARAMETER": "fail", "AIRFLOW_CTX_TRY_NUMBER": "3"}
    assert tracked.task("--params", "rate=3", **strict).code == 1


def test_a_killed_task_leaves_its_mark(tracked):
    assert tracked.task("--pipeline", "dies", **KEY).code == -9
    run = tracked.run()
    assert run.info.status == "RUNNING"
    assert marks(run) == {"kdeploy.task.kedro run --pipeline dies": "running"}
    end = tracked.command("finish-run", "--status", "FINISHED", **KEY)
    assert "'kedro run --pipeline dies' did not finish (killed?)" in end.stderr
    assert tracked.run().info.status == "FAILED"


def test_mapped_tasks_do_not_erase_each_others_failures(tracked):
    task = {"AIRFLOW_CTX_DAG_ID": "etl", "AIRFLOW_CTX_DAG_RUN_ID": "manual__1", "AIRFLOW_CTX_TASK_ID": "train"}
    assert tracked.task("--pipeline", "fails", **task, AIRFLOW_CTX_MAP_INDEX="0").code == 1
    assert tracked.task(**task, AIRFLOW_CTX_MAP_INDEX="1").code == 0
    assert marks(tracked.run()) == {"kdeploy.task.train/0": "failed"}
    assert tracked.task(**task, AIRFLOW_CTX_MAP_INDEX="0").code == 0, "tried again"
    assert marks(tracked.run()) == {}


def test_a_success_erases_no_failure_that_happened_while_it_was_at_work(tracked):
    """Two that share a task's name by mistake: the same command, and no index that Airflow would export."""
    key = {**KEY, "KDEPLOY_TASK_KEY": "train"}
    run_id = tracked.command("start-run", **key).stdout.strip()
    tracked.client.set_tag(run_id, "kdeploy.task.train", "failed")
    assert tracked.task("--pipeline", "other_fails", **key).code == 0
    assert marks(tracked.run()) == {"kdeploy.task.train": "failed"}
    assert tracked.task(**key).code == 0, "tried again"
    assert marks(tracked.run()) == {}


def test_a_task_is_marked_alike_with_and_without_the_entrypoint(tracked):
    key = {**KEY, "KDEPLOY_TASK_KEY": "a=1", "JOB_COMPLETION_INDEX": "2"}
    assert tracked.task("--pipeline", "fails", **key).code == 1
    (mark,) = marks(tracked.run())
    assert mark.endswith("/2")
    environment = {**tracked.environment, **key}
    arguments = tracked.project, environment, tracked.outputs, "task without entrypoint"
    assert tracked.interpreter.run(["kedro", "run"], *arguments).code == 0
    assert marks(tracked.run()) == {}, "the same mark"


def test_tasks_that_log_the_same_parameters_at_the_same_moment_all_succeed(tracked):
    outcomes = tracked.together([["--pipeline", "many"]] * 4, **KEY)
    assert [outcome.code for outcome in outcomes] == [0] * 4, outcomes[0].stdout
    params = tracked.run().data.params
    assert len(params) == 22
    assert params["p19"] == "19"


def test_a_parameter_that_changed_stops_the_task_and_says_why(tracked):
    assert tracked.task(**KEY).code == 0
    outcome = tracked.task("--params", "rate=2", **KEY)
    assert outcome.code == 1
    message = " ".join((outcome.stdout + outcome.stderr).split())
    assert "disagree about a parameter: 'rate' is '1' there, '2' here" in message
    assert "KDEPLOY_ON_CHANGED_PARAMETER=keep" in message
    assert tracked.run().data.params["rate"] == "1"


def test_or_is_recorded_as_a_tag_by_choice(tracked):
    assert tracked.task(**KEY).code == 0
    assert tracked.task("--params", "rate=2", **KEY, KDEPLOY_ON_CHANGED_PARAMETER="keep").code == 0
    run = tracked.run()
    assert run.data.params["rate"] == "1"
    assert run.data.tags["kdeploy.changed_parameter.rate"] == "2"


def test_the_run_leads_back_to_image_commit_and_execution(tracked):
    variables = {
        "KDEPLOY_IMAGE": "registry.example.org/demo@sha256:0123",
        "KDEPLOY_GIT_REVISION": "abc123",
        "KDEPLOY_VERSION": "1.2.3",
        "AIRFLOW_CTX_DAG_ID": "demo",
        "AIRFLOW_CTX_DAG_RUN_ID": "manual__1",
    }
    assert tracked.task(**variables, KDEPLOY_RUN_NAME="demo-{dag.run_id}").code == 0
    run = tracked.run()
    assert (run.info.run_name, run.info.status) == ("demo-manual__1", "RUNNING")
    expected = {
        "kdeploy.image": "registry.example.org/demo@sha256:0123",
        "kdeploy.image_digest": "sha256:0123",
        "kdeploy.git_revision": "abc123",
        "mlflow.source.git.commit": "abc123",
        "kdeploy.version": "1.2.3",
        "kdeploy.orchestrator": "airflow",
        "kdeploy.airflow.dag_id": "demo",
        "kdeploy.airflow.dag_run_id": "manual__1",
        "kdeploy.run_key": "demo/manual__1",
    }
    assert expected.items() <= run.data.tags.items()


def test_a_run_of_its_own_carries_the_trace_too(tracked):
    assert tracked.task(KDEPLOY_IMAGE="demo:1", KDEPLOY_GIT_REVISION="abc123").code == 0
    assert tracked.run().data.tags["kdeploy.image"] == "demo:1"
    assert tracked.run().data.tags["mlflow.source.git.commit"] == "abc123"


def test_a_task_whose_entrypoint_was_replaced_still_joins_the_run(tracked):
    """`command:` in a pod does that: `kedro run` starts without us, and the hook is all there is."""
    first = tracked.task(**KEY)
    assert first.code == 0
    second = tracked.interpreter.run(
        ["kedro", "run", "--pipeline", "child"],
        tracked.project,
        {**tracked.environment, **KEY},
        tracked.outputs,
        "task without entrypoint",
    )
    assert second.code == 0, second.stdout
    assert {run.info.run_name for run in tracked.runs()} == {"demo-nightly/1", "child"}


@pytest.mark.parametrize("way", [{"MLFLOW_RUN_ID": "0" * 32}, {"KDEPLOY_RUN_KEY": "{{ run_id }}"}])
def test_a_task_that_cannot_join_ends_with_one_line_without_the_entrypoint_too(tracked, way):
    environment = {**tracked.environment, **way}
    arguments = tracked.project, environment, tracked.outputs, "task without entrypoint"
    outcome = tracked.interpreter.run(["kedro", "run"], *arguments)
    assert outcome.code == 78, outcome.stdout + outcome.stderr
    (line,) = [line for line in outcome.stderr.splitlines() if line.startswith("kdeploy: ")]
    assert next(iter(way.values())) in line
    assert "Traceback" not in outcome.stdout + outcome.stderr
    assert tracked.runs() == []


@pytest.mark.parametrize(("failures", "is_removed"), [(3, True), (1000, False)])
def test_the_last_mark_is_tried_again_within_the_bound_and_a_warning_says_what_stays(
    tracked, mlflow_server, failures, is_removed
):
    """Else finish-run would make a successful run FAILED, and nobody would know why."""
    left = [failures]

    def be_away(request):
        if request.path.endswith("delete-tag") and left[0] > 0:
            left[0] -= 1
            return Answer(503)
        return None

    with VerifyingProxy(mlflow_server.url) as proxy:
        proxy.instead = be_away
        task = {**KEY, "KDEPLOY_TASK_KEY": "train", "KDEPLOY_WAIT_SECONDS": "10" if is_removed else "2"}
        outcome = tracked.task(**task, MLFLOW_TRACKING_URI=proxy.url)
    assert outcome.code == 0, "the pipeline did its work"
    assert (marks(tracked.run()) == {}) == is_removed
    said = outcome.stderr
    assert (f"finish-run will set the MLflow run {tracked.run().info.run_id} to FAILED" in said) == (not is_removed)
    assert ("delete the run's tag kdeploy.task.train" in said) == (not is_removed)


def test_a_command_that_is_no_run_makes_no_run(tracked):
    outcome = tracked.interpreter.run(
        ["kedro", "registry", "list"],
        tracked.project,
        {**tracked.environment, "GITHUB_REPOSITORY": "a/b", "GITHUB_RUN_ID": "1"},
        tracked.outputs,
        "task",
    )
    assert outcome.code == 0
    assert tracked.runs() == []
