"""Print a Kedro project's effective mlflow.yml as JSON, as kedro-mlflow would see it.

kdeploy calls this with the project's own Python when mlflow.yml cannot be read without Kedro: interpolation, custom
resolvers, several files, a loader of the project's own. Usage: read_tracking_config.py PROJECT [ENVIRONMENT]

Only settings.py and the configuration are loaded: no session, no hooks, no pipelines, no network. The last line of
stdout is `{"document": …, "files": […], "folder": …, "patterns": […]}` or
`{"error": …, "message": …, "kedro": version or null}`. Python 3.9 or later.
"""

import json
import os
import sys
from pathlib import Path

# kedro_mlflow/framework/hooks/mlflow_hook.py, after_context_created
MLFLOW_PATTERNS = ["mlflow*", "mlflow*/**", "**/mlflow*"]
SUFFIXES = (".yml", ".yaml", ".json")


def main(project, env):
    from kedro.framework.project import settings, validate_settings
    from kedro.framework.startup import bootstrap_project

    bootstrap_project(project)
    # Without this, dynaconf takes a settings.py that cannot be imported for an empty one.
    validate_settings()
    arguments = dict(settings.CONFIG_LOADER_ARGS)
    source = project / settings.CONF_SOURCE
    base, default = environments(settings.CONFIG_LOADER_CLASS, source, arguments)
    environment = env or default

    # Kedro refuses an environment without a folder. conf/local often has none in a fresh clone, and baking makes it.
    loaded = environment if (source / environment).is_dir() else base
    keep_random_names()
    loader = settings.CONFIG_LOADER_CLASS(conf_source=str(source), env=loaded or None, runtime_params={}, **arguments)
    patterns = getattr(loader, "config_patterns", {})
    patterns.setdefault("mlflow", MLFLOW_PATTERNS)
    return {
        "document": load(loader),
        "files": files(project, source, list(dict.fromkeys([base, environment])), patterns["mlflow"]),
        # Without a base environment Kedro reads the whole conf folder as one, so a key may be in one file of it only.
        "folder": (source / environment if base else source).relative_to(project).as_posix(),
        "patterns": list(patterns["mlflow"]),
    }


def environments(loader_class, source, arguments):
    """The base environment and that of a `kedro run`, as the loader has them: defaults differ by version and class."""
    loader = loader_class(conf_source=str(source), env=None, runtime_params={}, **arguments)
    base = getattr(loader, "base_env", arguments.get("base_env", "base"))
    default = getattr(loader, "default_run_env", arguments.get("default_run_env", "local"))
    return base or "", default or ""


def load(loader):
    from kedro.config import MissingConfigException

    try:
        return dict(loader["mlflow"])
    except MissingConfigException:
        return {}


def keep_random_names():
    """kedro-mlflow's `${km.random_name:}` names each run anew, so it must reach the image unresolved."""
    try:
        from omegaconf import OmegaConf
    except ImportError:
        return
    if not OmegaConf.has_resolver("km.random_name"):
        # The name of the function changes with OmegaConf 3.
        register = getattr(OmegaConf, "register_new_resolver", None) or OmegaConf.register_resolver
        register("km.random_name", lambda *_: "${km.random_name:}")


def files(project, source, environments, patterns):
    """The files that match, base environment first: for the places in kdeploy's messages."""
    found = []
    for environment in environments:
        folder = source / environment
        names = {path for pattern in patterns for path in folder.glob(globbed(pattern))}
        for path in sorted(names):
            name = path.relative_to(project).as_posix()
            if path.is_file() and path.suffix in SUFFIXES and name not in found:
                found.append(name)
    return found


def globbed(pattern):
    # A trailing `**` matches only folders in pathlib, and everything in fsspec.
    return pattern + "/*" if pattern.endswith("**") else pattern


def kedro_version():
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("kedro")
    except PackageNotFoundError:
        return None


if __name__ == "__main__":
    root = Path(sys.argv[1]).resolve()
    os.chdir(root)
    try:
        answer = main(root, sys.argv[2] if len(sys.argv) > 2 else None)
        # Infinity and NaN are no JSON.
        text = json.dumps(answer, default=str, allow_nan=False)
    except Exception as error:  # noqa: BLE001 - whatever settings.py raises is the answer
        text = json.dumps({"error": type(error).__name__, "message": str(error), "kedro": kedro_version()})
    sys.stdout.write("\n" + text + "\n")
