"""An MLflow server's guards, for containers: one wants an ID token, the other a password.

Started by test/support/guarded-mlflow.ts, with JSON as its one argument. Its first line tells where everything is; it
ends when its stdin does, and so with whoever started it.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from http_server import Answer, HttpServer, Request
from token_issuer import TokenIssuer
from verifying_proxy import VerifyingProxy, basic, bearer


def main(options: dict[str, Any]) -> None:
    HttpServer.address = options["address"]
    with TokenIssuer(options["password"]) as issuer:
        issuer.lifetime = options["lifetime"]
        by_token = VerifyingProxy(options["mlflow"], bearer(issuer.keys.public, options["audience"]))
        by_password = VerifyingProxy(options["mlflow"], basic(options["username"], options["password"]))

        def watch(request: Request) -> Answer:
            return Answer.json(200, {"token": seen_by(by_token), "password": seen_by(by_password)})

        with by_token, by_password, HttpServer(watch) as watcher:
            key_file = issuer.service_account_file(Path(options["key_file"]))
            key_file.chmod(0o644)  # for the container's user
            print(
                json.dumps({"byToken": by_token.url, "byPassword": by_password.url, "watch": watcher.url}), flush=True
            )
            sys.stdin.read()


def seen_by(proxy: VerifyingProxy) -> dict[str, Any]:
    calls = list(proxy.calls)
    return {
        "calls": [f"{call.method} {call.path}" for call in calls if call.status != 401],
        "refused": [f"{call.method} {call.path}" for call in calls if call.status == 401],
        "credentials": len({call.credential for call in calls if call.status != 401}),
    }


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
