"""What can come between a container and its MLflow server; each is for somebody else to fix.

The messages are whole sentences without the server's address, which `at` adds.
"""

from __future__ import annotations


class ServerProblem(Exception):
    """Any of the below."""


class Unreachable(ServerProblem):
    """No answer, or a request to come back later: worth another try."""

    def __init__(
        self,
        message: str,
        remedy: str = "Check that the server is up and that this container can reach it.",
        retry_after: float = 0.0,
    ) -> None:
        super().__init__(message)
        self.remedy = remedy
        self.retry_after = retry_after
        """Seconds that the server wants to be left alone."""


class NoConnection(ServerProblem):
    """No answer, and another try would get none: a certificate, another protocol than HTTP."""


class Refused(ServerProblem):
    """401 or 403, by MLflow itself or by a proxy in front."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class NotMlflow(ServerProblem):
    """Something answers, but not as MLflow does: a page, a redirect, a server with another name."""


class NoWorkspace(ServerProblem):
    """The server does not have the workspace that MLFLOW_WORKSPACE names, or no workspaces at all."""


class ApiError(ServerProblem):
    """An error returned by MLflow itself, with its error code."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
