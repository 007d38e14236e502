"""A half-understood authentication would fail later and worse, so near misses are refused, each with its reason."""

from __future__ import annotations

import json

import pytest
from kdeploy_runtime.failure import Failure
from kdeploy_runtime.settings import read_settings
from support import SECRET

VARS = {"type": "Vars", "params": ["MLFLOW_TRACKING_USERNAME", "MLFLOW_TRACKING_PASSWORD"]}
GOOGLE = {"type": "GoogleOAuth2", "audience": None, "header": "Authorization"}


def read(document: object) -> list[tuple[str, object]]:
    text = document if isinstance(document, str) else json.dumps(document)
    return [(kind.name, settings) for kind, settings in read_settings({"KDEPLOY_AUTH": text})]


def test_types_keep_their_order_because_a_later_header_wins():
    assert [name for name, _ in read({"types": [GOOGLE, VARS]})] == ["GoogleOAuth2", "Vars"]


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"types": []}, []),
        ({"types": [VARS]}, [("Vars", ("MLFLOW_TRACKING_USERNAME", "MLFLOW_TRACKING_PASSWORD"))]),
        ({"types": [GOOGLE]}, [("GoogleOAuth2", {"audience": None, "header": "Authorization"})]),
        (
            {"types": [{**GOOGLE, "audience": "123.apps.example", "header": "Proxy-Authorization"}]},
            [("GoogleOAuth2", {"audience": "123.apps.example", "header": "Proxy-Authorization"})],
        ),
    ],
)
def test_the_shape_that_kdeploy_writes_is_read(document, expected):
    assert read(document) == expected


def test_absent_and_empty_settings_are_no_authentication():
    assert read_settings({}) == []
    assert read_settings({"KDEPLOY_AUTH": ""}) == []


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (" ", "is not valid JSON"),
        ("{", "is not valid JSON"),
        ("{'types': []}", "is not valid JSON"),
        ([], "is not a JSON object"),
        ("null", "is not a JSON object"),
        ('"Vars"', "is not a JSON object"),
        ({}, "is missing the key 'types'"),
        (VARS, "has the unknown key 'params', 'type' (known: 'types')"),
        ({"types": [], "version": 1}, "has the unknown key 'version'"),
        ({"types": VARS}, "needs a list under 'types'"),
        ({"types": None}, "needs a list under 'types'"),
        ({"types": ["Vars"]}, "has an entry without a type"),
        ({"types": [{}]}, "has an entry without a type"),
        ({"types": [{"type": None}]}, "has an entry without a type"),
        ({"types": [{"type": "vars", "params": ["A"]}]}, "'vars', which this version does not support (supported: "),
        ({"types": [{"type": "GoogleOauth2"}]}, "names the authentication type 'GoogleOauth2'"),
        ({"types": [{"type": "__class__"}]}, "names the authentication type '__class__'"),
        ({"types": [{"type": "Vars"}]}, "is missing the key 'params' in Vars"),
        ({"types": [{"type": "Vars", "parms": ["A"]}]}, "has the unknown key 'parms' in Vars (known: 'params',"),
        ({"types": [{"type": "Vars", "params": []}]}, "needs a list of variable names"),
        ({"types": [{"type": "Vars", "params": "A"}]}, "needs a list of variable names"),
        ({"types": [{"type": "Vars", "params": [1]}]}, "needs a list of variable names"),
        ({"types": [{"type": "Vars", "params": [""]}]}, "needs a list of variable names"),
        ({"types": [{"type": "Vars", "params": [f"TOKEN={SECRET}"]}]}, "needs a list of variable names"),
        ({"types": [{"type": "GoogleOAuth2"}]}, "is missing the key 'audience', 'header' in GoogleOAuth2"),
        ({"types": [{**GOOGLE, "audiance": "x"}]}, "has the unknown key 'audiance' in GoogleOAuth2"),
        ({"types": [{**GOOGLE, "audience": ""}]}, "needs a string or null under 'audience'"),
        ({"types": [{**GOOGLE, "audience": ["x"]}]}, "needs a string or null under 'audience'"),
        ({"types": [{**GOOGLE, "header": None}]}, "needs the name of an HTTP header"),
        ({"types": [{**GOOGLE, "header": "Authorization:"}]}, "needs the name of an HTTP header"),
        ({"types": [{**GOOGLE, "header": f"X\r\nY: {SECRET}"}]}, "needs the name of an HTTP header"),
        ({"types": [VARS, {"type": "Vars", "params": {}}]}, "needs a list of variable names"),
    ],
)
def test_a_near_miss_is_refused_with_its_reason_and_no_value(document, reason):
    with pytest.raises(Failure) as failure:
        read(document)
    assert failure.value.exit_code == 78
    message = str(failure.value)
    assert message.startswith("KDEPLOY_AUTH ")
    assert reason in message
    assert message.endswith("build the image again, or unset the variable where the container is started.")
    assert SECRET not in message
