"""A password in a URI must not leave the container in a report; an innocent URI must arrive as it is."""

from __future__ import annotations

import pytest
from kdeploy_runtime.self_test.redaction import redact


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://user:hunter2@host:5000/x", "https://***@host:5000/x"),
        ("https://hunter2@host", "https://***@host"),
        ("https://user:@host", "https://***@host"),
        ("https://user:hun@ter2@host/x", "https://***@host/x"),
        ("https://user:hun/ter2@host/x", "https://***@host/x"),
        ("https://user:hun?ter#2@host/x", "https://***@host/x"),
        ("postgresql+psycopg2://u:hunter2@db/mlflow", "postgresql+psycopg2://***@db/mlflow"),
        ("cannot reach 'http://u:hunter2@a' nor http://v:hunter2@b.", "cannot reach 'http://***@a' nor http://***@b."),
        ("https://host/x?access_token=hunter2&a=1", "https://host/x?access_token=***&a=1"),
    ],
)
def test_what_may_be_a_secret_is_hidden(text, expected):
    assert redact(text) == expected
    assert "hunter2" not in redact(text)


@pytest.mark.parametrize(
    "text",
    [
        "https://host:5000/path@v2",
        "http://127.0.0.1:5000",
        "http://[::1]:5000/",
        "http://host:5000?x=a@b",
        "file:///home/kedro_docker/mlruns",
        "sqlite:////data/m@l.db",
        "databricks://profile",
        "databricks-uc",
        "mail me@example.org about http://host",
    ],
)
def test_an_innocent_uri_is_left_alone(text):
    assert redact(text) == text
