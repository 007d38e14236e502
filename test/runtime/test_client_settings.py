"""Addresses that MLflow's client cannot use; the host side reads the same cases."""

from __future__ import annotations

import json

import pytest
from kdeploy_runtime.failure import Failure
from kdeploy_runtime.server.client_settings import expect_usable
from support import FIXTURES

URIS = json.loads((FIXTURES / "tracking-uris.json").read_text("utf-8"))


@pytest.mark.parametrize(("uri", "of", "server"), URIS)
def test_an_address_of_a_page(uri, of, server):
    environ = {"MLFLOW_TRACKING_URI": uri}
    if of is None:
        expect_usable(environ)
        return
    with pytest.raises(Failure) as raised:
        expect_usable(environ)
    message = str(raised.value)
    assert f"the address of {of}, not of a server: set it to {server}." in message
    assert "hunter2" not in message
