"""Real processes and one real Kedro project, shared by the tests of the runtime."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from mlflow_server import MlflowServer
from support import RUNTIME, SECRET, SelfTestRunner, WarmInterpreter, bake_dist_info
from token_issuer import TokenIssuer
from tracked_project import Tracked, make_tracked_project
from verifying_proxy import VerifyingProxy, bearer

sys.dont_write_bytecode = True  # the templates are packed as they stand
STARTED = pytest.StashKey[dict]()
SERVERS = {
    "mlflow_server": ("--workers", "2"),  # as one that many tasks ask at once
    "workspace_server": ("--workers", "1", "--enable-workspaces"),
}


def pytest_collection_finish(session: pytest.Session) -> None:
    """They take ten seconds to start, in the background, if a test will need them."""
    needed = {name for item in session.items for name in getattr(item, "fixturenames", ())}
    session.stash[STARTED] = {}
    for name, options in SERVERS.items():
        if name in needed and not session.config.option.collectonly:
            server = MlflowServer(Path(tempfile.mkdtemp(prefix="kdeploy-mlflow-")), *options)
            server.start()
            session.stash[STARTED][name] = server


def pytest_sessionfinish(session: pytest.Session) -> None:
    for server in session.stash.get(STARTED, {}).values():
        server.stop()
        shutil.rmtree(server.folder, ignore_errors=True)


@pytest.fixture(scope="session")
def template_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `kedro new` makes, with nothing in conf/local but what git keeps."""
    folder = tmp_path_factory.mktemp("kedro-new")
    subprocess.run(
        [sys.executable, "-m", "kedro", "new", "--name", "demo", "--tools", "none", "--example", "no"],
        cwd=folder,
        env={**os.environ, "DO_NOT_TRACK": "1"},
        check=True,
        capture_output=True,
    )
    (folder / "demo/conf/local/credentials.yml").unlink()
    return folder / "demo"


@pytest.fixture
def project(template_project: Path, tmp_path: Path) -> Path:
    """A copy of it, to be changed."""
    return Path(shutil.copytree(template_project, tmp_path / "demo"))


@pytest.fixture(scope="session")
def warm_interpreter() -> Iterator[WarmInterpreter]:
    with WarmInterpreter() as interpreter:
        yield interpreter


@pytest.fixture
def self_test(warm_interpreter: WarmInterpreter, project: Path, tmp_path: Path) -> SelfTestRunner:
    """Runs the self-test in ``project``."""
    return SelfTestRunner(warm_interpreter, project, tmp_path)


@pytest.fixture
def runtime_environment(tmp_path: Path) -> dict[str, str]:
    """A container's: the runtime on PYTHONPATH, and nothing of the developer's MLflow, Kedro or orchestrator."""
    foreign = ("MLFLOW_", "KEDRO_", "KDEPLOY_", "GOOGLE_", "AIRFLOW_", "GITHUB_", "CI_", "ARGO_", "KFP_", "AWS_BATCH_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    return {
        **kept,
        "HOME": str(tmp_path),  # no gcloud login, no ~/.mlflow/credentials
        "PYTHONPATH": str(RUNTIME),
        "PYTHONDONTWRITEBYTECODE": "1",
        "DO_NOT_TRACK": "1",
        "NO_PROXY": "127.0.0.1",
    }


@pytest.fixture(scope="session")
def mlflow_server(request: pytest.FixtureRequest) -> MlflowServer:
    server = request.session.stash[STARTED]["mlflow_server"]
    server.wait_until_it_answers()
    return server


@pytest.fixture(scope="session")
def workspace_server(request: pytest.FixtureRequest) -> MlflowServer:
    """Such a server takes no artifact locations from its clients, so it is none for the other tests."""
    if find_spec("mlflow.utils.workspace_context") is None:
        pytest.skip("this MLflow has no workspaces")
    server = request.session.stash[STARTED]["workspace_server"]
    server.wait_until_it_answers()
    return server


@pytest.fixture(scope="session")
def _issuer() -> Iterator[TokenIssuer]:
    with TokenIssuer(client_secret=SECRET) as issuer:
        yield issuer


@pytest.fixture
def issuer(_issuer: TokenIssuer) -> TokenIssuer:
    """Google and an OpenID provider, well-behaved again."""
    _issuer.lifetime, _issuer.failing, _issuer.asked = 3600.0, 0, []
    _issuer.auth_methods = ["client_secret_basic", "client_secret_post"]
    return _issuer


@pytest.fixture
def proxy(mlflow_server: MlflowServer, issuer: TokenIssuer) -> Iterator[VerifyingProxy]:
    """As IAP: lets in whom the issuer gave a token for the audience `mlflow`."""
    with VerifyingProxy(mlflow_server.url, bearer(issuer.keys.public, "mlflow")) as proxy:
        yield proxy


@pytest.fixture
def baked_environment(runtime_environment: dict[str, str], tmp_path: Path) -> dict[str, str]:
    """``runtime_environment`` of an image as kdeploy bakes it, its experiment named after the test."""
    return {
        **runtime_environment,
        "PYTHONPATH": bake_dist_info(tmp_path / "baked"),
        "MLFLOW_EXPERIMENT_NAME": tmp_path.name,
        "KDEPLOY_WAIT_SECONDS": "5",
    }


@pytest.fixture(scope="session")
def _tracked_project(template_project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tracked_project(template_project, tmp_path_factory.mktemp("tracked") / "demo")


@pytest.fixture
def tracked(
    _tracked_project: Path,
    warm_interpreter: WarmInterpreter,
    mlflow_server: MlflowServer,
    baked_environment: dict[str, str],
    tmp_path: Path,
) -> Tracked:
    """Kedro runs of a project that logs to the real server, as tasks of one pipeline."""
    project = Path(shutil.copytree(_tracked_project, tmp_path / "project"))
    environment = {**baked_environment, "MLFLOW_TRACKING_URI": mlflow_server.url}
    experiment = environment["MLFLOW_EXPERIMENT_NAME"]
    (project / "conf/local/mlflow.yml").write_text(f"tracking: {{experiment: {{name: {experiment}}}}}\n")
    return Tracked(warm_interpreter, project, environment, tmp_path, mlflow_server.client())
