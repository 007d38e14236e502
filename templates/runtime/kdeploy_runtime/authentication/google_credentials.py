"""Where a container's Google identity comes from, in the order in which Google's own libraries look.

1. the file that GOOGLE_APPLICATION_CREDENTIALS names,
2. the file that `gcloud auth application-default login` leaves,
3. the metadata server of GKE (workload identity), Cloud Run, Compute Engine.

A file may contain a service account's key, an impersonation of a service account, or an identity from elsewhere
(workload identity federation). Only a service account can have an ID token for an audience of one's choice.

The host side judges the same (src/authentication/google-credentials.ts, test/fixtures/google-credentials.json).
"""

from __future__ import annotations

import os
from dataclasses import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

FILE_VARIABLE = "GOOGLE_APPLICATION_CREDENTIALS"

KEY = "service_account"
IMPERSONATED = "impersonated_service_account"
FEDERATION = "external_account"
PERSON = "authorized_user"

NEEDED_KEYS = {
    KEY: ("client_email", "private_key", "token_uri"),
    IMPERSONATED: ("service_account_impersonation_url", "source_credentials"),
    FEDERATION: ("service_account_impersonation_url", "token_url", "subject_token_type"),
}

SOURCES = (KEY, PERSON, FEDERATION)
"""Who may act as a service account; a chain of impersonations is written as ``delegates``."""

IMPERSONATION = r"/serviceAccounts/([^/:]+):generateAccessToken\Z"
"""How the addresses in a file end (IAM Credentials API)."""


class CredentialsProblem(Exception):
    """What is wrong with the credentials, and what to do; never a value from the file."""


@dataclass(frozen=True)
class FileCredentials:
    path: str
    info: Mapping[str, Any]

    @property
    def kind(self) -> str:
        return self.info["type"]

    @property
    def account(self) -> str:
        """The service account that is acted as."""
        import re

        found = re.search(IMPERSONATION, str(self.info["service_account_impersonation_url"]))
        return found.group(1) if found else ""

    def __repr__(self) -> str:
        return f"FileCredentials({self.path}, {self.kind})"


def find_file_credentials(environ: Mapping[str, str]) -> FileCredentials | None:
    """The credentials file, checked as far as it can be without asking anybody; None: ask the metadata server."""
    path = environ.get(FILE_VARIABLE)
    if path:
        return _read(path, f"The Google credentials file {path} (named by {FILE_VARIABLE})")
    path = _left_by_gcloud(environ)
    if os.path.exists(path):
        return _read(path, f"The Google credentials file {path} (left by gcloud)")
    return None


def _left_by_gcloud(environ: Mapping[str, str]) -> str:
    folder = environ.get("CLOUDSDK_CONFIG") or os.path.join(os.path.expanduser("~"), ".config", "gcloud")
    return os.path.join(folder, "application_default_credentials.json")


def _read(path: str, which: str) -> FileCredentials:
    import json

    from kdeploy_runtime.plain_file import read_plain_file

    try:
        info = json.loads(read_plain_file(path))
    except OSError as error:
        raise CredentialsProblem(
            f"{which} cannot be read: {error.strerror}. Mount the Secret there, readable by the image's user, "
            f"or unset {FILE_VARIABLE} to use workload identity."
        ) from error
    except ValueError as error:
        raise CredentialsProblem(f"{which} is not valid JSON: mount the file exactly as Google issued it.") from error
    kind = info.get("type") if isinstance(info, dict) else None
    if kind == PERSON:
        raise CredentialsProblem(
            f"{which} contains user credentials, which cannot issue ID tokens for an audience: log in with "
            "gcloud auth application-default login --impersonate-service-account=ACCOUNT, or use a service account."
        )
    if not isinstance(kind, str) or kind not in NEEDED_KEYS:
        raise CredentialsProblem(
            f"{which} contains no credentials that can issue ID tokens: its 'type' must be "
            f"{KEY}, {IMPERSONATED} or {FEDERATION}."
        )
    missing = [name for name in NEEDED_KEYS[kind] if not info.get(name)]
    if kind == FEDERATION and "service_account_impersonation_url" in missing:
        raise CredentialsProblem(
            f"{which} names no service account to impersonate, and a federated identity alone cannot issue ID tokens: "
            "recreate it with gcloud iam workload-identity-pools create-cred-config --service-account=ACCOUNT …"
        )
    if missing:
        raise CredentialsProblem(f"{which} lacks {', '.join(missing)}: mount the file exactly as Google issued it.")
    found = FileCredentials(path, info)
    if kind != KEY and not found.account:
        raise CredentialsProblem(
            f"{which} has a service_account_impersonation_url that names no service account: "
            "mount the file exactly as Google issued it."
        )
    source = info.get("source_credentials")
    if kind == IMPERSONATED and not (isinstance(source, dict) and source.get("type") in SOURCES):
        raise CredentialsProblem(
            f"{which} has source_credentials of an unknown type: mount the file exactly as Google issued it."
        )
    return found
