"""The runtime is found by the image's own Python, whatever its environment and its entrypoint are replaced by."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from kdeploy_runtime.self_test.site_packages import RuntimeNotFound, find_without_pythonpath, kedros_python
from support import ENTRY_POINTS, RUNTIME, write

SOURCE = (RUNTIME / "kdeploy_runtime/self_test/site_packages.py").read_text("utf-8")
NAMES = [{}, {"PYTHONPATH": ""}, {"PYTHONPATH": "/elsewhere"}]


@pytest.fixture(scope="module")
def image(tmp_path_factory):
    """A Python of its own, with what is baked for it; the folder of the runtime has another name than in an image."""
    root = tmp_path_factory.mktemp("image")
    python = make_python(root / "venv")
    lib = root / "opt"
    shutil.copytree(RUNTIME / "kdeploy_runtime", lib / "kdeploy_runtime")
    write(
        lib / "kdeploy_runtime-0.1.0.dist-info/METADATA",
        "Metadata-Version: 2.1\nName: kdeploy-runtime\nVersion: 0.1.0\n",
    )
    write(lib / "kdeploy_runtime-0.1.0.dist-info/entry_points.txt", ENTRY_POINTS)
    (folder,) = folders_of(python)
    text = (RUNTIME / "kdeploy.pth").read_text("utf-8").replace("/opt/kdeploy/lib", str(lib))
    write(Path(folder) / "kdeploy.pth", text)
    return python, lib


def make_python(folder):
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    return folder / "bin/python"


def folders_of(python, **env):
    return asked(python, **env)["site_packages"]


def asked(python, *paths, **env):
    command = [str(python), "-I", "-c", SOURCE, SOURCE, *(str(path) for path in paths)]
    answer = subprocess.run(command, capture_output=True, text=True, check=True, env={"PATH": "/usr/bin:/bin", **env})
    return json.loads(answer.stdout.splitlines()[-1])


def run(command, **env):
    variables = {"PATH": "/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1", **env}
    return subprocess.run([str(each) for each in command], capture_output=True, text=True, env=variables, timeout=60)


@pytest.mark.parametrize("env", NAMES, ids=str)
def test_it_is_found_whatever_pythonpath_is(image, env):
    python, lib = image
    result = run([python, "-m", "kdeploy_runtime", "sh", "-c", "exit 7"], **env)
    assert result.returncode == 7, result.stderr
    code = "import kdeploy_runtime, sys; print(kdeploy_runtime.__file__, *sys.path, sep='\\n')"
    first, *path = run([python, "-c", code], **env).stdout.splitlines()
    assert first == f"{lib}/kdeploy_runtime/__init__.py"
    assert path[-1] == str(lib), "behind the project's own packages"


def test_python_itself_imports_nothing_of_it(image):
    python, _ = image
    assert run([python, "-c", "import sys; print(any('kdeploy' in name for name in sys.modules))"]).stdout == "False\n"


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (["-m", "kdeploy_runtime", "true"], 78),
        (["-c", "pass", "/usr/local/bin/kedro", "run"], 78),
        (["-c", "print(5)"], 0),
    ],
)
def test_where_it_is_gone_a_task_ends_with_a_sentence_and_78(image, command, code):
    """Somebody mounts a volume over its folder: no task would be tracked, and nobody would know."""
    python, lib = image
    away = lib.rename(lib.with_name("away"))
    try:
        result = run([python, *command])
    finally:
        away.rename(lib)
    assert result.returncode == code
    assert result.stderr.startswith(f"kdeploy: its runtime is not found in {lib}, so this task " if code else "")
    assert result.stderr.count("\n") == (1 if code else 0)


def test_each_python_that_runs_tasks_is_named_once(tmp_path):
    """`kedro` may be in a virtual environment whose `python` is not the first on PATH."""
    one, other = make_python(tmp_path / "one"), make_python(tmp_path / "other")
    write(tmp_path / "bin/kedro", f"#!{other}\nimport kedro\n", 0o755)
    (of_one,), (of_other,) = folders_of(one), folders_of(other)
    assert Path(of_one).is_relative_to((tmp_path / "one").resolve())
    assert folders_of(one, PATH=f"{tmp_path / 'bin'}:/usr/bin:/bin") == [of_one, of_other]
    assert folders_of(other, PATH=f"{tmp_path / 'bin'}:/usr/bin:/bin") == [of_other]


@pytest.mark.parametrize("line", ["#!/bin/sh", "#!/usr/bin/env python", "#!/nowhere/bin/python", "", "\x7fELF", "#!"])
def test_a_kedro_that_names_no_python_of_its_own_is_that_of_the_image(tmp_path, monkeypatch, line):
    write(tmp_path / "kedro", f"{line}\n", 0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert kedros_python() is None
    monkeypatch.setenv("PATH", os.devnull)
    assert kedros_python() is None


def test_the_self_test_proves_it_for_each_python(image, tmp_path, monkeypatch):
    python, _ = image
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "executable", str(python))
    find_without_pythonpath()
    other = make_python(tmp_path / "other")
    write(tmp_path / "kedro", f"#!{other}\n", 0o755)
    with pytest.raises(RuntimeNotFound, match=f"{other} does not find .*No module named 'kdeploy_runtime'"):
        find_without_pythonpath()


def test_an_image_tells_what_leads_to_the_files_of_a_bake(image, tmp_path):
    """By this alone a later bake makes its layer: owner, real paths, and the folders on the way with their modes."""
    python, _ = image
    (tmp_path / "real/conf/local").mkdir(parents=True)
    (tmp_path / "real/conf").chmod(0o750)
    os.utime(tmp_path / "real/conf", (7, 7))
    write(tmp_path / "real/conf/base/catalog.yml", "")
    os.utime(tmp_path / "real/conf", (7, 7))
    (tmp_path / "work").symlink_to("real")
    answer = asked(python, tmp_path / "work/conf", tmp_path / "missing/lib")
    assert answer["owner"] == [os.getuid(), os.getgid()]
    conf = os.path.realpath(tmp_path / "real/conf")
    assert answer["real"][str(tmp_path / "work/conf")] == conf
    assert answer["folders"][conf] == [os.getuid(), os.getgid(), 0o750, 7]
    led = {f"{conf}/local", f"{conf}/base", str(Path(conf).parent), *answer["site_packages"]}
    assert led <= answer["folders"].keys()
    assert not any(path.endswith(("missing", "work")) for path in answer["folders"])
