"""The secrets in an address: the part before its @, and its parameters. The twin of src/secrets/address.ts."""

from __future__ import annotations

import re

from kdeploy_runtime.redaction.secret_names import is_secret_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

HIDDEN = "***"
NONE, USER, PASSWORD = "none", "user", "password"

_HTTP = re.compile(r"(?:[a-z0-9.]+\+)?https?", re.IGNORECASE)  # of a repository, too: git+https
_NAME = r"[\w.[\]-]{1,64}"
# plain, or percent-encoded within another parameter: ?odbc_connect=UID%3Dada%3BPWD%3D…
_PARAMETER = re.compile(
    rf"(?<=[?&;#])(?P<plain>{_NAME})="
    rf"|(?:(?<=[?&;#=])|(?<=%3F)|(?<=%26)|(?<=%3B)|(?<=%3D))(?P<encoded>{_NAME})%3D",
    re.IGNORECASE | re.ASCII,
)
_PLAIN_VALUE = re.compile(r"[^&#\s\"']+")
_ENCODED_VALUE = re.compile(r"(?:(?!%26)[^&#\s\"'])+", re.IGNORECASE)
_LONGEST = 4096  # a longer word is no address
_PLACEHOLDER = re.compile(
    r"x{3,}|\*+|\.{3,}|%\(.*|%\w+%|your.*|my.*"
    r"|(?:user(?:name)?|p(?:ass)?w(?:or)?d|pass|secret|token|api_?key|change_?me|example|test|dummy|foo|bar|none|null)"
    r"[-_\d]*",
    re.IGNORECASE,
)
_NO_SECRET = re.compile(r"[./~].*|.*://.*|\d{1,4}|true|false|yes|no|on|off", re.IGNORECASE)


def secret_in_address(address: str) -> str:
    """``user``: a name alone before the @ of an http address, where tokens are often written; elsewhere that is none
    (``abfss://container@account``, ``ssh://git@host``).
    """
    text = address.strip()
    if any(_is_literal(text[start:end]) for start, end in _secret_parameters(text)):
        return PASSWORD
    scheme, start = next(_schemes(text), ("", 0))
    info = _user_info(text[start:], is_whole=True)
    if info is None:
        return NONE
    if info[0]:
        return PASSWORD
    return USER if _HTTP.fullmatch(scheme) else NONE


def redact_addresses(text: str) -> str:
    """``https://user:hunter2@host/x`` becomes ``https://***@host/x``; too much is hidden rather than too little."""
    shown = re.sub(r"[^\r\n]+", lambda line: _redact_line(line.group()), text)
    return _hide(shown, _secret_parameters(shown))


def _redact_line(line: str) -> str:
    if "://" in line:
        return _hide(line, _user_infos(line))
    # user:password@host without a scheme; in running text this shape is more often an image or an e-mail address
    word = line.strip()
    info = None if re.search(r"\s", word) else _user_info(word, is_whole=True)
    return line if info is None or not info[0] else line.replace(word[: info[1]], HIDDEN, 1)


def _hide(text: str, secrets: Iterator[tuple[int, int]]) -> str:
    shown, at = [], 0
    for start, end in secrets:
        shown += [text[at:start], HIDDEN]
        at = end
    return "".join([*shown, text[at:]])


def _user_infos(line: str) -> Iterator[tuple[int, int]]:
    """Where the users and passwords are in a line, each up to its @."""
    last, end = line.rfind("@"), 0
    for scheme, start in _schemes(line):
        if start >= last:
            return
        if start < end:
            continue
        # a line that begins with it may be nothing but the address, whose password has spaces
        is_whole = line.lstrip().startswith(scheme) and line.find("://") + 3 == start
        info = _user_info(line[start:], is_whole)
        if info is None or not (info[0] or _HTTP.fullmatch(scheme)):
            continue
        end = start + info[1]
        yield start, end


def _schemes(text: str) -> Iterator[tuple[str, int]]:
    at = text.find("://")
    while at >= 0:
        yield re.search(r"[A-Za-z0-9+.-]*$", text[max(0, at - 40) : at]).group(), at + 3  # type: ignore[union-attr]
        at = text.find("://", at + 3)


def _secret_parameters(text: str) -> Iterator[tuple[int, int]]:
    end = 0
    for match in _PARAMETER.finditer(text):
        start = match.end()
        if start < end or not is_secret_name(match["plain"] or match["encoded"]):
            continue
        value = (_PLAIN_VALUE if match["plain"] else _ENCODED_VALUE).match(text, start)
        if value is not None:
            end = value.end()
            yield start, end


def _user_info(text: str, is_whole: bool) -> tuple[str, int] | None:
    """The password, empty where there is none, and the place of the @; as people write it, who escape nothing."""
    authority = _before(r"[/?#\\\s]", text[:_LONGEST])
    at = _last_at(authority)
    if at > 0:
        # a password with a slash and an @ in it goes on behind the authority
        is_password = re.search(":|%3a", authority[:at], re.IGNORECASE)
        end = _last_at(text if is_whole else _before(r"\s", text[:_LONGEST])) if is_password else at
        return _password_in(text[:end]), end
    # user:pa/ss@host, and not host:5000/path@v1 or [::1]/path@v1
    port = re.match(r"[^:[]*:(.*)", authority)
    first = text.find("@")
    if first <= 0 or port is None or re.fullmatch(r"\d{0,5}[:.,;)'\"]*", port.group(1)):
        return None
    # the last @ of the first word that has one: a password with spaces in it may have an @ in it as well
    end = first + max(0, _last_at(_before(r"\s", text[first : first + _LONGEST])))
    return _password_in(text[:end]), end


def _before(end: str, text: str) -> str:
    return re.split(end, text, maxsplit=1)[0]


def _password_in(info: str) -> str:
    found = re.search(r"(?::|%3a)(.*)", info, re.IGNORECASE | re.DOTALL)
    return found.group(1) if found else ""


def _last_at(text: str) -> int:
    """The last @ that is not the start of a digest: ``name@sha256:…`` is an image."""
    at = text.rfind("@")
    while at >= 0 and re.match(r"@sha\d+:[0-9a-f]", text[at : at + 80], re.IGNORECASE):
        at = text.rfind("@", 0, at)
    return at


def _is_literal(value: str) -> bool:
    return not (re.search(r"[${}<>]", value) or _PLACEHOLDER.fullmatch(value) or _NO_SECRET.fullmatch(value))
