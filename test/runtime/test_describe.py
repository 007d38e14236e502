"""What `describe` says of a project's pipelines is what Kedro makes of them."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from support import RUNTIME, SECRET, Outcome, WarmInterpreter, run_runtime, write

REGISTRY = "from kedro.pipeline import Pipeline, node\n\n\ndef take(*values):\n    return values[0]\n\n\n"


HELPERS = """\
from functools import partial


def fit(values):
    return values


class Callable:
    def __call__(self, value):
        return value
"""


@dataclass(frozen=True)
class Described:
    interpreter: WarmInterpreter
    project: Path
    outputs: Path

    def pipelines(self, code: str, before: str = "") -> None:
        """A registry that returns ``code``."""
        text = f"{REGISTRY}{before}\n\ndef register_pipelines():\n    return {code}\n"
        write(self.project / "src/demo/pipeline_registry.py", text)

    def uses(self, *datasets: str) -> None:
        """One node that loads them."""
        self.pipelines(f'{{"__default__": Pipeline([node(take, {list(datasets)!r}, None, name="n")])}}')

    def catalog(self, text: str) -> None:
        write(self.project / "conf/base/catalog.yml", text)

    def run(self, **env: str) -> Outcome:
        environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(RUNTIME), **env}
        return self.interpreter.run(["describe", "--json"], self.project, environment, self.outputs)

    def document(self, **env: str) -> dict[str, Any]:
        outcome = self.run(**env)
        assert outcome.code == 0, outcome.stdout + outcome.stderr
        return outcome.report

    def set_entries(self, entries: list[str]) -> None:
        """x00, x01, … in the catalog, and in a pipeline."""
        self.uses(*(f"x{number:02}" for number in range(len(entries))))
        self.catalog("".join(f"x{number:02}: {entry}\n" for number, entry in enumerate(entries)))

    def datasets(self, entries: list[str]) -> list[dict[str, Any]]:
        self.set_entries(entries)
        return list(self.document()["datasets"].values())

    def error(self, **env: str) -> dict[str, str]:
        outcome = self.run(**env)
        assert (outcome.code, set(outcome.report)) == (1, {"schema_version", "error"}), outcome.stdout
        assert set(outcome.report["error"]) == {"type", "message", "hint"}
        return outcome.report["error"]


@pytest.fixture
def described(warm_interpreter: WarmInterpreter, project: Path, tmp_path: Path) -> Described:
    return Described(warm_interpreter, project, tmp_path)


def test_the_document_names_the_project_and_each_node_as_kedro_runs_it(described):
    described.pipelines(
        """{
        "etl": Pipeline([
            node(partial(fit), {"values": "clean"}, "model@pandas", name="train", namespace="ml.fit"),
            node(
                take, ["raw", "params:rate", "parameters"], ["clean", "dirty"],
                name="clean", tags=["nightly", "a"], confirms=["raw"],
            ),
            node(Callable(), "model@spark", None, name="report"),
        ]),
        "__default__": Pipeline([]),
    }""",
        HELPERS,
    )
    import kedro

    document = described.document(KEDRO_ENV="local")
    assert document.pop("datasets").keys() == {"clean", "dirty", "model@pandas", "model@spark", "raw"}
    nodes = document.pop("pipelines")
    assert document == {
        "schema_version": 1,
        "package": "demo",
        "kedro_version": kedro.__version__,
        "kedro_env": "local",
        "folder": str(described.project.resolve()),
        "run_options": None,
    }
    assert nodes["__default__"] == []
    assert nodes["etl"] == [
        {
            "name": "clean",
            "namespace": None,
            "tags": ["a", "nightly"],
            "inputs": ["raw", "params:rate", "parameters"],
            "outputs": ["clean", "dirty"],
            "confirms": ["raw"],
            "function": "demo.pipeline_registry.take",
        },
        {
            "name": "ml.fit.train",
            "namespace": "ml.fit",
            "tags": [],
            "inputs": ["clean"],
            "outputs": ["model@pandas"],
            "confirms": [],
            "function": "demo.pipeline_registry.fit",
        },
        {
            "name": "report",
            "namespace": None,
            "tags": [],
            "inputs": ["model@spark"],
            "outputs": [],
            "confirms": [],
            "function": "demo.pipeline_registry.Callable",
        },
    ]


def test_kedros_own_environment_is_none_of_the_images(described):
    described.uses("x")
    assert described.document()["kedro_env"] is None


def test_the_same_project_is_described_in_the_same_words_by_each_process(described, runtime_environment):
    names = ", ".join(f'node(take, "in{n}", "out{n}", name="n{n}", tags=["a", "b", "c{n}"])' for n in range(12))
    described.pipelines(f'{{"__default__": Pipeline([{names}, node(take, ["out3", "out4"], "x")])}}')
    seeds = [
        run_runtime(["describe", "--json"], {**runtime_environment, "PYTHONHASHSEED": seed}, cwd=described.project)
        for seed in ("1", "2")
    ]
    assert seeds[0].stdout == seeds[1].stdout
    assert seeds[0].stdout.count("\n") == 1, "whatever Kedro logs goes to stderr"
    assert [node["name"] for node in json.loads(seeds[0].stdout)["pipelines"]["__default__"]][:3] == ["n0", "n1", "n10"]


OWN = """\
from kedro.io import AbstractDataset


class InConstructor(AbstractDataset):
    def __init__(self, credentials):
        self._EPHEMERAL = True

    def load(self): ...
    def save(self, data): ...
    def _describe(self): return {}


class InClass(InConstructor):
    _EPHEMERAL = True

    def __init__(self):
        raise RuntimeError("needs what only a run has")


class AsAsked(InConstructor):
    def __init__(self, lost):
        self._lost = lost

    _EPHEMERAL = property(lambda self: self._lost)


class Lasting(InConstructor):
    def __init__(self, filepath):
        self.path = filepath
"""


CLASSES = [
    ("{type: MemoryDataset}", "kedro.io.memory_dataset.MemoryDataset", True),
    ("{type: kedro.io.MemoryDataset, copy_mode: assign}", "kedro.io.memory_dataset.MemoryDataset", True),
    ("{type: demo.own.InConstructor, credentials: db}", "demo.own.InConstructor", True),
    ("{type: demo.own.InClass}", "demo.own.InClass", True),
    ("{type: demo.own.AsAsked, lost: true}", "demo.own.AsAsked", True),
    ("{type: demo.own.AsAsked, lost: false}", "demo.own.AsAsked", False),
    ("{type: demo.own.Lasting, filepath: data/x}", "demo.own.Lasting", False),
    ("{type: demo.own.Lasting}", "demo.own.Lasting", False),
    (
        "{type: pandas.CSVDataset, filepath: data/x.csv, credentials: s3}",
        "kedro_datasets.pandas.csv_dataset.CSVDataset",
        False,
    ),
    (
        "{type: CachedDataset, dataset: {type: pandas.CSVDataset, filepath: data/x.csv}}",
        "kedro.io.cached_dataset.CachedDataset",
        True,
    ),
    ("{type: demo.gone.Dataset, filepath: data/x}", "demo.gone.Dataset", False),
    ("{type: nowhere.Dataset, credentials: db}", "nowhere.Dataset", False),
    (
        "{type: text.TextDataset, filepath: 'memory://x.txt'}",
        "kedro_datasets.text.text_dataset.TextDataset",
        True,
    ),
]


def test_a_dataset_is_of_its_class_and_carries_kedros_mark(described):
    write(described.project / "src/demo/own.py", OWN)
    datasets = described.datasets([entry for entry, _, _ in CLASSES])
    found = [(dataset["type"], dataset["ephemeral"], dataset["defined_by"]) for dataset in datasets]
    assert found == [(kind, ephemeral, "entry") for _, kind, ephemeral in CLASSES]
    missing = [dataset["type"] for dataset in datasets if not dataset["importable"]]
    assert missing == ["demo.gone.Dataset", "nowhere.Dataset"]


def test_a_pattern_is_resolved_as_kedro_does_and_a_name_in_no_entry_is_in_memory(described):
    described.uses("int_cars", "cars_mem", "cars_tmp", "cars")
    described.catalog(
        """\
"{name}_mem": {type: MemoryDataset}
"int_{name}": {type: pandas.CSVDataset, filepath: "data/{name}.csv", metadata: {kdeploy: {asset: "cars://{name}"}}}
cars_tmp: {type: pandas.CSVDataset, filepath: data/tmp.csv, metadata: {kdeploy: {asset: true}}}
"""
    )
    datasets = described.document()["datasets"]
    found = {name: (entry["defined_by"], entry["pattern"], entry["ephemeral"]) for name, entry in datasets.items()}
    assert found == {
        "int_cars": ("pattern", "int_{name}", False),
        "cars_mem": ("pattern", "{name}_mem", True),
        "cars_tmp": ("entry", None, False),
        "cars": ("nothing", None, True),
    }
    assert datasets["cars"]["type"] == "kedro.io.memory_dataset.MemoryDataset"
    assert datasets["int_cars"]["local_paths"] == [f"{described.project.resolve()}/data/cars.csv"]
    assert [datasets[name]["asset"] for name in ("int_cars", "cars_tmp", "cars")] == ["cars://cars", True, None]


def test_a_pattern_for_everything_is_a_pattern_and_not_kedros_default(described):
    described.uses("anything")
    described.catalog('"{default}": {type: pandas.CSVDataset, filepath: "data/{default}.csv"}\n')
    found = described.document()["datasets"]["anything"]
    assert (found["defined_by"], found["pattern"], found["ephemeral"]) == ("pattern", "{default}", False)


VERSIONED = [
    ("{type: pandas.CSVDataset, filepath: x.csv, versioned: true}", True),
    ("{type: pandas.CSVDataset, filepath: x.csv, versioned: false}", False),
    ("{type: pandas.CSVDataset, filepath: x.csv}", False),
    ("{type: nowhere.Dataset, filepath: x.csv, versioned: true}", True),
]


def test_versioned_is_what_kedro_reads(described):
    found = [dataset["versioned"] for dataset in described.datasets([entry for entry, _ in VERSIONED])]
    assert found == [versioned for _, versioned in VERSIONED]


PLACES = [
    ("{type: a.B, filepath: data/x.csv}", ["{folder}/data/x.csv"], None),
    ("{type: a.B, filepath: ./data//y/../x.csv}", ["{folder}/data/x.csv"], None),
    ("{type: a.B, filepath: /mnt/x.csv}", ["/mnt/x.csv"], None),
    ("{type: a.B, filepath: 'file:///mnt/x.csv'}", ["/mnt/x.csv"], None),
    ("{type: a.B, filepath: 'file://data/x.csv'}", ["{folder}/data/x.csv"], None),
    ("{type: a.B, path: data, dataset: {type: c.D, filepath: data/x}}", ["{folder}/data", "{folder}/data/x"], None),
    ("{type: a.B, path: 's3://bucket/parts', checkpoint: {filepath: data/seen}}", ["{folder}/data/seen"], "s3://bucket/parts"),
    ("{type: CachedDataset, dataset: {type: c.D, filepath: data/x}}", ["{folder}/data/x"], None),
    ("{type: a.B, filepath: [data/b, data/a]}", ["{folder}/data/a", "{folder}/data/b"], None),
    ("{type: a.B, index_path: data/index}", ["{folder}/data/index"], None),
    ("{type: a.B, filepath: 'simplecache::s3://bucket/x'}", [], "s3://bucket/x"),
    ("{type: a.B, filepath: 'zip://x.csv::data/x.zip'}", ["{folder}/data/x.zip"], None),
    ("{type: a.B, filepath: 'dbfs:/mnt/x'}", [], "dbfs:/mnt/x"),
    ("{type: a.B, con: 'sqlite:///data/x.db'}", ["{folder}/data/x.db"], None),
    ("{type: a.B, credentials: {con: 'sqlite:////mnt/x.db'}}", ["/mnt/x.db"], None),
    ("{type: a.B, connection: {backend: duckdb, database: data/x.db}}", ["{folder}/data/x.db"], None),
    ("{type: a.B, connection: {backend: postgres, database: cars}}", [], None),
    ("{type: a.B, con: 'postgresql://me:PLANTED@db.example.org/cars?sslkey=PLANTED'}", [], "postgresql://db.example.org/cars"),
    ("{type: a.B, credentials: {con: 'postgresql://me:PLANTED@db.example.org/cars'}}", [], None),
    ("{type: a.B, filepath: 's3://PLANTED:PLANTED@bucket/x.csv?token=PLANTED#PLANTED'}", [], "s3://bucket/x.csv"),
    ("{type: a.B, url: 'https://me:PLANTED/@x@api.example.org/v1?key=PLANTED'}", [], "https://api.example.org/v1"),
    ("{type: a.B, filepath: 'abfss://container@account.dfs.core.windows.net/x'}", [], "abfss://container@account.dfs.core.windows.net/x"),
    ("{type: a.B, filepath: 's3://b/x', load_args: {path: data/no, filepath: data/no}, metadata: {path: no}}", [], "s3://b/x"),
    ("{type: a.B, function_path: demo.nodes.train, table_name: data/cars}", [], None),
    ("{type: a.B, artifact_path: model, run_id: x}", [], None),
    ("{type: a.B, artifact_path: plots, dataset: {type: c.D, filepath: data/x.png}}", ["{folder}/data/x.png"], None),
]  # fmt: skip


def test_where_the_data_are_is_told_without_secrets(described):
    described.set_entries([entry.replace("PLANTED", SECRET) for entry, _, _ in PLACES])
    outcome = described.run()
    assert SECRET not in outcome.stdout + outcome.stderr
    folder = str(described.project.resolve())
    for number, (entry, paths, address) in enumerate(PLACES):
        found = outcome.report["datasets"][f"x{number:02}"]
        assert found["local_paths"] == [path.replace("{folder}", folder) for path in paths], entry
        assert found["address"] == address, entry


WRITTEN = [
    ("{type: a.B, filepath: data/x.csv}", [("filepath", "data/x.csv")]),
    ("{type: a.B, filepath: 'file:///mnt/x.csv'}", [("filepath", "/mnt/x.csv")]),
    ("{type: a.B, path: 'zip://x::data/{name}.zip'}", [("path", "data/{name}.zip")]),
    ("{type: a.B, path: data, checkpoint: {filepath: '{name}/seen'}}", [("path", "data"), ("filepath", "{name}/seen")]),
    ("{type: a.B, con: 'sqlite:///data/{name}.db?mode=ro'}", [("con", "data/{name}.db")]),
    ("{type: a.B, connection: {backend: duckdb, database: '{name}.db'}}", [("database", "{name}.db")]),
    ("{type: a.B, filepath: '{name}', con: 'postgresql://db.example.org/x'}", [("filepath", "{name}")]),
]


def test_what_sets_a_path_is_told_as_the_catalog_has_it_also_by_a_pattern(described):
    names = [f"{letter}.cars" for letter in "abcdefg"]
    described.uses(*names)
    entries = [entry for entry, _ in WRITTEN]
    described.catalog("".join(f'"{letter}.{{name}}": {entry}\n' for letter, entry in zip("abcdefg", entries)))
    datasets = described.document()["datasets"]
    folder = described.project.resolve()
    for name, (entry, expected) in zip(names, WRITTEN):
        found = datasets[name]["path_settings"]
        assert [(setting["key"], setting["written"]) for setting in found] == expected, entry
        paths = [str(folder / written.replace("{name}", "cars")) for _, written in expected]
        assert [setting["path"] for setting in found] == paths, entry
        assert datasets[name]["local_paths"] == sorted(paths), entry


def test_a_path_may_be_an_object_that_a_resolver_makes(described):
    resolver = "'custom_resolvers': {'in': lambda name: Path('made') / name}"
    write(
        described.project / "src/demo/settings.py", f"from pathlib import Path\nCONFIG_LOADER_ARGS = {{{resolver}}}\n"
    )
    (found,) = described.datasets(["{type: pandas.CSVDataset, filepath: '${in:x.csv}'}"])
    assert found["local_paths"] == [f"{described.project.resolve()}/made/x.csv"]
    assert found["path_settings"][0]["written"] == "made/x.csv"


TABLES = [
    ("{type: a.B, table_name: cars, credentials: db}", "cars"),
    ("{type: a.B, table: cars, connection: {backend: duckdb}}", "cars"),
    ("{type: a.B, sql: select 1, con: 'sqlite:///x.db'}", None),
    ("{type: a.B, table: {name: cars}}", None),
]


def test_a_table_of_a_database_is_named(described):
    found = [dataset["table"] for dataset in described.datasets([entry for entry, _ in TABLES])]
    assert found == [table for _, table in TABLES]


def test_a_database_in_memory_is_lost_with_the_process(described):
    write(described.project / "src/demo/own.py", OWN)
    databases = "sqlite://", "sqlite:///:memory:", "duckdb:///:memory:"
    for found in described.datasets(
        [f"{{type: demo.own.Lasting, filepath: 's3://b/x', con: '{con}'}}" for con in databases]
    ):
        assert (found["local_paths"], found["address"], found["ephemeral"]) == ([], "s3://b/x", True)


def test_a_parameter_of_the_run_needs_no_value_here(described):
    described.uses("x", "y")
    described.catalog(
        "x: {type: a.B, filepath: 'data/${runtime_params:day}/x'}\n"
        "y: {type: a.B, filepath: 'data/${runtime_params:day,old}'}\n"
    )
    datasets = described.document()["datasets"]
    paths = [datasets[name]["local_paths"][0].rpartition("data/")[2] for name in ("x", "y")]
    assert paths == ["<day>/x", "old"]


def test_credentials_are_neither_needed_nor_told(described):
    write(described.project / "conf/local/credentials.yml", f"db: {{con: 'sqlite:///{SECRET}'}}\n")
    described.uses("x")
    described.catalog("x: {type: pandas.SQLTableDataset, table_name: t, credentials: db}\n")
    outcome = described.run()
    assert outcome.report["datasets"]["x"]["local_paths"] == []
    (described.project / "conf/local/credentials.yml").unlink()
    assert described.document() == outcome.report
    assert SECRET not in outcome.stdout + outcome.stderr


FIND = (
    "from kedro.framework.project import find_pipelines\n\n\ndef register_pipelines():\n    return find_pipelines({})\n"
)


@pytest.mark.parametrize("arguments", ["", "raise_errors=True"])
def test_a_pipeline_that_raises_at_import_is_named_also_where_kedro_would_leave_it_out(described, arguments):
    write(described.project / "src/demo/pipeline_registry.py", FIND.format(arguments))
    write(described.project / "src/demo/pipelines/train/__init__.py", "import not_in_the_image\n")
    error = described.error()
    assert "demo.pipelines.train" in error["message"]
    assert "No module named 'not_in_the_image'" in error["message"]
    assert error["hint"]


@pytest.mark.parametrize(
    ("registry", "message"),
    [
        ("raise RuntimeError('no')\n", "no (src/demo/pipeline_registry.py, line 1)"),
        ("def register_pipelines(:\n", "invalid syntax (src/demo/pipeline_registry.py, line 1)"),
        ("import sys\nsys.exit(3)\n", "the code called sys.exit(3) (src/demo/pipeline_registry.py, line 2)"),
        ("def register_pipelines():\n    return {'a': 1}\n", "returns no Pipeline under the name 'a', but int"),
        ("import socket\nsocket.create_connection(('127.0.0.1', 9))\n", "there is no network access"),
    ],
)
def test_a_project_that_cannot_be_loaded_is_told_with_its_reason_and_place(described, registry, message):
    write(described.project / "src/demo/pipeline_registry.py", registry)
    assert message in described.error()["message"]


@pytest.mark.parametrize(
    ("catalog", "message"),
    [
        ("x: {filepath: data/x}\n", "the dataset 'x' has no type"),
        ("x: {type: '${nowhere:x}'}\n", "Unsupported interpolation type nowhere"),
        ("x: {type: MemoryDataset, metadata: {kdeploy: {asset: [1]}}}\n", "asset of the dataset 'x' is neither true"),
    ],
)
def test_a_catalog_that_kedro_could_not_use_is_told(described, catalog, message):
    described.uses("x")
    described.catalog(catalog)
    assert message in described.error()["message"]


OWN_RUN = """\
import click


@click.group()
def cli(): ...


@cli.command({settings})
@click.option("--nodes", "-n")
@click.option("--fast/--slow")
@click.argument("rest", required=False)
def {name}(nodes, fast, rest): ...
"""


@pytest.mark.parametrize(
    ("cli", "options"),
    [
        (OWN_RUN.format(name="run", settings=""), ["--fast", "--nodes", "--slow"]),
        (OWN_RUN.format(name="report", settings=""), None),
        (OWN_RUN.format(name="run", settings='context_settings={"ignore_unknown_options": True}'), None),
        ("import not_in_the_image\n", None),
        ("", None),
        ("cli = 1\n", None),
    ],
)
def test_the_options_of_a_kedro_run_of_the_projects_own_are_told(described, cli, options):
    described.uses("x")
    write(described.project / "src/demo/cli.py", cli)
    assert described.document()["run_options"] == options


def test_a_variable_that_the_image_does_not_set_is_told_with_what_to_do(described):
    resolvers = "from omegaconf.resolvers import oc\nCONFIG_LOADER_ARGS = {'custom_resolvers': {'oc.env': oc.env}}\n"
    write(described.project / "src/demo/settings.py", resolvers)
    described.uses("x")
    described.catalog("x: {type: MemoryDataset, metadata: '${oc.env:BUCKET}'}\n")
    error = described.error()
    assert "'BUCKET' not found" in error["message"]
    assert "${oc.env:BUCKET,…}" in error["hint"]
    assert described.document(BUCKET="s3://b")["datasets"].keys() == {"x"}


def test_an_environment_that_is_not_in_the_image_is_told_with_what_to_do(described):
    described.uses("x")
    assert "KEDRO_ENV" in described.error(KEDRO_ENV="prod")["hint"]
