"""`kedro deploy …` is `kdeploy …`: nothing of its line is Kedro's, and Kedro is none the worse for it."""

from __future__ import annotations

import json
import re
import sys
from importlib.metadata import version

import pytest
from installation import SOURCES, imports_of, write

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


# For the real Kedro: other plugins have no part in this, and importing MLflow takes each start four seconds.
NO_OTHER_PLUGINS = """
import importlib.metadata
everything = importlib.metadata.distributions
importlib.metadata.distributions = lambda **given: (each for each in everything(**given) if each.name == "kdeploy")
"""


@pytest.fixture
def project(plugin, tmp_path, monkeypatch):
    """As little as Kedro takes for a project that can be run; the current folder."""
    write(plugin.folder / "sitecustomize.py", NO_OTHER_PLUGINS)
    tool = '[tool.kedro]\npackage_name = "demo"\nproject_name = "demo"\nkedro_init_version = "{}"\n'
    root = tmp_path / "project"
    write(root / "pyproject.toml", tool.format(version("kedro")))
    write(root / "src/demo/__init__.py", "")
    write(root / "src/demo/settings.py", "")
    write(root / "src/demo/pipeline_registry.py", PIPELINE)
    for environment in ("base", "local"):
        write(root / f"conf/{environment}/catalog.yml", "")
    monkeypatch.chdir(root)


PIPELINE = """\
from kedro.pipeline import node, pipeline

def register_pipelines():
    return {"__default__": pipeline([node(lambda: print("the node ran") or 1, None, "one", name="only")])}
"""


@pytest.mark.usefixtures("project")
def test_the_real_kedro_starts_it_in_a_project(plugin):
    result = plugin.run("deploy", "build", "--env", "prod", "--help", python=("-m", "kedro"), DO_NOT_TRACK="1")
    assert result.returncode == 4, result.stderr
    assert result.stdout.splitlines()[-4:] == ["<build>", "<--env>", "<prod>", "<--help>"]


# All lines in one process, since each start of Kedro takes seconds: what would become Node.js is written down instead.
LINES = [
    [],
    ["--help"],
    ["-h"],
    ["check", "-h"],
    ["build", "--unknown", "-x", "value"],
    ["run", "--", "kedro", "run", "--env", "prod"],
    ["--", "--help"],
    ["check", "--env", "prod"],
    ["check", "--env"],
    ["-e", "prod"],
]
REAL_KEDRO = f"""
import json, os, pathlib
from kdeploy import _command
from kedro.framework.cli.cli import KedroCLI

handed_on = []
def note(command, environment):
    handed_on.append(command[2:])
    raise SystemExit(0)
_command.replace_process = note
kedro = KedroCLI(pathlib.Path.cwd())
for line in {LINES!r}:
    try:
        kedro.main(["deploy", *line], prog_name="kedro")
    except SystemExit:
        pass
print(json.dumps(handed_on))
"""


@pytest.mark.usefixtures("project")
def test_the_real_kedro_keeps_nothing_of_the_line_for_itself(plugin):
    result = plugin.run(python=("-c", REAL_KEDRO), DO_NOT_TRACK="1")
    assert json.loads(result.stdout.splitlines()[-1]) == LINES, result.stderr


AT_THE_END = """
import atexit, sys
atexit.register(lambda: print("of kdeploy:", *sorted(name for name in sys.modules if name.split(".")[0] == "kdeploy")))
"""


@pytest.mark.usefixtures("project")
def test_other_commands_of_kedro_import_one_module_more_and_what_they_had_imported_anyway(plugin):
    """importtime has no line for the module of an entry point, and one for each that it is the first to import."""
    write(plugin.folder / "sitecustomize.py", NO_OTHER_PLUGINS + AT_THE_END)
    with_plugin = plugin.run("info", python=("-X", "importtime", "-m", "kedro"), DO_NOT_TRACK="1")
    assert with_plugin.stdout.splitlines()[-2:] == [
        "kdeploy: 1.2.3 (entry points:project)",
        "of kdeploy: kdeploy kdeploy._kedro_plugin",
    ]
    (plugin.folder / "kdeploy-1.2.3.dist-info/entry_points.txt").unlink()
    without = plugin.run("info", python=("-X", "importtime", "-m", "kedro"), DO_NOT_TRACK="1")
    assert without.stdout.splitlines()[-1] == "of kdeploy:"
    assert imports_of(with_plugin.stderr) - imports_of(without.stderr) == set()
    assert "kedro.framework.cli.cli" in imports_of(without.stderr)


# As if click were of a version that has none of what the plugin takes from it; for the plugin alone, since Kedro would
# not start either.
OTHER_CLICK = """
import builtins, types
original = builtins.__import__
def importing(name, globals=None, *others, **more):
    module = original(name, globals, *others, **more)
    by = (globals or {}).get("__name__")
    return types.SimpleNamespace() if name == "click" and by == "kdeploy._kedro_plugin" else module
builtins.__import__ = importing
"""


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize("broken", ["kdeploy and Node.js", "click"])
def test_what_is_broken_of_kdeploy_breaks_no_run(plugin, broken):
    if broken == "click":
        write(plugin.folder / "sitecustomize.py", NO_OTHER_PLUGINS + OTHER_CLICK)
    else:
        (plugin.package / "program/bin/run.js").write_text("garbage")
        (plugin.package / "program/package.json").unlink()
        plugin.node.unlink()
    result = plugin.run("run", python=("-m", "kedro"), DO_NOT_TRACK="1")
    assert result.returncode == 0, result.stderr
    assert "the node ran" in result.stdout
    assert ("Failed to load kdeploy._kedro_plugin" in result.stdout + result.stderr) == (broken == "click")


OTHER = '#!/bin/sh\n[ "$1" = --version ] && echo "kdeploy/{} linux-x64 node-v24.19.0"\n'


def with_command(folder, text: str) -> str:
    write(folder / "kdeploy", text, 0o755)
    return f"{folder}:/usr/bin:/bin"


def test_a_command_of_another_version_is_told_where_kedro_deploy_starts(plugin, tmp_path):
    path = with_command(tmp_path / "other", OTHER.format("1.1.0"))
    result = plugin.run("deploy", "check", python=("-c", COLLECTION), PATH=path)
    assert result.returncode == 4
    assert result.stderr.splitlines() == [
        f"note: kedro deploy runs kdeploy 1.2.3, of the environment {sys.prefix}; the command kdeploy is 1.1.0, "
        f"{tmp_path}/other/kdeploy",
        "  next: activate the environment, so that kdeploy is its own, or install the same version in both places",
    ]


@pytest.mark.parametrize(
    "other",
    [OTHER.format("1.2.3"), "#!/bin/sh\nexit 127\n", "#!/bin/sh\necho KDeploy 9\n", "no program"],
    ids=["the same", "a stand-in", "a stranger", "broken"],
)
def test_nothing_is_told_of_a_command_that_is_no_other_version(plugin, tmp_path, other):
    path = with_command(tmp_path / "other", other)
    result = plugin.run("deploy", "check", python=("-c", COLLECTION), PATH=path)
    assert (result.returncode, result.stderr) == (4, "")
