"""Lets no call leave Python but those to Unix sockets, as in a container without a network.

kdeploy puts this into the site-packages of the self-test that runs on this machine; Python imports it as it starts.
Where the self-test itself holds calls back (kdeploy_runtime.self_test.held_back), it does so and takes note of them.
"""

import sys

WITH_ADDRESS = ("socket.connect", "socket.sendto", "socket.sendmsg")
LOOKUPS = ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr")
REASON = "kdeploy tests the image without a network"


def _refuse(event, arguments):
    if not event.startswith("socket."):
        return
    held_back = sys.modules.get("kdeploy_runtime.self_test.held_back")
    if getattr(held_back, "_attempts", None) is not None and event in held_back.CALLS:
        return
    import socket

    if event in WITH_ADDRESS and arguments[0].family != getattr(socket, "AF_UNIX", None):
        import errno

        raise OSError(errno.ENETUNREACH, "Network is unreachable: " + REASON)
    if event in LOOKUPS and _is_elsewhere(arguments[0]):
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution: " + REASON)


def _is_elsewhere(host):
    """Whether it takes a call to find out its address."""
    if isinstance(host, (bytes, bytearray)):
        host = bytes(host).decode("ascii", "replace")
    return bool(host) and host != "localhost" and ":" not in host and not host.replace(".", "").isdigit()


sys.addaudithook(_refuse)
