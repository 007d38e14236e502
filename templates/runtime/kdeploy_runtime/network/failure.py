"""Why a server gave no response. Each reason has a fix of its own, so each has a sentence of its own.

kdeploy's host side tells them apart by the same names and words (src/network/failure.ts, test/fixtures/network.json).
"""

from __future__ import annotations

import errno
import socket
import ssl
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from kdeploy_runtime.redaction.words import redact_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SENTENCES = {
    "unknown-host": (
        "cannot be found: its host name does not resolve",
        "check the host name in the address",
    ),
    "name-service": (
        "cannot be found: the DNS lookup failed",
        "check the DNS of this network",
    ),
    "refused": (
        "refused the connection",
        "check that the server is running, and its port",
    ),
    "unreachable": (
        "is not reachable: there is no route to it",
        "check the network, or the VPN",
    ),
    "timeout": (
        "did not respond in time",
        "check that the server is running and can be reached from here",
    ),
    "reset": (
        "closed the connection without a response",
        "check the server, or the proxy in front of it",
    ),
    "certificate-expired": (
        "has a certificate that has expired",
        "renew the server's certificate",
    ),
    "certificate-not-yet-valid": (
        "has a certificate that is not valid yet",
        "check the clock of this machine and of the server",
    ),
    "certificate-of-another-host": (
        "has a certificate for another host name",
        "use a host name that the certificate was issued for",
    ),
    "certificate-of-unknown-authority": (
        "has a certificate from an authority that is not trusted",
        "set {bundle} to the CA certificate of the server",
    ),
    "certificate-invalid": (
        "has an invalid certificate",
        "have the server's certificate replaced",
    ),
    "client-certificate": (
        "requires a client certificate, or rejected the one that was sent",
        "set MLFLOW_TRACKING_CLIENT_CERT_PATH to a file with the client certificate and its key",
    ),
    "not-https": (
        "does not support HTTPS",
        "write http:// in the address, or use the port that supports HTTPS",
    ),
    "not-http": (
        "does not respond with HTTP",
        "check the port in the address",
    ),
    "expects-https": (
        "expects HTTPS",
        "write https:// in the address",
    ),
    "proxy": (
        "cannot be reached through the proxy",
        "check HTTP_PROXY, HTTPS_PROXY and NO_PROXY",
    ),
    "other": (
        "cannot be reached",
        "check the address and the network",
    ),
}
"""What is wrong, as what follows the name of the server, and what to do."""

_VERIFY_CODES = {
    9: "certificate-not-yet-valid",
    10: "certificate-expired",
    18: "certificate-of-unknown-authority",
    19: "certificate-of-unknown-authority",
    20: "certificate-of-unknown-authority",
    21: "certificate-of-unknown-authority",
    62: "certificate-of-another-host",
    64: "certificate-of-another-host",
}
"""X509_V_ERR_… of OpenSSL's x509_vfy.h."""

_PARTIAL_CHAIN = 0x80000
"""X509_V_FLAG_PARTIAL_CHAIN, which `ssl` names since Python 3.10: a certificate may be trusted without its issuer."""

_NOT_TLS = (
    "WRONG_VERSION_NUMBER",
    "PACKET_LENGTH_TOO_LONG",
    "HTTP_REQUEST",
    "UNKNOWN_PROTOCOL",
    "RECORD_LAYER_FAILURE",
)
_ALERTS = ("ALERT_CERTIFICATE_", "ALERT_BAD_CERTIFICATE", "ALERT_UNKNOWN_CA", "ALERT_HANDSHAKE_FAILURE")

_ERRNOS = {
    errno.ECONNREFUSED: "refused",
    errno.EHOSTUNREACH: "unreachable",
    errno.ENETUNREACH: "unreachable",
    errno.EHOSTDOWN: "unreachable",
    errno.ETIMEDOUT: "timeout",
    errno.ECONNRESET: "reset",
    errno.EPIPE: "reset",
}

_NAMES = {
    "ProxyError": "proxy",
    "InvalidProxyURL": "proxy",
    "RemoteDisconnected": "reset",
    "IncompleteRead": "reset",
    "ConnectTimeoutError": "timeout",
    "ReadTimeoutError": "timeout",
    "BadStatusLine": "not-http",
    "CertificateError": "certificate-of-another-host",
}
"""urllib3's and http.client's errors, by the names of their classes: which of them there are depends on the version."""


def connection_problem(error: BaseException) -> str:
    """A key of ``SENTENCES``."""
    chain = list(_chain(error))
    if any(_is_named(each, "ProxyError") for each in chain):
        return "proxy"
    for each in reversed(chain):  # the innermost knows best
        problem = _problem(each)
        if problem is not None:
            return problem
    return "other"


def predicate_of(problem: str, error: BaseException) -> str:
    """``refused the connection``; what no sentence is known for keeps the error's own words. Holds no secret."""
    predicate = SENTENCES[problem][0]
    return f"{predicate} ({innermost_words(error)})" if problem in ("other", "certificate-invalid") else predicate


def remedy_for(problem: str, environ: Mapping[str, str], bundle: str = "REQUESTS_CA_BUNDLE") -> str:
    """What to do, as a sentence."""
    remedy = SENTENCES[problem][1].replace("{bundle}", bundle)
    # programs that use OpenSSL's defaults read these; requests does not
    ignored = next((name for name in ("SSL_CERT_FILE", "SSL_CERT_DIR") if environ.get(name)), None)
    if problem == "certificate-of-unknown-authority" and ignored:
        remedy += f"; MLflow's client does not read {ignored}"
    return f"{remedy[0].upper()}{remedy[1:]}."


def innermost_words(error: BaseException) -> str:
    """What the innermost cause says; the name of its class only where it says nothing."""
    *_, last = _chain(error)
    return redact_words(getattr(last, "strerror", None) or str(last)) or type(last).__name__


def is_final(problem: str) -> bool:
    """Whether another try cannot help: a certificate stays what it is."""
    return problem.startswith("certificate") or problem in (
        "client-certificate",
        "not-https",
        "not-http",
        "expects-https",
    )


def is_transient(status: int) -> bool:
    """Whether a status may be another in a moment: also of gateways (501, 520 to 530), not of what is as it is."""
    return status in (408, 425, 429) or (500 <= status < 600 and status not in (505, 506, 508, 510, 511))


def expects_tls(address: str) -> bool:
    """Whether the server of an http address responds to TLS."""
    try:
        url = urlsplit(address)
        return url.scheme == "http" and speaks_tls(url.hostname or "", url.port or 80)
    except ValueError:
        return False


def speaks_tls(host: str, port: int) -> bool:
    """Whether a server that does not respond to plain HTTP responds to TLS. Nothing is sent to it."""
    try:
        _certificate_of(host, port, _without_names())
    except OSError:
        return False
    return True


def has_expired(address: str) -> bool:
    """Whether the certificate of an https server has, whoever issued it: OpenSSL looks for its issuer first."""
    try:
        url = urlsplit(address)
        host, port = url.hostname or "", url.port or 443
        trusting = _without_names()
        trusting.load_verify_locations(cadata=_certificate_of(host, port, _without_names()))
        trusting.verify_mode = ssl.CERT_REQUIRED
        trusting.verify_flags |= _PARTIAL_CHAIN
        _certificate_of(host, port, trusting)
    except ssl.SSLCertVerificationError as error:
        return _VERIFY_CODES.get(error.verify_code) == "certificate-expired"
    except (OSError, ValueError):
        pass
    return False


def _without_names() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _certificate_of(host: str, port: int, context: ssl.SSLContext) -> bytes:
    plain = socket.create_connection((host, port), timeout=3)
    with plain, context.wrap_socket(plain, server_hostname=host) as secure:
        return secure.getpeercert(binary_form=True) or b""


def _problem(error: BaseException) -> str | None:
    if isinstance(error, ssl.SSLCertVerificationError):
        return _VERIFY_CODES.get(error.verify_code, "certificate-invalid")
    if isinstance(error, ssl.SSLError):
        return _tls_problem(error)
    if isinstance(error, socket.gaierror):
        return "name-service" if error.errno == socket.EAI_AGAIN else "unknown-host"
    if isinstance(error, (TimeoutError, socket.timeout)):
        return "timeout"
    if isinstance(error, OSError) and error.errno in _ERRNOS:
        return _ERRNOS[error.errno]
    return next((problem for name, problem in _NAMES.items() if _is_named(error, name)), None)


def _tls_problem(error: ssl.SSLError) -> str | None:
    reason = error.reason or ""
    if reason in _NOT_TLS:
        return "not-https"
    if any(alert in reason for alert in _ALERTS):
        return "client-certificate"
    return "reset" if isinstance(error, (ssl.SSLEOFError, ssl.SSLZeroReturnError)) else None


def _is_named(error: BaseException, name: str) -> bool:
    return any(kind.__name__ == name for kind in type(error).__mro__)


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error and what caused it, the outermost first; urllib3 keeps causes in ``reason`` and among the arguments."""
    seen: list[BaseException] = []
    current: BaseException | None = error
    while current is not None and current not in seen:
        seen.append(current)
        yield current
        context = None if current.__suppress_context__ else current.__context__
        inner = [current.__cause__, getattr(current, "reason", None), *reversed(current.args), context]
        current = next((each for each in inner if isinstance(each, BaseException) and each not in seen), None)
