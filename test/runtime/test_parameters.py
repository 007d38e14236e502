"""What MLflow's stores do when two tasks log one parameter at once, call by call."""

from __future__ import annotations

import pytest
from kdeploy_runtime.hook import parameters
from kdeploy_runtime.hook.parameters import ParameterChanged
from mlflow.entities import Metric, Param
from mlflow.exceptions import MlflowException


class Client:
    """Refuses the first ``refusals`` calls as a store does that lost a race: the other's write is there then."""

    def __init__(self, logged: dict[str, str], refusals: int = 1) -> None:
        self.logged: dict[str, str] = {}
        self.others = logged
        self.refusals = refusals
        self.calls: list[object] = []
        self.tags: dict[str, str] = {}

    def log_param(self, run_id, key, value):
        self._refuse_or_log(key, [(key, str(value))])
        return value

    def log_batch(self, run_id, metrics=(), params=(), tags=()):
        self._refuse_or_log([param.key for param in params], [(param.key, param.value) for param in params])

    def _refuse_or_log(self, call, pairs):
        self.calls.append(call)
        if self.refusals > 0:
            self.refusals -= 1
            self.logged.update(self.others)
            raise MlflowException("UNIQUE constraint failed: params.key, params.run_uuid")
        if any(self.logged.get(key, value) != value for key, value in pairs):
            raise MlflowException("Changing param values is not allowed")
        self.logged.update(pairs)

    def get_run(self, run_id):
        class Run:
            class data:  # noqa: N801 - MLflow's name
                params = dict(self.logged)

        return Run

    def set_tag(self, run_id, key, value):
        self.tags[key] = value


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    monkeypatch.setattr(parameters, "_let_the_other_go_first", lambda: None)


def log_param(client, key, value):
    return parameters.log_param(Client.log_param, client, "r", key, value)


def log_batch(client, **params):
    given = [Param(key, value) for key, value in params.items()]
    return parameters.log_batch(Client.log_batch, client, "r", [Metric("m", 1.0, 0, 0)], given)


def test_a_lost_race_for_the_same_value_is_none():
    client = Client({"rate": "1"})
    assert log_param(client, "rate", 1) == 1
    assert client.calls == ["rate"]


def test_a_store_that_refused_without_reason_is_asked_again():
    client = Client({})
    log_param(client, "rate", 1)
    assert (client.calls, client.logged) == (["rate", "rate"], {"rate": "1"})


def test_a_store_that_keeps_refusing_is_believed():
    client = Client({}, refusals=100)
    with pytest.raises(MlflowException, match="UNIQUE"):
        log_param(client, "rate", 1)
    with pytest.raises(MlflowException, match="UNIQUE"):
        log_batch(client, rate="1")


def test_of_many_those_that_are_there_are_left_out_and_the_rest_is_logged():
    client = Client({"a": "1"})
    log_batch(client, a="1", b="2")
    assert client.calls == [["a", "b"], ["b"]]
    assert client.logged == {"a": "1", "b": "2"}


def test_another_value_is_told_with_both(monkeypatch):
    for call in (lambda client: log_param(client, "rate", 2), lambda client: log_batch(client, rate="2", b="3")):
        with pytest.raises(ParameterChanged, match=r"'rate' is '1' there, '2' here"):
            call(Client({"rate": "1"}))


def test_or_kept_and_recorded_by_choice(monkeypatch):
    monkeypatch.setenv("KDEPLOY_ON_CHANGED_PARAMETER", "keep")
    client = Client({"rate": "1"})
    log_batch(client, rate="2", b="3")
    assert client.logged == {"rate": "1", "b": "3"}
    assert client.tags == {"kdeploy.changed_parameter.rate": "2"}


def test_a_value_that_mlflow_cut_is_the_same_value():
    client = Client({"long": "x" * 500})
    log_param(client, "long", "x" * 700)
    with pytest.raises(ParameterChanged):
        log_param(Client({"long": "x" * 100}), "long", "x" * 700)
