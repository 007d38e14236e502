"""What is a secret in an address, and what is shown of it: the same cases as test/unit/secrets reads."""

from __future__ import annotations

import json

import pytest
from kdeploy_runtime.redaction import secret_names
from kdeploy_runtime.redaction.addresses import redact_addresses, secret_in_address
from kdeploy_runtime.redaction.words import redact_words
from support import FIXTURES

CASES = json.loads((FIXTURES / "redaction.json").read_text("utf-8"))


@pytest.mark.parametrize("name", sorted(CASES["lists"]))
def test_both_languages_have_the_same_lists(name):
    assert list(getattr(secret_names, name)) == CASES["lists"][name]


@pytest.mark.parametrize("name", CASES["names"]["secret"])
def test_the_name_of_a_secret(name):
    assert secret_names.is_secret_name(name)


@pytest.mark.parametrize("name", CASES["names"]["harmless"])
def test_a_name_that_only_looks_like_one(name):
    assert not secret_names.is_secret_name(name)


@pytest.mark.parametrize(("address", "secret", "shown"), CASES["addresses"])
def test_an_address(address, secret, shown):
    assert secret_in_address(address) == secret
    assert redact_addresses(address) == (address if shown is None else shown)
    assert "hunter2" not in redact_addresses(address)
    assert redact_addresses(redact_addresses(address)) == redact_addresses(address)


@pytest.mark.parametrize(("text", "shown"), CASES["sentences"])
def test_an_address_in_a_sentence(text, shown):
    assert redact_addresses(text) == (text if shown is None else shown)


@pytest.mark.parametrize(("text", "shown"), CASES["words"])
def test_another_programs_words(text, shown):
    assert redact_words(text) == shown


def test_every_known_secret_is_hidden_the_longer_ones_first():
    assert redact_words("hunter2-long and hunter2", ["hunter2", "hunter2-long", ""]) == "*** and ***"
    assert len(redact_words("word " * 1000)) == 301


@pytest.mark.parametrize(
    "text", ["a" * 500_000, "a://" * 100_000, "?token" * 50_000, ":@" * 100_000, "a://b:c " * 50_000, ";a=" * 100_000]
)
def test_text_that_was_made_to_slow_it_down_takes_linear_time(text):
    assert redact_addresses(f"x {text}")
