"""The process is that of kdeploy itself: same arguments, input, signals and exit code, after hardly any time."""

from __future__ import annotations

import ast
import os
import signal
import subprocess
import sys

import pytest
from installation import SOURCES, imports_of


def test_node_runs_the_program_with_the_arguments_as_they_are(installed):
    result = installed.run("build", "--tag", "a b", "", "--", "ü*")
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout == "build --tag a b  -- ü*\n"


def test_the_script_is_the_one_beside_the_package(installed):
    installed.put_node('#!/bin/sh\n[ "$1" = --version ] && echo v24.19.0 || echo "$1"\n')
    assert installed.run("check").stdout == f"{installed.package}/program/bin/run.js\n"


@pytest.mark.parametrize("exit_code", [0, 1, 3, 78, 130])
def test_the_exit_code_is_kdeploys(installed, exit_code):
    installed.put_node(f"#!/bin/sh\n[ $1 = --version ] && echo v24.19.0 && exit\nexit {exit_code}\n")
    assert installed.run("check").returncode == exit_code


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_reaches_kdeploy_in_the_same_process(installed, number):
    installed.put_node("#!/bin/sh\n[ $1 = --version ] && echo v24.19.0 && exit\necho $$\nexec sleep 60\n")
    with subprocess.Popen(
        [sys.executable, "-m", "kdeploy"], env=installed.environment(), stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert int(process.stdout.readline()) == process.pid
        process.send_signal(number)
        assert process.wait(timeout=10) == -number


def test_input_is_left_to_kdeploy(installed):
    installed.put_node("#!/bin/sh\n[ $1 = --version ] && echo v24.19.0 && exit\ncat\n")
    result = subprocess.run(
        [sys.executable, "-m", "kdeploy"], env=installed.environment(), input="yes\n", capture_output=True, text=True
    )
    assert result.stdout == "yes\n"


def test_a_terminal_is_one_for_kdeploy(installed):
    installed.put_node("#!/bin/sh\n[ $1 = --version ] && echo v24.19.0 && exit\ntest -t 0 && test -t 1 && echo both\n")
    controlling, terminal = os.openpty()
    subprocess.run([sys.executable, "-m", "kdeploy"], env=installed.environment(), stdin=terminal, stdout=terminal)
    os.close(terminal)
    assert os.read(controlling, 100).strip() == b"both"
    os.close(controlling)


def test_kdeploy_ignores_no_signal_that_python_ignores_for_itself(installed):
    ignored = "grep SigIgn /proc/self/status"
    installed.put_node(f"#!/bin/sh\n[ $1 = --version ] && echo v24.19.0 && exit\n{ignored}\n")
    assert int(installed.run().stdout.split()[1], 16) & (1 << (signal.SIGPIPE - 1)) == 0


def test_it_starts_where_the_system_keeps_no_exit_codes(installed):
    ignoring = "import os, signal, sys; signal.signal(signal.SIGCHLD, signal.SIG_IGN); "
    ignoring += "os.execv(sys.executable, sys.argv[1:])"
    result = installed.run(sys.executable, "-m", "kdeploy", "check", python=("-c", ignoring))
    assert (result.returncode, result.stdout, result.stderr) == (0, "check\n", "")


def test_it_starts_in_a_folder_that_is_gone(installed, tmp_path):
    code = "import os, sys; os.mkdir(sys.argv[1]); os.chdir(sys.argv[1]); os.rmdir(sys.argv[1]); "
    code += "from kdeploy._command import start; start(['check'])"
    gone = str(tmp_path / "gone")
    assert installed.run(gone, python=("-c", code)).stdout == "check\n"
    refused = installed.run(gone, python=("-c", code), KDEPLOY_NODE="bin/node")
    assert (refused.returncode, len(refused.stderr.splitlines())) == (3, 2), refused.stderr
    assert "bin/node, from KDEPLOY_NODE, cannot be started: no such file or directory" in refused.stderr


def test_a_command_line_that_is_too_long_is_told_in_a_sentence(installed):
    code = "from kdeploy._command import start; start(['check', 'x' * 200_000])"
    result = installed.run(python=("-c", code))
    assert (result.returncode, result.stdout) == (3, "")
    assert result.stderr.splitlines() == [
        "Error: Node.js cannot be started: argument list too long",
        "  next: shorten the command line, or unset large variables",
    ]


@pytest.mark.parametrize("argument", ["check", "--json"])
def test_nobody_listening_is_no_reason_for_a_traceback(installed, argument):
    installed.put_node("#!/bin/sh\nexit 7\n")
    closed, other = ("1", "2") if argument == "--json" else ("2", "1")
    command = f'exec "$0" -m kdeploy {argument} {closed}>&-'
    result = subprocess.run(
        ["/bin/sh", "-c", command, sys.executable], env=installed.environment(), capture_output=True, text=True
    )
    assert (result.returncode, result.stdout if other == "1" else result.stderr) == (3, "")


# Each costs a start a millisecond or more.
HEAVY = {"contextlib", "ctypes", "enum", "importlib", "json", "pathlib", "platform", "re", "shutil", "signal"}
HEAVY |= {"subprocess", "tempfile", "typing", "zipfile"}


def test_a_start_imports_nothing_heavy(installed):
    start = ("-I", "-X", "importtime", "-c")
    code = f"import sys; sys.path.insert(0, {str(installed.folder)!r}); import kdeploy._command as c; c.main()"
    imported = imports_of(installed.run(python=(*start, code)).stderr)
    own = {name for name in imported if name.startswith("kdeploy.")}
    assert own == {f"kdeploy.{name}" for name in ("_command", "_node", "_program", "_refusal", "_replace")}
    bare = imports_of(installed.run(python=(*start, "pass")).stderr)
    assert (imported - bare) & HEAVY == set()


def test_no_file_is_written_for_a_newer_python_than_the_package_promises():
    for file in SOURCES.glob("*.py"):
        ast.parse(file.read_text("utf-8"), filename=str(file), feature_version=(3, 9))


def test_a_start_writes_nothing_so_that_packages_may_be_read_only(installed, tmp_path):
    before = sorted(tmp_path.rglob("*"))
    assert installed.run("check", PYTHONDONTWRITEBYTECODE="1", HOME=str(tmp_path)).stdout == "check\n"
    assert sorted(tmp_path.rglob("*")) == before
