"""
The command `kdeploy`: becomes Node.js, running the program beside this file.

Every start pays for what is imported, so the modules of this package import at their top what Python has loaded anyway,
and nothing for types alone (`TYPE_CHECKING` is not typing's, which takes 5 ms).
"""

from __future__ import annotations

import os
import sys

from kdeploy._node import find_node
from kdeploy._program import program
from kdeploy._refusal import EXIT_CODE, Refusal
from kdeploy._replace import replace_process

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import NoReturn


def main() -> NoReturn:
    start(sys.argv[1:])


def start(arguments: Sequence[str], environment: Mapping[str, str] = os.environ) -> NoReturn:
    """Runs kdeploy in the place of this process; where that is not possible, ends it with a sentence."""
    try:
        script = program()
        replace_process([find_node(environment), script, *arguments], environment)
    except Refusal as refusal:
        end_with(refusal, arguments)
    except OSError as error:
        reason = str(error.strerror or error).lower()
        end_with(Refusal(f"Node.js cannot be started: {reason}", _next_step(error)), arguments)
    except KeyboardInterrupt:
        sys.exit(130)


def end_with(refusal: Refusal, arguments: Sequence[str]) -> NoReturn:
    """As the program ends with an error: on stderr in words, with `--json` as JSON on stdout."""
    own = arguments[: arguments.index("--")] if "--" in arguments else arguments
    stream, text = (sys.stdout, refusal.json()) if "--json" in own else (sys.stderr, refusal.text())
    if stream is not None:  # it may be closed
        stream.write(text)
    sys.exit(EXIT_CODE)


def _next_step(error: OSError) -> str:
    from errno import E2BIG

    if error.errno == E2BIG:
        return "shorten the command line, or unset large variables"
    return "look at the limits of this system (memory, processes, open files), and try again"
