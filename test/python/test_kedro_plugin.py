"""`kedro deploy …` is `kdeploy …`: nothing of its line is Kedro's, and Kedro is none the worse for it."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from installation import SOURCES, write

# Shows which kedro it is told to use, and what it is given.
NODE = """\
#!/bin/sh
[ "$1" = --version ] && echo v24.19.0 && exit
shift
echo "${KDEPLOY_KEDRO-none}"
for each; do echo "<$each>"; done
exit 4
"""
# What Kedro does with the groups of its plugins, without the seconds that its own take.
COLLECTION = "import click; from kdeploy._kedro_plugin import commands; click.CommandCollection(sources=[commands])()"


@pytest.fixture
def plugin(installed):
    """Installed, so that Kedro finds the entry point that pyproject.toml names."""
    project = (SOURCES.parents[1] / "pyproject.toml").read_text("utf-8")
    entry_point = re.search(r'"kedro.project_commands"\]\n(\w+) = "(.+)"', project)
    assert entry_point is not None
    info = installed.folder / "kdeploy-1.2.3.dist-info"
    write(info / "METADATA", "Metadata-Version: 2.1\nName: kdeploy\nVersion: 1.2.3\n")
    write(info / "entry_points.txt", "[kedro.project_commands]\n{} = {}\n".format(*entry_point.groups()))
    installed.put_node(NODE)
    return installed


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--help"],
        ["-h"],
        ["build", "--help"],
        ["build", "--push", "--env", "prod"],
        ["check", "--env=prod", "--unknown", "-x"],
        ["run", "--", "kedro", "run", "--env", "prod"],
        ["--", "--version"],
        ["", "a b", "ü"],
        ["check", "-e", "prod", "deploy"],
    ],
    ids=" ".join,
)
def test_all_that_follows_reaches_kdeploy_as_it_was_typed(plugin, arguments):
    result = plugin.run("deploy", *arguments, python=("-c", COLLECTION))
    assert (result.returncode, result.stderr) == (4, "")
    assert result.stdout.splitlines()[1:] == [f"<{each}>" for each in arguments]


def test_kedro_lists_it_among_its_commands(plugin):
    listed = plugin.run("--help", python=("-c", COLLECTION)).stdout
    assert re.search(r"^  deploy +Build and push images that log to MLflow \(kdeploy\)\.$", listed, re.MULTILINE)


def test_kdeploy_uses_the_kedro_that_was_called(plugin, tmp_path):
    kedro = write(tmp_path / "bin/kedro", COLLECTION)
    assert plugin.run("deploy", python=(str(kedro),)).stdout.splitlines()[0] == str(kedro)


def test_a_kedro_that_the_user_names_counts_more(plugin, tmp_path):
    kedro = write(tmp_path / "bin/kedro", COLLECTION)
    assert plugin.run("deploy", python=(str(kedro),), KDEPLOY_KEDRO="other").stdout.splitlines()[0] == "other"


@pytest.mark.parametrize("version", ["0.17.7", "0.16"])
def test_a_kedro_that_is_too_old_is_told_in_a_sentence(plugin, version):
    code = f"import sys, types; sys.modules['kedro'] = types.SimpleNamespace(__version__='{version}'); {COLLECTION}"
    result = plugin.run("deploy", "check", python=("-c", code))
    assert (result.returncode, result.stdout) == (3, "")
    assert result.stderr.splitlines() == [
        f"Error: kedro {version} is too old for kdeploy, which needs 0.18 or later",
        "  next: pip install 'kedro>=0.18', and migrate the project to it",
    ]


@pytest.mark.parametrize("version", ["0.18.0", "0.19.15", "1.7.0", "1.8.0rc1", "2", "unknown", ""])
def test_any_other_version_is_left_to_the_checks(plugin, version):
    code = f"import sys, types; sys.modules['kedro'] = types.SimpleNamespace(__version__='{version}'); {COLLECTION}"
    assert plugin.run("deploy", "check", python=("-c", code)).returncode == 4


def test_loading_it_imports_nothing_that_kedro_has_not_imported(plugin):
    listing = "import sys, kedro.framework.cli; before = set(sys.modules); import kdeploy._kedro_plugin"
    result = plugin.run(python=("-c", f"{listing}; print(sorted(set(sys.modules) - before))"))
    assert result.stdout.splitlines()[-1:] == ["['kdeploy', 'kdeploy._kedro_plugin']"], result.stderr


@pytest.fixture
def project(tmp_path):
    """As little as Kedro takes for a project."""
    tool = '[tool.kedro]\npackage_name = "demo"\nproject_name = "demo"\nkedro_init_version = "{}"\n'
    version = subprocess.run([sys.executable, "-c", "import kedro; print(kedro.__version__)"], capture_output=True)
    write(tmp_path / "project/pyproject.toml", tool.format(version.stdout.decode().strip()))
    write(tmp_path / "project/src/demo/__init__.py", "")
    write(tmp_path / "project/src/demo/settings.py", "")
    return tmp_path / "project"


def test_the_real_kedro_starts_it_in_a_project(plugin, project, monkeypatch):
    monkeypatch.chdir(project)
    result = plugin.run("deploy", "build", "--env", "prod", "--help", python=("-m", "kedro"), DO_NOT_TRACK="1")
    assert result.returncode == 4, result.stderr
    assert result.stdout.splitlines()[-4:] == ["<build>", "<--env>", "<prod>", "<--help>"]


def test_a_broken_kdeploy_breaks_no_kedro(plugin):
    (plugin.package / "program/bin/run.js").unlink()
    plugin.node.unlink()
    assert plugin.run("--help", python=("-c", COLLECTION)).returncode == 0
