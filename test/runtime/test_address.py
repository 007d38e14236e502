"""An address is told by its scheme, not by its first letters."""

from __future__ import annotations

import pytest
from kdeploy_runtime.network.address import clean_addresses, flaw_of, is_http, is_ordinary, scheme_of


@pytest.mark.parametrize(
    ("address", "scheme"),
    [
        ("http://mlflow", "http"),
        ("HTTPS://mlflow", "https"),
        (" https://mlflow", "https"),
        ("\r\n\thttp://mlflow", "http"),
        ("\ufeffhttp://mlflow", "http"),
        ("http:mlflow", "http"),
        ("httpx://mlflow", "httpx"),
        ("http", ""),
        ("https//mlflow", ""),
        ("httpd/mlruns", ""),
        ("sqlite:///http://x", "sqlite"),
        ("databricks", ""),
        ("databricks://http", "databricks"),
        ("", ""),
    ],
)
def test_a_scheme(address, scheme):
    assert scheme_of(address) == scheme
    assert is_http(address) == (scheme in ("http", "https"))


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("http://mlflow:5000", True),
        ("https://mlflow_server.example.org/team", True),
        ("http://127.0.0.1:5000/", True),
        ("https://mlflow.example.org/#/experiments/1", False),
        ("https://mlflow.example.org/api/2.0", False),
        ("https://me:pw@mlflow.example.org", False),
        ("https://[::1]:5000", False),
        ("https://mlflow:65536", False),
        ("https://mlflow:", True),
        ("https://mlflow/a b", False),
        ("https:mlflow", False),
    ],
)
def test_what_is_looked_at_more_closely(address, expected):
    assert is_ordinary(address) == expected


@pytest.mark.parametrize(
    "address",
    [
        "https://[::1]:5000",
        "https://me:pa ss@mlflow.example.org",
        "https://me:hunter#2@mlflow.example.org",
        "http://mlflow.example.org:0080",
        "http://münchen.example.org",
    ],
)
def test_what_may_be_called_has_no_flaw(address):
    assert flaw_of({"X": address}, "X") is None


def test_only_addresses_with_something_around_them_are_changed():
    environ = {"MLFLOW_TRACKING_URI": " http://a b\n", "MLFLOW_REGISTRY_URI": "sqlite:///m.db", "OTHER_URI": " x"}
    clean_addresses(environ)
    assert environ == {"MLFLOW_TRACKING_URI": "http://a b", "MLFLOW_REGISTRY_URI": "sqlite:///m.db", "OTHER_URI": " x"}
    clean_addresses({})
