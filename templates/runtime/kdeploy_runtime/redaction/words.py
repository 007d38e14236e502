"""Another program's words, made fit for a message. The twin of src/secrets/redaction.ts."""

from __future__ import annotations

import re

from kdeploy_runtime.redaction.addresses import HIDDEN, redact_addresses

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

LONGEST = 300

_RULES = (
    (re.compile(r"((?:set-)?cookie[\"']?[ \t]*:[ \t]*[\"']?[\w.-]+=)[^;\s\"']+", re.IGNORECASE), rf"\1{HIDDEN}"),
    # "Basic authentication" is a scheme, "Basic YWRhOmh1bnRlcjI=" a credential
    (
        re.compile(
            r"\b(bearer|basic)\s+(?!(?:auth[a-z]*|credentials?|tokens?|headers?|scheme|access)\.?(?![\w.~+/=-]))"
            r"[\w.~+/=-]{6,}",
            re.IGNORECASE,
        ),
        rf"\1 {HIDDEN}",
    ),
    (
        re.compile(
            r"((?:secret|password|passwd|passphrase|pwd|(?:secret|api|access|account|private|shared)[_-]?(?:access[_-]?)?key)"
            r"[\"']?\s*[:=]\s*)(?:\"[^\"]*\"|'[^']*'|\S+)",
            re.IGNORECASE,
        ),
        rf"\1{HIDDEN}",
    ),
    # "token: denied" is a reason, "token: 3f8a…" is a token
    (
        re.compile(
            r"((?:token|assertion)[\"']?\s*[:=]\s*)(?:\"[^\"]*\"|'[^']*'|(?=\S*\d)\S{6,}|\S{20,})", re.IGNORECASE
        ),
        rf"\1{HIDDEN}",
    ),
    (re.compile(r"\b(?:ya29\.|eyJ)[\w.-]+"), HIDDEN),
    (re.compile(r"(?<!sha256:)(?<![\w+=-])[\w+=-]{40,}"), HIDDEN),
    (re.compile(r"[\x00-\x1f\x7f-\x9f]"), " "),  # a server's words must not move the terminal's cursor
    (re.compile(r" {2,}"), " "),
)


def redact_words(text: str, secrets: Iterable[str] = ()) -> str:
    """One line of at most 300 characters, without the known secrets and without what looks like one: a token, a
    header, a value named password, user:password@ in an address.
    """
    for secret in sorted(secrets, key=len, reverse=True):  # so that no part of one stays because of a shorter one
        if secret:
            text = text.replace(secret, HIDDEN)
    text = redact_addresses(text)
    for pattern, shown in _RULES:
        text = pattern.sub(shown, text)
    text = text.strip()
    return f"{text[:LONGEST]}…" if len(text) > LONGEST else text
