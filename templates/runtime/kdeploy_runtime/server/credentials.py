"""MLflow's own variables for user, password, token and certificates, read as MLflow reads them."""

from __future__ import annotations

import configparser
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

USERNAME, PASSWORD, TOKEN = "MLFLOW_TRACKING_USERNAME", "MLFLOW_TRACKING_PASSWORD", "MLFLOW_TRACKING_TOKEN"
TRUE = ("true", "1")


def authorization(environ: Mapping[str, str]) -> str | None:
    """The Authorization header of MLflow's own client: basic before bearer."""
    import base64

    username, password = environ.get(USERNAME), environ.get(PASSWORD)
    if not (username and password):
        from_file = _credentials_file()
        username = username or from_file.get(USERNAME.lower())
        password = password or from_file.get(PASSWORD.lower())
    if username and password:
        return "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()
    token = environ.get(TOKEN)
    return f"Bearer {token}" if token else None


def tls(environ: Mapping[str, str]) -> dict[str, object]:
    """``verify`` and ``cert`` for requests, which itself reads REQUESTS_CA_BUNDLE."""
    ca_bundle = environ.get("MLFLOW_TRACKING_SERVER_CERT_PATH")
    ignored = environ.get("MLFLOW_TRACKING_INSECURE_TLS", "").lower() in TRUE
    return {"verify": ca_bundle or not ignored, "cert": environ.get("MLFLOW_TRACKING_CLIENT_CERT_PATH") or None}


def secrets(environ: Mapping[str, str]) -> list[str]:
    """Values that a server might echo, and no message may show."""
    sent = authorization(environ)
    values = [environ.get(PASSWORD), environ.get(TOKEN), sent.partition(" ")[2] if sent else None]
    return [value for value in values if value]


def _credentials_file() -> Mapping[str, str]:
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read(os.path.expanduser("~/.mlflow/credentials"))
    except (configparser.Error, OSError, ValueError):
        return {}
    return parser["mlflow"] if parser.has_section("mlflow") else {}
