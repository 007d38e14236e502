"""Reading a file that was mounted into the container: a token, a certificate, credentials."""

from __future__ import annotations

import errno
import os
import stat

MAXIMUM_BYTES = 64 * 1024 * 1024
"""Far above any token or certificate."""


def read_plain_file(path: str, encoding: str = "utf-8") -> str:
    """The file's text. A pipe that nobody writes to would be waited for before every task, and a device has no end.

    Raises OSError, also for anything but an ordinary file, and UnicodeDecodeError (a ValueError).
    """
    with open(path, encoding=encoding, opener=_without_waiting) as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.ENXIO, "it is not an ordinary file", path)
        if status.st_size > MAXIMUM_BYTES:
            raise OSError(errno.EFBIG, f"it is larger than {MAXIMUM_BYTES} bytes", path)
        return file.read()


def _without_waiting(path: str, flags: int) -> int:
    """Without O_NONBLOCK opening a pipe waits for a writer."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
