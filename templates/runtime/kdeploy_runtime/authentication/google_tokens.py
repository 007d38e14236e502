"""ID tokens from Google, whoever the container is: one function for each kind of identity."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from kdeploy_runtime.authentication.google_credentials import FEDERATION, KEY, FileCredentials, find_file_credentials
from kdeploy_runtime.authentication.token_requests import TIMEOUT, ask, json_of, unreachable
from kdeploy_runtime.authentication.tokens import Token, TokenError, id_token
from kdeploy_runtime.network.failure import is_transient
from kdeploy_runtime.patience import retry_after

if TYPE_CHECKING:
    from collections.abc import Mapping

SCOPE = "https://www.googleapis.com/auth/cloud-platform"
METADATA_VARIABLES = ("GCE_METADATA_HOST", "GCE_METADATA_ROOT", "GCE_METADATA_IP")
"""The first that is set is asked."""
METADATA_PATH = "/computeMetadata/v1/instance/service-accounts/default/identity"


def fetch_id_token(audience: str, environ: Mapping[str, str]) -> Token:
    """A new ID token for the audience; raises TokenError, or CredentialsProblem when the file is no longer valid."""
    credentials = find_file_credentials(environ)
    if credentials is None:
        return _from_metadata_server(audience, environ)
    if credentials.kind == KEY:
        return _from_key(credentials, audience)
    return _from_impersonation(credentials, audience)


def _from_key(credentials: FileCredentials, audience: str) -> Token:
    source = f"Google ({credentials.info['client_email']}, key in {credentials.path})"
    with _GoogleAuth(source, credentials.path) as google:
        from google.oauth2 import service_account

        account = service_account.IDTokenCredentials.from_service_account_info(
            dict(credentials.info), target_audience=audience
        )
        account.refresh(google.request)
        return id_token(account.token, source)


def _from_impersonation(credentials: FileCredentials, audience: str) -> Token:
    """The source's own identity asks IAM, at the address in the file, for an ID token of the service account."""
    access_url = credentials.info["service_account_impersonation_url"]
    source = f"Google ({credentials.account}, impersonated through {credentials.path})"
    with _GoogleAuth(source, credentials.path) as google:
        own = _own_identity(credentials)
        own.refresh(google.request)
        answer = ask(
            "POST",
            access_url.rpartition(":")[0] + ":generateIdToken",
            source,
            headers={"Authorization": f"Bearer {own.token}"},
            json={
                "audience": audience,
                "includeEmail": True,
                "delegates": credentials.info.get("delegates") or [],
            },
        )
        return id_token(str(json_of(answer, source).get("token")), source)


def _own_identity(credentials: FileCredentials) -> Any:
    """Whoever impersonates. ``google.auth.load_credentials_from_dict`` would ask for a project's name first."""
    info = dict(credentials.info.get("source_credentials") or credentials.info)
    kind = info.get("type")
    if kind == FEDERATION:
        info.pop("service_account_impersonation_url", None)
        return _federation_class(info).from_info(info, scopes=[SCOPE])
    if kind == KEY:
        from google.oauth2 import service_account

        return service_account.Credentials.from_service_account_info(info, scopes=[SCOPE])
    from google.oauth2 import credentials as person

    return person.Credentials.from_authorized_user_info(info, scopes=[SCOPE])


def _federation_class(info: Mapping[str, Any]) -> Any:
    from google.auth import aws, identity_pool, pluggable

    if info.get("subject_token_type") == "urn:ietf:params:aws:token-type:aws4_request":
        return aws.Credentials
    if (info.get("credential_source") or {}).get("executable") is not None:
        return pluggable.Credentials
    return identity_pool.Credentials


def _from_metadata_server(audience: str, environ: Mapping[str, str]) -> Token:
    given = next((environ[name] for name in METADATA_VARIABLES if environ.get(name)), "metadata.google.internal")
    host = given.partition("://")[2] or given
    host = host.rstrip("/")
    source = f"Google's metadata server ({host})"
    answer = ask(
        "GET",
        f"http://{host}{METADATA_PATH}",
        source,
        trust_env=False,  # it is next door: no proxy
        hint="This container has no Google credentials: mount a service account key and set "
        "GOOGLE_APPLICATION_CREDENTIALS to its path, or run where workload identity is configured.",
        params={"audience": audience, "format": "full"},
        headers={"Metadata-Flavor": "Google"},
    )
    return id_token(answer.text.strip(), source)


class _GoogleAuth:
    """google-auth, bounded in time, and its errors in our words."""

    def __init__(self, source: str, path: str) -> None:
        self._source = source
        self._path = path
        self._last_status: int | None = None

    def __enter__(self) -> _GoogleAuth:
        return self

    def request(self, *arguments: Any, **options: Any) -> Any:
        """What google-auth calls with: it would wait 120 s for an answer, and try again in its own time."""
        from google.auth.transport.requests import Request

        self._last_status = None
        response = Request()(*arguments, **{**options, "timeout": TIMEOUT[1]})
        self._last_status = response.status
        if is_transient(response.status):
            raise TokenError(
                f"{self._source} rejected the token request ({response.status}).",
                is_transient=True,
                retry_after=retry_after(response.headers),
            )
        return response

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, ModuleNotFoundError) and (error.name or "").split(".")[0] in ("google", "rsa"):
            raise TokenError(
                "google-auth is not in the image, but this kind of Google credentials needs it: "
                "add google-auth to the project's requirements and build again."
            ) from error
        is_googles = type(error).__module__.startswith("google.auth")
        is_of_the_answer = self._last_status == 200 and not isinstance(error, TokenError)
        if isinstance(error, Exception) and is_of_the_answer and (isinstance(error, ValueError) or not is_googles):
            raise TokenError(f"{self._source} responded with something that is not a token.") from error
        if isinstance(error, (ValueError, KeyError)):  # google-auth's for a malformed file are ValueErrors, too
            raise TokenError(
                f"The Google credentials in {self._path} cannot be used: mount the file exactly as Google issued it."
            ) from error
        if error is None or not is_googles:
            return
        if type(error).__name__ == "TransportError":
            raise unreachable(self._source, error) from error
        raise TokenError(
            f"{self._source} rejected the token request ({_without_values(error)}).",
            is_transient=bool(getattr(error, "retryable", False)),
        ) from error


def _without_values(error: BaseException) -> str:
    """google-auth puts the answer's text first, and the whole answer after it."""
    text = str(error.args[0]) if error.args else type(error).__name__
    return text.strip().rstrip(".")[:300].replace(os.linesep, " ")
