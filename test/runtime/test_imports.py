"""Imports stand late, inside functions, where no linter looks: each must name what the runtime has."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from support import RUNTIME

FILES = sorted((RUNTIME / "kdeploy_runtime").rglob("*.py"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(RUNTIME)))
def test_a_late_import_names_what_the_runtime_has(file):
    for module, name in _own_imports(ast.parse(file.read_text("utf-8"))):
        source = _file_of(module)
        assert source is not None, f"{module} is not there"
        assert name in _names_in(source) or _file_of(f"{module}.{name}"), f"{module} has no {name}"


def _own_imports(tree: ast.AST) -> list[tuple[str, str]]:
    return [
        (node.module, alias.name)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "kdeploy_runtime"
        for alias in node.names
    ]


def _file_of(module: str) -> Path | None:
    path = RUNTIME.joinpath(*module.split("."))
    return next((file for file in (path.with_suffix(".py"), path / "__init__.py") if file.is_file()), None)


def _names_in(file: Path) -> set[str]:
    tree = ast.parse(file.read_text("utf-8"))
    stored = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    defined = {node.name for node in tree.body if isinstance(node, (ast.FunctionDef, ast.ClassDef))}
    imported = {
        alias.asname or alias.name for node in tree.body if isinstance(node, ast.ImportFrom) for alias in node.names
    }
    return stored | defined | imported
