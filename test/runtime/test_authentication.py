"""Each authentication type: what it finds missing, and what it adds."""

from __future__ import annotations

import pytest
from kdeploy_runtime.authentication import AUTHENTICATION_TYPES, load_type
from kdeploy_runtime.authentication.google_oauth2 import GoogleOAuth2
from kdeploy_runtime.authentication.variables import Variables


@pytest.mark.parametrize("name", AUTHENTICATION_TYPES)
def test_a_type_is_found_under_the_name_it_bears(name):
    assert load_type(name).name == name


@pytest.mark.parametrize(
    ("environ", "missing"),
    [
        ({"A": "1", "B": "2"}, None),
        ({"A": "1", "AIRFLOW_VAR_B": "2"}, None),
        ({"A": "1"}, "B is not set"),
        ({"A": "1", "B": ""}, "B is not set"),
        ({"A": "1", "b": "2"}, "B is not set"),
        ({"A": "1", "AIRFLOW_VAR_B": ""}, "B is not set"),
        ({"A": "1", "AIRFLOW_VAR_b": "2"}, "B is not set"),
        ({}, "A and B are not set"),
    ],
)
def test_vars_must_be_set_and_not_empty(environ, missing):
    problems = Variables().check(("A", "B"), environ)
    assert [missing] * bool(missing) == [problem[: len(missing)] for problem in problems]


def test_three_missing_variables_read_as_a_list():
    assert Variables().check(("A", "B", "C"), {})[0].startswith("A, B and C are not set (or empty)")


def test_an_airflow_variable_is_exported_only_where_the_plain_one_is_not_set():
    environ = {"A": "own", "AIRFLOW_VAR_A": "airflow", "b": "", "AIRFLOW_VAR_B": "airflow"}
    assert Variables().exports(("A", "b"), environ) == {"b": "airflow"}


@pytest.mark.parametrize(
    ("audience", "environ", "is_known"),
    [
        ("baked", {}, True),
        (None, {"GOOGLE_AUDIENCE": "given"}, True),
        (None, {"GOOGLE_AUDIENCE": ""}, False),
        (None, {"google_audience": "given"}, False),
        (None, {}, False),
    ],
)
def test_a_google_token_needs_an_audience(audience, environ, is_known):
    problems = GoogleOAuth2().check({"audience": audience, "header": "Authorization"}, environ)
    assert is_known == (problems == [])
    assert all("GOOGLE_AUDIENCE" in problem for problem in problems)
