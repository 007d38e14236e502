"""What is wrong with a credential's value: the same cases as test/unit/authentication reads."""

from __future__ import annotations

import json

import pytest
from kdeploy_runtime.authentication.credential_value import flaw_of, suspicion_of, trimmed_secret
from support import FIXTURES

CASES = json.loads((FIXTURES / "credentials.json").read_text("utf-8"))


@pytest.mark.parametrize(("kind", "value", "flaw"), CASES["flaws"])
def test_a_flaw(kind, value, flaw):
    assert flaw_of(value, kind) == flaw


@pytest.mark.parametrize(("kind", "value", "suspicion"), CASES["suspicions"])
def test_what_is_remarked_once_it_was_refused(kind, value, suspicion):
    assert suspicion_of(value, kind) == suspicion


@pytest.mark.parametrize(("text", "secret"), CASES["trimmed"])
def test_a_secret_in_a_file(text, secret):
    assert trimmed_secret(text) == secret
