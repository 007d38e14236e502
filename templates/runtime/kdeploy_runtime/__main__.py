"""The image's entrypoint: ``python -m kdeploy_runtime CMD…``."""

import os
import sys

# `kedro run` does not look for modules in the work folder, `python -m` does: a `json.py` or `mlflow.py`
# at the root of the project would break the entrypoint, and only the entrypoint.
if not getattr(sys.flags, "safe_path", False) and sys.path and sys.path[0] == os.getcwd():
    del sys.path[0]

from kdeploy_runtime.command_line import main

sys.exit(main(sys.argv[1:]))
