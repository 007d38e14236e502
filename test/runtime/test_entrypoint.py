"""The container's process must be the task itself: whatever an orchestrator sees or sends, it is the task's."""

from __future__ import annotations

import json
import signal
import subprocess
import sys

import pytest
from support import SECRET, run_runtime, write

NEEDS_TOKEN = json.dumps({"types": [{"type": "Vars", "params": ["MLFLOW_TRACKING_TOKEN"]}]})


def python(code: str, *arguments: str) -> list[str]:
    return [sys.executable, "-c", code, *arguments]


def start(command: list[str], env: dict[str, str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "kdeploy_runtime", *command], env=env, stdout=subprocess.PIPE, text=True
    )


def test_the_command_takes_over_the_process_id(runtime_environment):
    with start(python("import os; print(os.getpid())"), runtime_environment) as process:
        assert int(process.stdout.read()) == process.pid


@pytest.mark.parametrize("code", [0, 1, 78, 255])
def test_the_exit_code_is_the_commands(runtime_environment, code):
    assert run_runtime(["sh", "-c", f"exit {code}"], runtime_environment).returncode == code


def test_a_signal_reaches_the_command_so_that_it_can_clean_up(runtime_environment):
    script = (
        "import signal, sys\n"
        "signal.signal(signal.SIGTERM, lambda *_: sys.exit(7))\n"
        "print('ready', flush=True)\n"
        "signal.pause()"
    )
    with start(python(script), runtime_environment) as process:
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 7


def test_a_command_killed_by_a_signal_is_seen_as_killed(runtime_environment):
    assert run_runtime(["sh", "-c", "kill -TERM $$"], runtime_environment).returncode == -signal.SIGTERM


@pytest.mark.parametrize("name", ["PIPE", "XFSZ", "INT", "HUP"])
def test_no_signal_is_left_ignored_by_the_python_that_ran_before(runtime_environment, name):
    result = run_runtime(["sh", "-c", f"kill -{name} $$; echo survived"], runtime_environment)
    assert (result.returncode, result.stdout) == (-getattr(signal, f"SIG{name}"), "")


def test_standard_input_is_the_commands(runtime_environment):
    assert run_runtime(["cat"], runtime_environment, input="line\n").stdout == "line\n"


def test_arguments_arrive_as_they_were_given(runtime_environment):
    arguments = ["", "--json", "a b", "ü", "self-test", "$HOME", "--", "-m"]
    result = run_runtime(python("import sys, json; print(json.dumps(sys.argv[1:]))", *arguments), runtime_environment)
    assert json.loads(result.stdout) == arguments


def test_the_base_images_own_entrypoint_comes_first(runtime_environment):
    result = run_runtime(["/bin/sh", "-c", 'exec "$@"', "sh", "echo", "run"], runtime_environment)
    assert result.stdout == "run\n"


def test_nothing_is_printed_by_us_when_all_is_well(runtime_environment):
    env = {**runtime_environment, "KDEPLOY_AUTH": NEEDS_TOKEN, "MLFLOW_TRACKING_TOKEN": SECRET}
    result = run_runtime(["true"], env)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_an_unknown_command_is_127_as_in_a_shell(runtime_environment):
    result = run_runtime(["kedroo", "run"], runtime_environment)
    assert result.returncode == 127
    assert result.stderr == "kdeploy: kedroo: command not found. Check that it is installed in the image and on PATH.\n"


def test_an_unknown_path_is_127(runtime_environment):
    result = run_runtime(["./run.sh"], runtime_environment)
    assert (result.returncode, result.stderr) == (127, "kdeploy: ./run.sh: no such file in the image.\n")


def test_an_empty_command_is_127(runtime_environment):
    assert run_runtime([""], runtime_environment).returncode == 127


def test_a_file_that_may_not_be_executed_is_126(runtime_environment, tmp_path):
    script = write(tmp_path / "run.sh", "#!/bin/sh\n")
    result = run_runtime([str(script)], runtime_environment)
    assert result.returncode == 126
    assert result.stderr == f"kdeploy: {script} is not executable by the image's user (missing chmod +x?).\n"


def test_a_folder_is_126(runtime_environment, tmp_path):
    result = run_runtime([str(tmp_path)], runtime_environment)
    assert (result.returncode, result.stderr) == (126, f"kdeploy: {tmp_path} is a directory, not a command.\n")


def test_a_script_with_a_windows_line_break_in_its_first_line_says_so(runtime_environment, tmp_path):
    script = write(tmp_path / "run.sh", "#!/bin/sh\r\necho hello\r\n", mode=0o755)
    result = run_runtime([str(script)], runtime_environment)
    assert result.returncode == 126
    assert "interpreter in its shebang line is not in the image (or the line ends with CRLF)" in result.stderr


def test_a_script_without_a_first_line_says_so(runtime_environment, tmp_path):
    script = write(tmp_path / "run.sh", "echo hello\n", mode=0o755)
    result = run_runtime([str(script)], runtime_environment)
    assert result.returncode == 126
    assert "A script needs a shebang line such as #!/bin/sh" in result.stderr


def test_a_file_on_path_that_is_not_executable_is_126_not_127(runtime_environment, tmp_path):
    write(tmp_path / "train", "#!/bin/sh\n")
    path = f"{tmp_path}:{runtime_environment['PATH']}"
    assert run_runtime(["train"], {**runtime_environment, "PATH": path}).returncode == 126


def test_the_work_folder_cannot_break_the_entrypoint(runtime_environment, tmp_path):
    """`kedro run` never looks there for modules, `python -m` does."""
    write(tmp_path / "json.py", "raise RuntimeError('the project has a json.py')\n")
    env = {**runtime_environment, "KDEPLOY_AUTH": NEEDS_TOKEN, "MLFLOW_TRACKING_TOKEN": SECRET}
    result = run_runtime(["echo", "run"], env, cwd=tmp_path)
    assert (result.returncode, result.stdout, result.stderr) == (0, "run\n", "")


def test_a_missing_variable_stops_the_task_before_it_begins(runtime_environment):
    result = run_runtime(["echo", "begun"], {**runtime_environment, "KDEPLOY_AUTH": NEEDS_TOKEN})
    assert (result.returncode, result.stdout) == (78, "")
    assert result.stderr == (
        "kdeploy: cannot authenticate to MLflow. MLFLOW_TRACKING_TOKEN is not set (or empty) in the environment: "
        "pass it to the container, from a Kubernetes Secret, an Airflow Variable, "
        "or with docker run -e MLFLOW_TRACKING_TOKEN.\n"
    )


def test_every_problem_of_every_type_is_told_at_once_and_no_value_with_it(runtime_environment):
    types = [
        {"type": "Vars", "params": ["USERNAME_HERE", "PASSWORD_HERE", "PRESENT"]},
        {"type": "GoogleOAuth2", "audience": None, "header": "Authorization"},
    ]
    env = {**runtime_environment, "KDEPLOY_AUTH": json.dumps({"types": types}), "PRESENT": SECRET, "USERNAME_HERE": ""}
    result = run_runtime(["true"], env)
    assert result.returncode == 78
    assert result.stderr.count("\n") == 1
    assert result.stderr.startswith("kdeploy: ")
    assert "USERNAME_HERE and PASSWORD_HERE are not set" in result.stderr
    assert "GOOGLE_AUDIENCE" in result.stderr
    assert SECRET not in result.stderr + result.stdout


def test_settings_that_are_not_understood_stop_the_task_without_showing_them(runtime_environment):
    result = run_runtime(["echo", "begun"], {**runtime_environment, "KDEPLOY_AUTH": f'{{"types": "{SECRET}'})
    assert (result.returncode, result.stdout) == (78, "")
    assert result.stderr.startswith("kdeploy: KDEPLOY_AUTH is not valid JSON.")
    assert SECRET not in result.stderr


def test_an_airflow_variable_reaches_the_command_under_its_plain_name(runtime_environment):
    env = {**runtime_environment, "KDEPLOY_AUTH": NEEDS_TOKEN, "AIRFLOW_VAR_MLFLOW_TRACKING_TOKEN": "from-airflow"}
    result = run_runtime(["sh", "-c", 'echo "$MLFLOW_TRACKING_TOKEN"'], env)
    assert (result.returncode, result.stdout) == (0, "from-airflow\n")


@pytest.mark.parametrize("value", [None, ""], ids=["absent", "empty"])
def test_no_settings_mean_no_authentication(runtime_environment, value):
    env = dict(runtime_environment) if value is None else {**runtime_environment, "KDEPLOY_AUTH": value}
    assert run_runtime(["true"], env).returncode == 0
