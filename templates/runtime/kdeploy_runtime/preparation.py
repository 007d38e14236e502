"""Everything that could break a task's tracking is tried before it begins: its tokens, the server, its run."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from kdeploy_runtime.authentication import bearer_tokens, prepare
from kdeploy_runtime.authentication.tokens import TokenError
from kdeploy_runtime.failure import CONFIGURATION, Failure, hush_libraries, say
from kdeploy_runtime.patience import VARIABLE as WAIT_VARIABLE
from kdeploy_runtime.patience import Patience, wait_at_start
from kdeploy_runtime.server import credentials
from kdeploy_runtime.server.client_settings import expect_usable
from kdeploy_runtime.server.errors import ApiError, Refused, ServerProblem, Unreachable
from kdeploy_runtime.settings import read_settings
from kdeploy_runtime.shared_run import marks
from kdeploy_runtime.shared_run.commands import is_kedro_run
from kdeploy_runtime.shared_run.experiment_options import read_experiment_options
from kdeploy_runtime.shared_run.joining import join_shared_run
from kdeploy_runtime.shared_run.keys import (
    RUN_ID,
    RUN_KEY,
    TASK_MARK,
    find_run_key,
    find_task_key,
    given_run_id,
    run_name,
)
from kdeploy_runtime.shared_run.opening import OURS, TRACKING_URI, is_server, open_runs
from kdeploy_runtime.shared_run.page import page_of
from kdeploy_runtime.shared_run.run import REOPENED, RUNNING, Run, Runs
from kdeploy_runtime.shared_run.trace import trace_tags

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, MutableMapping, Sequence

    from kdeploy_runtime.authentication.bearer import BearerToken

EXPERIMENT = "MLFLOW_EXPERIMENT_NAME"
ON_UNREACHABLE = "KDEPLOY_ON_UNREACHABLE"


def prepare_task(command: list[str], environ: MutableMapping[str, str]) -> None:
    """Sets the variables that the command needs, in ``environ``; raises Failure when it must not begin."""
    tokens = authenticate(environ)
    must_be_let_in = bool(environ.get("KDEPLOY_AUTH")) and is_server(environ)
    run_id, key = _run_to_join(command, environ)
    if not (must_be_let_in or run_id or key):
        return
    task_key = find_task_key(environ, command) if run_id or key else ""

    def reach() -> None:
        runs = reach_runs(environ, tokens)
        if not (run_id or key):
            runs.check(environ.get(EXPERIMENT))
            return
        run = join(runs, environ, run_id, key)
        environ[RUN_ID] = run.run_id
        # MLflow prints a run's address when it ends, and a shared run does not end with this task.
        say(f"logs to the MLflow run {page_of(run, environ) or run.run_id}")
        if is_kedro_run(command):
            environ[TASK_MARK] = task_key
            runs.set_tags(run.run_id, {marks.tag_of(task_key): marks.RUNNING})

    if not attempt(reach, environ, tokens):
        carry_on_untracked(environ)


def authenticate(environ: MutableMapping[str, str]) -> list[BearerToken]:
    """Checks the settings and sets the variables they add; the tokens are fetched when they are first needed."""
    hush_libraries()
    chosen = read_settings(environ)
    environ.update(prepare(chosen, environ))
    expect_usable(environ)
    tokens = bearer_tokens(chosen, environ)
    if tokens:
        signer = environ.get("MLFLOW_TRACKING_AUTH") or OURS
        if signer != OURS:
            raise Failure(
                CONFIGURATION,
                f"MLFLOW_TRACKING_AUTH is '{signer}', so MLflow's calls would not carry the tokens that KDEPLOY_AUTH "
                "requires. Unset the variable where the container is started.",
            )
        environ["MLFLOW_TRACKING_AUTH"] = signer
    return tokens


def reach_runs(environ: MutableMapping[str, str], tokens: list[BearerToken]) -> Runs:
    """The runs, once there are tokens to ask for them with; one bound for all of it."""
    patience = Patience(wait_at_start(environ))
    for token in tokens:
        token.value()
    return open_runs(environ, tokens, patience)


def join(runs: Runs, environ: Mapping[str, str], run_id: str, key: str) -> Run:
    """The run that this task shares with others, RUNNING: the one of that ID, else that of the key."""
    if run_id:
        run = get_run(runs, run_id)
    else:
        experiment = runs.experiment_id(environ[EXPERIMENT], read_experiment_options(environ))
        run = join_shared_run(runs, experiment, key, run_name(environ, key), trace_tags(environ))
    if run.status != RUNNING:  # a task that was cleared, and runs again
        runs.set_status(run.run_id, RUNNING)
        runs.set_tags(run.run_id, {REOPENED: str(int(time.time() * 1000))})
    return run


def get_run(runs: Runs, run_id: str) -> Run:
    """The run that somebody else created for this task."""
    try:
        run = runs.get(run_id)
    except ApiError as error:
        raise Failure(
            CONFIGURATION,
            f"{RUN_ID} names the run '{run_id}', which {runs.address} does not have ({error.code}). "
            "Was it created on another server, or in another workspace?",
        ) from error
    if run.is_deleted:
        raise Failure(CONFIGURATION, f"{RUN_ID} names the run '{run_id}', which is deleted: restore it in MLflow.")
    return run


def attempt(reach: Callable[[], Any], environ: MutableMapping[str, str], tokens: list[BearerToken]) -> bool:
    """False when nobody answered and the settings allow for it; raises Failure for everything else that went wrong."""
    begun = time.monotonic()
    try:
        reach()
    except (TokenError, ServerProblem) as error:
        message = explain(error, environ, tokens, time.monotonic() - begun)
        if may_pass(error) and environ.get(ON_UNREACHABLE) == "warn":
            say(message)
            return False
        raise Failure(CONFIGURATION, message) from error
    return True


def may_pass(error: TokenError | ServerProblem) -> bool:
    """Whether nobody answered, who may do so later."""
    return error.is_transient if isinstance(error, TokenError) else isinstance(error, Unreachable)


def explain(
    error: TokenError | ServerProblem, environ: Mapping[str, str], tokens: Sequence[BearerToken], waited: float
) -> str:
    """Why MLflow could not be reached, how long that was tried, and what to do."""
    gave_up = f"Gave up after {int(waited)} s ({WAIT_VARIABLE})."
    if isinstance(error, TokenError):
        said = f"cannot authenticate to MLflow. {error}"
        return f"{said} {gave_up}" if error.is_transient else said
    mlflow = f"MLflow at {_address(environ)}"
    if isinstance(error, Unreachable):
        return f"{mlflow} {error} {gave_up} {error.remedy}"
    if isinstance(error, Refused):
        hints = [token.refused_hint for token in tokens] or ["Check the credentials passed to the container."]
        remarks = [f"{remark}: is that meant?" for remark in credentials.remarks(environ)]
        return " ".join([f"{mlflow} {error}", *remarks, *hints])
    return f"{mlflow} {_as_predicate(error)}"


def carry_on_untracked(environ: MutableMapping[str, str]) -> None:
    """Sends what the task logs to a folder that is lost with the container."""
    from kdeploy_runtime.shared_run.untracked import untracked_environment

    variables, folder = untracked_environment()
    environ.update(variables)
    environ.pop(RUN_ID, None)
    say(
        f"the task runs UNTRACKED (mlflow.on_unreachable is warn): it logs to {folder}, "
        "which is lost with the container."
    )


def _run_to_join(command: list[str], environ: Mapping[str, str]) -> tuple[str, str]:
    """The ID of the run or its key, the other empty. One that was given is joined by any command; a key that was
    found, by a Kedro run only (or by its hook).
    """
    run_id = given_run_id(environ)
    if run_id:
        return (run_id if environ.get(TRACKING_URI) else ""), ""
    key = find_run_key(environ) if RUN_KEY in environ or is_kedro_run(command) else None
    if key is None:
        return "", ""
    missing = [name for name in (TRACKING_URI, EXPERIMENT) if not environ.get(name)]
    if not missing:
        return "", key
    if RUN_KEY in environ:
        raise Failure(
            CONFIGURATION,
            f"{RUN_KEY} is set, but not {' and '.join(missing)}: build the image with kdeploy, or pass "
            f"{'it' if len(missing) == 1 else 'them'} to the container.",
        )
    return "", ""


def _as_predicate(error: ServerProblem) -> str:
    return f"returned {error}" if isinstance(error, ApiError) else str(error)


def _address(environ: MutableMapping[str, str]) -> str:
    from kdeploy_runtime.redaction.addresses import redact_addresses

    return redact_addresses(environ.get(TRACKING_URI, ""))
