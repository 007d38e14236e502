/** What projects have, with a secret in most of them. */
import { readFileSync } from 'node:fs';
import { templatePath } from '../../src/template-files.js';
import { KEDRO_DOCKER_TEMPLATE } from '../../src/project/dockerfile/dockerignore.js';
import { SECRET } from './secret.js';

export const DOCKERFILES = [
  `ARG BASE_IMAGE=python:3.11-slim
FROM $BASE_IMAGE AS runtime-environment
# update pip and install uv
RUN python -m pip install -U "pip>=21.2" && pip install uv
COPY requirements.txt /tmp/requirements.txt
RUN uv pip install --system --no-cache-dir -r /tmp/requirements.txt && rm -f /tmp/requirements.txt
ARG KEDRO_UID=999
ARG KEDRO_GID=0
RUN groupadd -f -g \${KEDRO_GID} kedro_group && useradd -m -d /home/kedro_docker -s /bin/bash -g \${KEDRO_GID} -u \${KEDRO_UID} kedro_docker
WORKDIR /home/kedro_docker
USER kedro_docker
FROM runtime-environment
COPY --chown=\${KEDRO_UID}:\${KEDRO_GID} . .
EXPOSE 8888
CMD ["kedro", "run"]
`,
  `# syntax=docker/dockerfile:1
# escape=\`
FROM --platform=$TARGETPLATFORM ghcr.io/astral-sh/uv:python3.12-bookworm AS build
ENV PIP_INDEX_URL=https://ada:${SECRET}@pypi.example.com/simple A="b c" D=e\\ f
WORKDIR /app
COPY <<EOF /etc/pip.conf
[global]
index-url = https://ada:${SECRET}@pypi.example.com/simple
EOF
RUN --mount=type=cache,target=/root/.cache --mount=type=secret,id=pip uv sync --frozen --no-dev --group docs --extra=a
FROM python:3.12-slim@sha256:${'0a'.repeat(32)}
COPY --from=build --chmod=755 ["/app", "/app folder"]
RUN <<"SH"
  pip install -e '.[a,b]' "kedro==1.0.0" \${X:-mlflow} || true; poetry install --only main
SH
ENTRYPOINT exec kedro run
HEALTHCHECK --interval=5s CMD curl -f https://ada:${SECRET}@example.com || exit 1
ONBUILD RUN echo \${A%b} \${A:+c}
`,
];

export const DOCKERIGNORES = [
  KEDRO_DOCKER_TEMPLATE.join('\n'),
  '# all but sources\n**\n!/src/**/*.py\n!conf/base\nconf/[a-lm]ocal/cred?ntials.y*ml\n\\#file\n**/node_modules/**\n/./a/../b//c/\n',
];

export const REQUIREMENTS = [
  `--index-url https://ada:${SECRET}@pypi.example.com/simple
--extra-index-url=https://pypi.org/simple --trusted-host pypi.example.com
kedro[jupyter]~=1.0.0 ; python_version >= "3.9" and (os_name == 'posix' or extra == "a")
mlflow>=2.9,<4,!=3.0 \\
    --hash=sha256:${'ab'.repeat(32)}
kedro_mlflow @ git+https://ada:${SECRET}@github.com/Galileo-Galilei/kedro-mlflow@1.0.0#egg=kedro-mlflow # comment
-e git+ssh://git@github.com/acme/tools.git#egg=tools&subdirectory=py
-r other.txt
-c \${CONSTRAINTS}
./wheels/demo-1.0-py3-none-any.whl
`,
  '\ufeff# -*- coding: utf-8 -*-\r\nnumpy==1.26.4\r\npandas===2.0\r\n.[extra]\r\n-e .\r\nfile:///tmp/a.tar.gz\r\n',
];

export const PYPROJECTS = [
  `[build-system]
requires = ["setuptools"]
[project]
name = "spaceflights"
dynamic = ["version"]
requires-python = ">=3.10,<3.13"
dependencies = ["kedro~=1.0", "kedro-mlflow>=1; python_version<'4'", "a @ https://ada:${SECRET}@example.com/a.whl"]
[project.optional-dependencies]
docs = ["sphinx"]
[dependency-groups]
dev = ["pytest", {include-group = "lint"}]
lint = ["ruff"]
[tool.kedro]
package_name = "spaceflights"
project_name = "Space flights"
kedro_init_version = "1.0.0"
tools = ["None"]
[tool.uv]
password = "${SECRET}"
index = [{ url = "https://ada:${SECRET}@pypi.example.com" }]
`,
  `[tool.poetry]
name = "demo"
[tool.poetry.dependencies]
python = "^3.10"
kedro = { version = "~1.0", extras = ["a"], markers = "os_name == 'posix'" }
mlflow = [{ version = "^2", python = "<3.11" }, { version = ">=3", source = "own" }]
[tool.poetry.group.dev.dependencies]
pytest = "*"
[[tool.poetry.source]]
name = "own"
url = """https://ada:${SECRET}@pypi.example.com/simple"""
[tool.setuptools.dynamic]
dependencies = {file = ["requirements.txt"]}
[tool.kedro]
package_name = 'demo'
kedro_init_version = '0.19.10'
`,
];

export const LOCK_FILES = [
  `version = 1
requires-python = ">=3.10"
[[package]]
name = "demo"
version = "0.1"
source = { editable = "." }
dependencies = [{ name = "kedro", marker = "python_full_version >= '3.10'", extra = ["a"] }]
[package.optional-dependencies]
docs = [{ name = "sphinx" }]
[package.dev-dependencies]
dev = [{ name = "pytest" }]
[[package]]
name = "kedro"
version = "1.0.0"
source = { registry = "https://ada:${SECRET}@pypi.example.com/simple" }
dependencies = [{ name = "demo" }, { name = "sphinx" }]
`,
  `[[package]]
name = "kedro"
version = "1.0.0"
optional = false
groups = ["main", "dev"]
markers = {main = "extra == \\"a\\"", dev = "python_version < \\"3.11\\""}
[package.dependencies]
mlflow = {version = ">=2", markers = "os_name == 'posix'"}
[extras]
a = ["kedro"]
[metadata]
lock-version = "2.1"
`,
];

export const MLFLOW_YMLS = [
  `server:
  mlflow_tracking_uri: https://mlflow.example.com # comment
  mlflow_registry_uri: null
  credentials: null
  request_header_provider:
    type: null
    pass_context: False
tracking:
  disable_tracking:
    pipelines: []
  experiment:
    name: \${globals:experiment, "demo"}
    restore_if_deleted: True
  run: &run
    id: null
    nested: on
  params:
    <<: *run
    dict_params: {flatten: False, sep: "."}
ui: {port: "5000", host: "127.0.0.1"}
`,
  `server:
  mlflow_tracking_uri:
  token: ${SECRET}
password: "${SECRET}"
a: \${b}\${.c}\${oc.env:HOME}
b: |
  ${SECRET}
globals: [1, 2.0, 0x1f, 1_000, .5, 12:30:45, ~, !!str 3]
`,
];

export const KDEPLOY_YMLS = [
  readFileSync(templatePath('kdeploy.yml'), 'utf8').replace(/^(\s*)# (\s*[\w-]+:.*)$/gm, '$1$2'),
  `image:
  name: europe-west1-docker.pkg.dev/acme/ml/flights
  tags: ["{git.sha}", latest]
  platform: linux/amd64
build:
  args: {PIP_INDEX_URL: "https://ada:${SECRET}@pypi.example.com"}
  secrets: [{id: pip, env: PIP_TOKEN}]
checks: {kedro-datasets-declared: warning}
mlflow: {enabled: auto, tracking_uri: "https://ada:${SECRET}@mlflow.example.com", on_unreachable: warn}
run_config:
  experiment_name: demo
  run_name: "{env}"
  authentication: {type: Bearer, token_file: /run/secrets/token, password: ${SECRET}}
`,
];

export const SETTINGS_PYS = [
  `"""Project settings."""
from kedro.config import OmegaConfigLoader  # noqa: E402
CONFIG_LOADER_CLASS = OmegaConfigLoader
CONF_SOURCE = "conf"
CONFIG_LOADER_ARGS = {
    "base_env": "base",
    'default_run_env': r"local",
    "config_patterns": {"mlflow": ["mlflow*", "**/mlflow*"], "globals": ("globals.yml",)},
    "custom_resolvers": {"today": lambda: 1},
}
if True:
    HOOKS = (ProjectHooks(),)
`,
];
