"""How people name secrets, in variables, keys of a file and parameters of an address.

kdeploy has the same lists (src/secrets/secret-names.ts); test/fixtures/redaction.json keeps both.
"""

from __future__ import annotations

import re

SECRET_PARTS = ("accesskey", "apikey", "credential", "passphrase", "passw", "pwd", "secret", "signature")
SECRET_WORDS = ("authorization", "bearer", "jwt", "pass", "pw", "sas", "sig", "tokens")
"""Secrets as the last word of a name: ``sig``, but neither ``design`` nor JWT_ISSUER."""
HARMLESS_ENDINGS = (
    "algorithm",
    "backend",
    "count",
    "dir",
    "enabled",
    "endpoint",
    "env",
    "expires",
    "expiry",
    "file",
    "folder",
    "header",
    "id",
    "ids",
    "length",
    "limit",
    "mechanism",
    "method",
    "mode",
    "name",
    "names",
    "path",
    "policy",
    "prefix",
    "provider",
    "scheme",
    "scope",
    "size",
    "source",
    "timeout",
    "ttl",
    "type",
    "uri",
    "url",
    "var",
    "variable",
    "version",
)
"""A name with this ending describes a secret, and is none: PASSWORD_FILE, token_type, AWSAccessKeyId."""
HARMLESS_KEYS = ("cache", "foreign", "gpg", "group", "hot", "mon", "partition", "primary", "public", "sort", "tur")
"""Of what is called a key, these open nothing."""

_PARTS = re.compile("|".join(SECRET_PARTS))
_BOUNDARY = re.compile(r"([a-z\d])([A-Z])|([A-Z])(?=[A-Z][a-z])")


def is_secret_name(name: str) -> bool:
    """Whether somebody who names a thing so keeps a secret in it: ``api_key``, ``accessToken``, ``X-Amz-Signature``."""
    words = _words_of(name)
    last = words[-1] if words else ""
    if last in HARMLESS_ENDINGS:
        return False
    if last in SECRET_WORDS or any(word.endswith("token") for word in words) or _PARTS.search("".join(words)):
        return True
    glued = re.fullmatch(r"(.*)keys?", last)  # workspace_key, accountkey, and key alone
    if glued is None:
        return False
    before = glued.group(1) or (words[-2] if len(words) > 1 else "")
    return before not in HARMLESS_KEYS


def _words_of(name: str) -> list[str]:
    """``X-Amz-Security-Token``, ``AWSAccessKeyId`` and ``PIP_PASSWORD2`` in lower case, word by word."""
    parted = _BOUNDARY.sub(lambda match: f"{match.group(1) or match.group(3)} {match.group(2) or ''}", name)
    return [word for word in re.split(r"[^a-z]", parted.lower()) if word]
