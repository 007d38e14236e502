"""An exception's real reason, and what to do about those that kdeploy has met before."""

from __future__ import annotations

import re


def describe(error: BaseException) -> dict[str, str]:
    """``{type, message}``; for rejected settings without the values, which may be secrets in the wrong place."""
    return {"type": type(error).__name__, "message": _message(error)}


def _message(error: BaseException) -> str:
    problems = getattr(error, "errors", None)
    if _is_refused_by_pydantic(error) and callable(problems):
        lines = []
        for problem in problems():
            place = ".".join(str(part) for part in problem["loc"])
            lines.append(f"{place}: {problem['msg']}" if place else problem["msg"])
        return "; ".join(lines)
    if isinstance(error, SystemExit):
        return f"the code called sys.exit({error.code!r})"
    if isinstance(error, SyntaxError) and error.filename:
        return f"{error.msg} ({error.filename}, line {error.lineno})"
    return str(error).strip() or type(error).__name__


def hint_for(error: BaseException) -> str | None:
    """The next thing to do, where there is one."""
    own = getattr(error, "hint", None)
    if isinstance(own, str):
        return own
    if isinstance(error, ModuleNotFoundError):
        return _missing_module((error.name or "").split(".")[0])
    if _is_refused_by_pydantic(error):
        return _refused_config(_message(error))
    if type(error).__name__ == "PluginValidationError":
        return (
            "The plugin was made for another version of Kedro: require a version of it that supports the installed one."
        )
    text = str(error)
    if "maintenance mode" in text or "migrate-from-file-store" in text:
        return (
            "No MLflow server is configured, so runs would go to a folder in the container, which this MLflow does not "
            "support: set mlflow.tracking_uri in kdeploy.yml, or server.mlflow_tracking_uri in conf/<env>/mlflow.yml."
        )
    if "is not a valid directory" in text:
        return (
            "The folder of this Kedro environment is not in the image: check .dockerignore, "
            "or set KEDRO_ENV (kdeploy build --env) to an environment that is."
        )
    variable = re.search(r"Environment variable '(\w+)' not found", text)
    if variable:
        name = variable.group(1)
        return (
            f"The image does not set {name}: give it a default, ${{oc.env:{name},…}}, set it in the Dockerfile (ENV), "
            "or use ${globals:…} and a Kedro environment."
        )
    resolver = re.search(r"Unsupported interpolation type (\S+)", text)
    if resolver:
        if resolver.group(1) in ("oc.env", "env"):
            return "Kedro allows oc.env only in credentials; elsewhere, use globals or a custom resolver."
        return (
            f"Register the resolver '{resolver.group(1)}' in settings.py, under CONFIG_LOADER_ARGS['custom_resolvers']."
        )
    return None


def _missing_module(name: str) -> str:
    if name == "kedro_datasets":
        return (
            "kedro-mlflow 2.0 imports kedro-datasets without declaring it: "
            "add kedro-datasets to the project's requirements and build again."
        )
    if name == "pkg_resources":
        return (
            "A package of the image needs an older setuptools, which still had it: add setuptools<81 to the project's "
            "requirements and build again."
        )
    package = {"kedro_mlflow": "kedro-mlflow"}.get(name, name)
    return (
        f"Add the package that provides '{package}' to the project's requirements and build again; "
        "if it is the project's own code, check .dockerignore."
    )


def _refused_config(message: str) -> str:
    hint = "kedro-mlflow rejects this mlflow.yml: fix it in conf/base or conf/<env>"
    if "tracking.experiment.name" in message:
        return f"{hint} (null is not allowed; to name the experiment after the package, remove the line 'name:')."
    return f"{hint}. Its keys are listed at https://kedro-mlflow.readthedocs.io."


def _is_refused_by_pydantic(error: BaseException) -> bool:
    return type(error).__name__ == "ValidationError" and type(error).__module__.startswith("pydantic")
