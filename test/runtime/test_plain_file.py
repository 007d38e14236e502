"""Files that are mounted into the container, and what may be in their place."""

import os

import pytest
from kdeploy_runtime.authentication.google_credentials import CredentialsProblem, find_file_credentials
from kdeploy_runtime.authentication.secrets_at_hand import SecretMissing, from_file
from kdeploy_runtime.network import tls
from kdeploy_runtime.plain_file import MAXIMUM_BYTES, read_plain_file


def test_the_text_comes_with_line_breaks_as_python_has_them(tmp_path):
    (tmp_path / "file").write_bytes(b"a\r\n\xc3\xa4")
    assert read_plain_file(str(tmp_path / "file")) == "a\nä"
    assert read_plain_file(str(tmp_path / "file"), "latin-1") == "a\nÃ¤"
    (tmp_path / "link").symlink_to("file")
    assert read_plain_file(str(tmp_path / "link")) == "a\nä"


def pipe(path):
    os.mkfifo(path)


def huge(path):
    with path.open("wb") as file:
        file.truncate(MAXIMUM_BYTES + 1)


PLACES = [
    (pipe, "not an ordinary file"),
    (lambda path: path.symlink_to("/dev/zero"), "not an ordinary file"),
    (huge, "larger than 67108864 bytes"),
    (lambda path: path.mkdir(), "directory"),
    (lambda path: path.symlink_to("nowhere"), "No such file"),
]


@pytest.mark.parametrize(("make", "problem"), PLACES)
def test_nothing_but_an_ordinary_file_is_waited_for(tmp_path, make, problem):
    path = tmp_path / "file"
    make(path)
    with pytest.raises(OSError, match=problem):
        read_plain_file(str(path))
    with pytest.raises(SecretMissing, match=rf"The token in {path} cannot be read: .*{problem}"):
        from_file(str(path), "token", {})
    with pytest.raises(CredentialsProblem, match=f"cannot be read: .*{problem}"):
        find_file_credentials({"GOOGLE_APPLICATION_CREDENTIALS": str(path)})
    (found,) = tls.mlflow_problems({"MLFLOW_TRACKING_CLIENT_CERT_PATH": str(path)}, "https://mlflow.example.com")
    assert f"{path}, which " in found
