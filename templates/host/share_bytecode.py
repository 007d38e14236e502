"""Gives the modules of a new environment the bytecode that an earlier one has of the very same files.

Usage: share_bytecode.py EARLIER NEW, two folders of packages. uv installs a file by giving it another name, so what
both have is one file, and has one time of change, by which Python knows its bytecode.
"""

import contextlib
import os
import sys
from pathlib import Path


def share(earlier: Path, new: Path) -> None:
    for folder in earlier.rglob("__pycache__"):
        same = new / folder.parent.relative_to(earlier)
        for bytecode in folder.glob("*.pyc"):
            module = bytecode.name.split(".", 1)[0] + ".py"
            if is_one_file(folder.parent / module, same / module):
                # There already, or on a file system without second names: Python compiles it, then.
                with contextlib.suppress(OSError):
                    (same / "__pycache__").mkdir(exist_ok=True)
                    os.link(bytecode, same / "__pycache__" / bytecode.name)


def is_one_file(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return False


if __name__ == "__main__":
    share(Path(sys.argv[1]), Path(sys.argv[2]))
