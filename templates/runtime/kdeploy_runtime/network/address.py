"""What kind of address something is, told by its scheme: in either case of its letters, and with spaces around it.

MLflow's client and requests read addresses so; what is told by the first letters is not told for all of them.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping

VARIABLES = ("MLFLOW_TRACKING_URI", "MLFLOW_REGISTRY_URI")
_AROUND = "".join(map(chr, range(0x21))) + "\u00a0\u200b\ufeff"
"""What URL parsers take away at both ends (control characters, the space), and what copying adds without a sight."""


def clean_addresses(environ: MutableMapping[str, str]) -> None:
    """So that whoever reads them afterwards reads the same."""
    for name in VARIABLES:
        address = environ.get(name, "")
        if address != address.strip(_AROUND):
            environ[name] = address.strip(_AROUND)


def scheme_of(address: str) -> str:
    """In lower case; empty where there is none."""
    scheme, colon, _ = address.strip(_AROUND).partition(":")
    return scheme.lower() if colon else ""


def is_http(address: str) -> bool:
    return scheme_of(address) in ("http", "https")


def is_ordinary(address: str) -> bool:
    """Whether there is nothing to look at but a host, a port and a path; costs no import."""
    host, _, path = address.partition("://")[2].partition("/")
    name, _, port = host.partition(":")
    is_host = name != "" and name.replace(".", "").replace("-", "").replace("_", "").isalnum()
    is_port = port == "" or (port.isdecimal() and int(port) < 65536)
    return is_host and is_port and path.isprintable() and " " not in path and "#" not in path and "api/" not in path


def flaw_of(environ: Mapping[str, str], name: str) -> str | None:
    """Why no client could call the http address in a variable: a sentence that does not show it."""
    from urllib.parse import urlsplit

    address = environ[name]
    if "\n" in address or "\r" in address:
        return f"{name} contains a line break: correct the value."
    if any(character.isspace() or not character.isprintable() for character in address.rpartition("@")[2]):
        return f"{name} contains a space or a control character: correct the value."
    try:
        parts = urlsplit(address)
        is_complete = bool(parts.hostname)
        port_of_no_password = "@" in address or parts.port
    except ValueError:
        return f"{name} is not a valid address: write it as https://HOST, or http://HOST:PORT."
    if not is_complete or port_of_no_password == 0:
        return f"{name} names no server: write it as https://HOST, or http://HOST:PORT."
    return None
