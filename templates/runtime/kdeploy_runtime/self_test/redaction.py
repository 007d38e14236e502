"""A report is printed, kept and pasted into issues: a URI in it never carries a password."""

from __future__ import annotations

import re

# user:password@ before the host; the second form is for passwords with an unescaped slash, where what follows
# the first colon is no port.
SCHEME = r"(?P<scheme>\b[A-Za-z][A-Za-z0-9+.-]*://)"
USER_INFO = re.compile(SCHEME + r"[^\s/?#'\"]*@")
USER_INFO_WITH_SLASH = re.compile(SCHEME + r"[^\s/?#@:'\"]*:(?!\d*(?:[/?#\s'\"]|$))[^\s'\"]*@")
QUERY = re.compile(r"(?P<key>[?&][^=&\s]*(?:passw|pwd|secret|token|key|sig)[^=&\s]*=)[^&\s'\"]*", re.IGNORECASE)


def redact(text: str) -> str:
    """``https://user:hunter2@host/x`` becomes ``https://***@host/x``."""
    text = USER_INFO_WITH_SLASH.sub(r"\g<scheme>***@", text)
    text = USER_INFO.sub(r"\g<scheme>***@", text)
    return QUERY.sub(r"\g<key>***", text)
