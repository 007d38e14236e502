"""The certificates that requests and MLflow's client read from the environment; kdeploy's host side reads the same
(src/network/tls.ts, src/mlflow/tls.ts, test/fixtures/tls.json).
"""

from __future__ import annotations

import os

from kdeploy_runtime.network.address import scheme_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

REQUESTS_BUNDLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
INSECURE, SERVER_CERT = "MLFLOW_TRACKING_INSECURE_TLS", "MLFLOW_TRACKING_SERVER_CERT_PATH"
CLIENT_CERT = "MLFLOW_TRACKING_CLIENT_CERT_PATH"
BOOLEANS = (INSECURE, "MLFLOW_TRACKING_AWS_SIGV4")
TRUE, FALSE = ("true", "1"), ("false", "0")

VARIABLES = (*REQUESTS_BUNDLES, *BOOLEANS, SERVER_CERT, CLIENT_CERT)
"""All that is read here."""

_CERTIFICATE = r"-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----"
_PRIVATE_KEY = r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----"
_ENCRYPTED_KEY = r"-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED"
_HASHED_NAME = r"[0-9a-f]{8}\.\d+\Z"
"""OpenSSL finds a certificate in a folder by the hash of its subject."""


def requests_problems(environ: Mapping[str, str]) -> list[str]:
    """What would keep any https call from being made: sentences that name the variable."""
    variable = _bundle_of_requests(environ)
    return _authority_problems(variable, environ[variable]) if variable else []


def mlflow_problems(environ: Mapping[str, str], uri: str) -> list[str]:
    """What would keep MLflow's client from calling ``uri``."""
    problems = [
        f"{name} must be true or false, which MLflow insists on."
        for name in BOOLEANS
        if environ.get(name) and environ[name].lower() not in (*TRUE, *FALSE)
    ]
    if is_insecure(environ) and environ.get(SERVER_CERT):
        problems.append(
            f"{INSECURE} and {SERVER_CERT} are both set, and MLflow accepts only one of them: unset {INSECURE}."
        )
    elif scheme_of(uri) == "https":
        if environ.get(SERVER_CERT):
            problems += _authority_problems(SERVER_CERT, environ[SERVER_CERT])
        elif not is_insecure(environ):
            problems += requests_problems(environ)
    if environ.get(CLIENT_CERT):
        problems += _client_certificate_problems(environ[CLIENT_CERT])
    return problems


def is_insecure(environ: Mapping[str, str]) -> bool:
    """Whether MLflow's client accepts any certificate."""
    return environ.get(INSECURE, "").lower() in TRUE


def for_requests(environ: Mapping[str, str]) -> dict[str, object]:
    """``verify`` and ``cert`` of MLflow's client, for requests, which reads its own variables itself."""
    return {
        "verify": environ.get(SERVER_CERT) or not is_insecure(environ),
        "cert": environ.get(CLIENT_CERT) or None,
    }


def _bundle_of_requests(environ: Mapping[str, str]) -> str | None:
    return next((name for name in REQUESTS_BUNDLES if environ.get(name)), None)


def _authority_problems(variable: str, path: str) -> list[str]:
    try:
        if os.path.isdir(path):
            files = [entry.path for entry in os.scandir(path) if _has(_HASHED_NAME, entry.name) and not entry.is_dir()]
            without = f"{path}, a folder without certificates under the names that `openssl rehash` creates"
        else:
            files, without = [path], f"{path}, which contains no certificate in PEM format"
        is_found = any(_has(_CERTIFICATE, _read(file)) for file in files)
    except OSError as error:
        return [_unreadable(variable, path, error)]
    return [] if is_found else [_unfit(variable, without)]


def _client_certificate_problems(path: str) -> list[str]:
    if os.path.isdir(path):
        return [_unfit(CLIENT_CERT, f"{path}, which is a folder")]
    try:
        text = _read(path)
    except OSError as error:
        return [_unreadable(CLIENT_CERT, path, error)]
    if not _has(_CERTIFICATE, text):
        return [_unfit(CLIENT_CERT, f"{path}, which contains no certificate in PEM format")]
    if _has(_ENCRYPTED_KEY, text):
        return [_unfit(CLIENT_CERT, f"{path}, whose private key is encrypted with a passphrase")]
    return [] if _has(_PRIVATE_KEY, text) else [_unfit(CLIENT_CERT, f"{path}, which contains no private key")]


def _has(pattern: str, text: str) -> bool:
    import re  # the entrypoint of a task without these variables needs none

    return re.search(pattern, text, re.MULTILINE) is not None


def _read(path: str) -> str:
    from kdeploy_runtime.plain_file import read_plain_file  # only a task with these variables needs it

    return read_plain_file(path, "latin-1")


def _unreadable(variable: str, path: str, error: OSError) -> str:
    is_missing = isinstance(error, (FileNotFoundError, NotADirectoryError))
    return _unfit(variable, f"{path}, which {'does not exist' if is_missing else 'cannot be read'}")


def _unfit(variable: str, what: str) -> str:
    return f"{variable} names {what}: correct the path, mount the file, or unset the variable."
