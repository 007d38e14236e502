"""MLflow's own variables for user, password and token, read as MLflow reads them."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

USERNAME, PASSWORD, TOKEN = "MLFLOW_TRACKING_USERNAME", "MLFLOW_TRACKING_PASSWORD", "MLFLOW_TRACKING_TOKEN"
KINDS = {USERNAME: "user", PASSWORD: "password", TOKEN: "token"}
FROM_A_FILE = " (a Kubernetes Secret that was created from a file contains its line break)"


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


def problems(environ: Mapping[str, str]) -> list[str]:
    """Values that cannot be meant: sentences that name the variable and never show the value."""
    from kdeploy_runtime.authentication.credential_value import flaw_of

    flaws = [(name, flaw_of(environ[name], kind)) for name, kind in KINDS.items() if environ.get(name)]
    return [
        f"{name} {flaw}: correct the value{FROM_A_FILE if flaw.endswith('line break') else ''}."
        for name, flaw in flaws
        if flaw
    ]


def remarks(environ: Mapping[str, str]) -> list[str]:
    """What may be why a server refused them: ``MLFLOW_TRACKING_PASSWORD ends with a space``."""
    from kdeploy_runtime.authentication.credential_value import suspicion_of

    found = [(name, suspicion_of(environ[name], kind)) for name, kind in KINDS.items() if environ.get(name)]
    return [f"{name} {suspicion}" for name, suspicion in found if suspicion]


def secrets(environ: Mapping[str, str]) -> list[str]:
    """Values that a server might echo, and no message may show."""
    sent = authorization(environ)
    values = [environ.get(PASSWORD), environ.get(TOKEN), sent.partition(" ")[2] if sent else None]
    return [value for value in values if value]


def _credentials_file() -> Mapping[str, str]:
    import configparser

    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read(os.path.expanduser("~/.mlflow/credentials"))
    except (configparser.Error, OSError, ValueError):
        return {}
    return parser["mlflow"] if parser.has_section("mlflow") else {}
