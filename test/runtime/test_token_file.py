"""A projected token is rewritten while the task runs."""

from __future__ import annotations

import pytest
from kdeploy_runtime.authentication.shape import ShapeError
from kdeploy_runtime.authentication.token_file import TokenFile
from kdeploy_runtime.authentication.tokens import TokenError
from support import write


def settings(path):
    return TokenFile().read({"type": "TokenFile", "path": str(path), "header": "Authorization"})


def test_the_token_is_read_again_when_it_was_replaced_as_kubernetes_does(tmp_path):
    write(tmp_path / "..1/token", "first\n")
    write(tmp_path / "..2/token", "second\n")
    (tmp_path / "..data").symlink_to("..1")
    (tmp_path / "token").symlink_to("..data/token")
    token = TokenFile().bearer_token(settings(tmp_path / "token"), {})
    assert token.value() == "Bearer first"
    (tmp_path / "..new").symlink_to("..2")
    (tmp_path / "..new").replace(tmp_path / "..data")
    assert token.value() == "Bearer second"


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (None, "cannot be read: No such file"),
        ("", "is empty"),
        ("\n", "is empty"),
        ("a b\n", "not a single word"),
        ('"hunter2"\n', "is in quotation marks"),
        ("hunter2…", "contains a character that no HTTP header can carry"),
    ],
)
def test_an_unfit_file_is_told(tmp_path, content, problem):
    path = tmp_path / "token"
    if content is not None:
        write(path, content)
    (found,) = TokenFile().check(settings(path), {})
    assert f"The token in {path} " in found
    assert problem in found
    assert "hunter2" not in found
    with pytest.raises(TokenError, match=problem):
        TokenFile().bearer_token(settings(path), {}).value()


def test_a_path_is_needed():
    with pytest.raises(ShapeError, match="'path'"):
        TokenFile().read({"type": "TokenFile", "path": "", "header": "Authorization"})
