"""Where a dataset keeps its data, read from its configuration: local paths, an address, or the process's memory."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

from kdeploy_runtime.redaction.addresses import HIDDEN, redact_addresses

LOCAL = ("file", "local")
DATABASES_IN_FILES = ("sqlite", "duckdb")
CONTAINERS = ("abfs", "abfss", "wasb", "wasbs")  # container@account: what is before the @ is no user
IN_MEMORY = ":memory:"
ELSEWHERE = {"load_args", "save_args", "fs_args", "metadata", "type"}  # options of readers and writers
OF_PYTHON = {"import_path", "function_path", "class_path", "module_path", "python_path"}
# artifact_path: within the MLflow run, which all tasks share
NO_PATHS = {*OF_PYTHON, "artifact_path", "json_path", "jsonpath", "xpath"}
ADDRESSES = {"url", "uri", "con", "connection", "connection_string", "base_url", "endpoint_url"}
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):(?://|(?=/))")


@dataclass(frozen=True)
class LocalPath:
    """``written`` is the path as the catalog has it, with the names of a pattern: ``data/{name}.csv``."""

    key: str
    path: str
    written: str


@dataclass
class Places:
    local: list[LocalPath] = field(default_factory=list)
    address: str | None = None
    in_memory: bool = False

    @property
    def local_paths(self) -> list[str]:
        return sorted({found.path for found in self.local})


def find_places(config: dict[str, Any], folder: str, written: Any = None) -> Places:
    """Of the dataset and the datasets within it (PartitionedDataset, CachedDataset); the first address counts.

    ``written`` is the same configuration before its pattern was resolved.
    """
    places = Places()
    texts = list(_texts(config))
    originals = [value for _, value in _texts(written)]
    if len(originals) != len(texts):
        originals = [value for _, value in texts]
    for (key, value), original in zip(texts, originals):
        _add(places, key, value, original, folder)
    return places


def clean_address(address: str) -> str:
    """Without user, password, query and fragment."""
    scheme, separator, rest = redact_addresses(address.strip()).partition("://")
    if not separator:
        return re.split("[?#]", scheme)[0]
    authority, slash, path = re.split("[?#]", rest)[0].partition("/")
    user, _, host = authority.rpartition("@")
    keeps_user = scheme.lower() in CONTAINERS and HIDDEN not in user and ":" not in user
    return f"{scheme}://{authority if keeps_user else host}{slash}{path}"


def _texts(config: Any, key: str = "") -> Iterator[tuple[str, str]]:
    """Each text with its key; of credentials, only the connection string of a database."""
    if isinstance(config, dict):
        if str(config.get("backend")).lower() in DATABASES_IN_FILES and isinstance(config.get("database"), str):
            yield "database", config["database"]
        for name, value in config.items():
            if name == "credentials":
                con = value.get("con") if isinstance(value, dict) else None
                if isinstance(con, str) and _database_file(con) is not None:
                    yield "con", con
            elif name not in ELSEWHERE and name != "database":
                yield from _texts(value, str(name))
    elif isinstance(config, list):
        for value in config:
            yield from _texts(value, key)
    elif isinstance(config, (str, PurePath)):  # a resolver of the project's own may make a Path
        yield key, str(config)


def _add(places: Places, key: str, value: str, original: str, folder: str) -> None:
    file = _file_of_database(key, value)
    if file is not None:
        if file in ("", IN_MEMORY):
            places.in_memory = True
        else:
            places.local.append(LocalPath(key, _absolute(file, folder), _file_of_database(key, original) or file))
        return
    if not (_is_path_key(key) or key in ADDRESSES):
        return
    scheme, rest = _parts(value)
    if scheme is None or scheme in LOCAL:
        if rest and (scheme is not None or _is_path_key(key)):
            places.local.append(LocalPath(key, _absolute(rest, folder), _parts(original)[1]))
    elif scheme == "memory":
        places.in_memory = True
    elif places.address is None:
        places.address = clean_address(_last_of_chain(value))


def _parts(value: str) -> tuple[str | None, str]:
    """The scheme, and what comes after it."""
    value = _last_of_chain(value)
    found = _SCHEME.match(value)
    return (found.group(1).lower(), value[found.end() :]) if found else (None, value)


def _last_of_chain(value: str) -> str:
    """Of fsspec's: simplecache::s3://…, zip://x.csv::file.zip."""
    return value.strip().rpartition("::")[2]


def _file_of_database(key: str, value: str) -> str | None:
    return value if key == "database" else _database_file(value)


def _is_path_key(key: str) -> bool:
    return key in ("filename", "file", "folder", "directory", "dirname") or (
        key.endswith("path") and key not in NO_PATHS
    )


def _database_file(value: str) -> str | None:
    """Of ``sqlite:///data/x.db``, empty for one in memory; None if it is not a database in a file."""
    found = re.match(r"(\w+)(?:\+\w+)?://", value.strip())
    if found is None or found.group(1).lower() not in DATABASES_IN_FILES:
        return None
    path = value.strip()[found.end() :].partition("?")[0]
    path = path[1:] if path.startswith("/") else path
    return path[5:] if path.startswith("file:") else path


def _absolute(path: str, folder: str) -> str:
    return posixpath.normpath(posixpath.join(folder, path))
