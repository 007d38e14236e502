"""The whole of it: a real `kedro run` behind a verifying proxy, for longer than three tokens live."""

from __future__ import annotations

import json
import sys
import threading
import time
from pathlib import Path

from support import SECRET, run_runtime
from verifying_proxy import VerifyingProxy, basic, bearer

LIFETIME = 3
GOOGLE = {"type": "GoogleOAuth2", "audience": "mlflow", "header": "Proxy-Authorization"}
VARS = {"type": "Vars", "params": ["MLFLOW_TRACKING_USERNAME", "MLFLOW_TRACKING_PASSWORD"]}


def test_every_call_is_authenticated_for_longer_than_three_tokens_live(tracked, mlflow_server, issuer, tmp_path):
    """Through IAP and MLflow's own login, artifacts too; the server is away for a while in the middle."""
    issuer.lifetime = LIFETIME
    checks = bearer(issuer.keys.public, "mlflow", "Proxy-Authorization"), basic("me", SECRET)
    with VerifyingProxy(mlflow_server.url, *checks) as proxy:
        env = {
            **tracked.environment,
            "PATH": f"{Path(sys.executable).parent}:{tracked.environment['PATH']}",
            "MLFLOW_TRACKING_URI": proxy.url,
            "MLFLOW_TRACKING_AUTH": "kdeploy",
            "KDEPLOY_AUTH": json.dumps({"types": [GOOGLE, VARS]}),
            "MLFLOW_TRACKING_USERNAME": "me",
            "MLFLOW_TRACKING_PASSWORD": SECRET,
            "GOOGLE_APPLICATION_CREDENTIALS": str(issuer.service_account_file(tmp_path / "key.json")),
            "KDEPLOY_RUN_KEY": "long",
            "SECONDS": str(3.5 * LIFETIME),
        }
        away = threading.Thread(target=be_away, args=(proxy,))
        away.start()
        result = run_runtime(["kedro", "run", "--pipeline", "long"], env, cwd=tracked.project)
        away.join()
        assert result.returncode == 0, result.stdout + result.stderr
        assert proxy.refused == []
        paths = [call.path for call in proxy.calls]
        tokens = {call.credential.split()[0] for call in proxy.calls}

    run = tracked.run()
    assert (run.info.run_name, run.info.status) == ("long", "RUNNING")
    steps = tracked.client.get_metric_history(run.info.run_id, "progress")
    uploaded = mlflow_server.artifacts(run.info.run_id, "steps")
    assert len(steps) == len(uploaded) > 5
    assert any("mlflow-artifacts" in path for path in paths)
    assert len(tokens) >= 4, "three renewals at least"
    assert len(issuer.asked) < len(paths) / 3, "a token is used for many calls"
    for secret in (SECRET, "PRIVATE KEY", *tokens):
        assert secret not in result.stdout + result.stderr
        assert not mlflow_server.holds(secret)


def be_away(proxy: VerifyingProxy) -> None:
    """Down in the middle of the run: MLflow's client tries again, with a token that has ended meanwhile."""
    end = time.monotonic() + 60
    while not any("log-metric" in call.path for call in proxy.calls) and time.monotonic() < end:
        time.sleep(0.1)
    proxy.stop()
    time.sleep(1.5)
    proxy.start()


def test_untracked_the_pipeline_still_does_its_work(tracked):
    outcome = tracked.task(
        MLFLOW_TRACKING_URI="http://127.0.0.1:9",
        KDEPLOY_ON_UNREACHABLE="warn",
        KDEPLOY_WAIT_SECONDS="0",
        KDEPLOY_RUN_KEY="k",
    )
    assert outcome.code == 0, outcome.stdout + outcome.stderr
    assert "the task runs UNTRACKED" in outcome.stderr
    assert tracked.runs() == []
