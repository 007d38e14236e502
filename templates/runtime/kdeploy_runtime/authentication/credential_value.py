"""A credential may gain a line break or a space on its way into the container; told before a server refuses it.

The twin of src/authentication/credential-value.ts; both test suites read test/fixtures/credentials.json.
"""

from __future__ import annotations

import re

USER, PASSWORD, TOKEN = "user", "password", "token"
"""How it travels: as part of Basic, whose password may be any text, or as a word in a header."""

_AROUND = " \t\r\n\v\f\ufeff"


def trimmed_secret(text: str) -> str:
    """The text without the line break that ``echo`` and editors leave at its end, or the BOM at its beginning."""
    return text.strip(_AROUND)


def flaw_of(value: str, kind: str) -> str | None:
    """Why a value cannot be the credential that is meant, as what follows its name: ``ends with a line break``."""
    for pattern, flaw in _FLAWS:
        if pattern.search(value):
            return flaw
    if kind == PASSWORD:
        return None
    for pattern, flaw in _FLAWS_OF_USER if kind == USER else _FLAWS_OF_TOKEN:
        if pattern.search(value):
            return flaw
    return None


def suspicion_of(value: str, kind: str) -> str | None:
    """What is hardly meant, but may be; worth a word once a server has refused it."""
    for pattern, suspicion in _SPACES if kind == TOKEN else (*_SPACES, _QUOTED):
        if pattern.search(value):
            return suspicion
    return None


_FLAWS = (
    (re.compile(r"[\r\n]\Z"), "ends with a line break"),
    (re.compile(r"\A[\r\n]"), "begins with a line break"),
    (re.compile(r"[\r\n]"), "contains a line break"),
    (re.compile(r"[\x00-\x1f\x7f]"), "contains a control character"),
    (re.compile("\\A\ufeff"), "begins with a byte order mark"),
)
_SPACES = (
    (re.compile(r"\A\s"), "begins with a space"),
    (re.compile(r"\s\Z"), "ends with a space"),
)
_QUOTED = (re.compile(r"\A([\"']).*\1\Z"), "is in quotation marks")
_FLAWS_OF_USER = (*_SPACES, (re.compile(":"), "contains a colon, where the password would begin"))
_FLAWS_OF_TOKEN = (
    *_SPACES,
    (re.compile(r"\A(?:bearer|basic)\s", re.IGNORECASE), "begins with its scheme, which is added when it is sent"),
    (re.compile(r"\s"), "contains a space"),
    _QUOTED,
    (re.compile("[^\x21-\x7e]"), "contains a character that no HTTP header can carry"),
)
