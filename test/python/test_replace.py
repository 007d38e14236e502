"""Windows has no exec: there this process waits for kdeploy, and ends as it did."""

from __future__ import annotations

import subprocess
import sys

import pytest


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
