"""A secret that the orchestrator put where the image expects it: in a variable, or in a mounted file."""

from __future__ import annotations

from kdeploy_runtime.authentication.credential_value import trimmed_secret
from kdeploy_runtime.authentication.variables import airflow_name
from kdeploy_runtime.plain_file import read_plain_file

AN_INSTANT = 1.0  # seconds

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


class SecretMissing(Exception):
    """Where it should be, why it is not, what to do; never the secret."""


def from_variable(name: str, environ: Mapping[str, str], what: str) -> str:
    """The variable's value; Airflow's own form of it counts too."""
    value = environ.get(name) or environ.get(airflow_name(name))
    if not value:
        raise SecretMissing(
            f"{name}, the {what}, is not set (or empty) in the environment: pass it to the container, "
            "from a Kubernetes Secret or an Airflow Variable."
        )
    return trimmed_secret(value)


def from_file(path: str, what: str, environ: Mapping[str, str]) -> str:
    """The file's text without the line break that editors and `echo` leave at its end. Whoever writes the file anew
    leaves it empty for an instant.
    """
    from kdeploy_runtime.patience import Patience, wait_for_a_token

    try:
        text = _read(path)
        patience = None if text else Patience(min(AN_INSTANT, wait_for_a_token(environ)))
        while patience is not None and not text and patience.pause():
            text = _read(path)
    except OSError as error:
        raise SecretMissing(
            f"The {what} in {path} cannot be read: {error.strerror}. Mount it there, readable by the image's user."
        ) from error
    except ValueError as error:
        raise SecretMissing(f"The {what} in {path} is not text.") from error
    if not text or any(character.isspace() for character in text):
        raise SecretMissing(f"The {what} in {path} is {'not a single word' if text else 'empty'}.")
    return text


def _read(path: str) -> str:
    return trimmed_secret(read_plain_file(path))
