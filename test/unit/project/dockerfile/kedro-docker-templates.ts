/** kedro-docker 0.6.2, template/Dockerfile.simple. */
const SIMPLE = `ARG BASE_IMAGE=python:3.9-slim
FROM $BASE_IMAGE as runtime-environment

# update pip and install uv
RUN python -m pip install -U "pip>=21.2"
RUN pip install uv

# install project requirements
COPY requirements.txt /tmp/requirements.txt
RUN uv pip install --system --no-cache-dir -r /tmp/requirements.txt && rm -f /tmp/requirements.txt

# add kedro user
ARG KEDRO_UID=999
ARG KEDRO_GID=0
RUN groupadd -f -g \${KEDRO_GID} kedro_group && \\
    useradd -m -d /home/kedro_docker -s /bin/bash -g \${KEDRO_GID} -u \${KEDRO_UID} kedro_docker

WORKDIR /home/kedro_docker
USER kedro_docker

FROM runtime-environment

# copy the whole project except what is in .dockerignore
ARG KEDRO_UID=999
ARG KEDRO_GID=0
COPY --chown=\${KEDRO_UID}:\${KEDRO_GID} . .

EXPOSE 8888

CMD ["kedro", "run"]
`;
const INSTALL_UV = 'RUN pip install uv\n';
const WITH_UV = 'RUN uv pip install --system --no-cache-dir -r';
const WITHOUT_UV = SIMPLE.replace(INSTALL_UV, '');

/** Dockerfile.simple of kedro-docker's versions, as the packages on PyPI have it. */
export const KEDRO_DOCKER = {
  '0.6.2': SIMPLE,
  '0.6.0': WITHOUT_UV.replace(WITH_UV, 'RUN pip install --no-cache-dir -r'),
  // pip takes `--no-cache` for `--no-cache-dir`.
  '0.5.0': WITHOUT_UV.replace('"pip>=21.2"', '"pip>=21.2,<23.2"').replace(WITH_UV, 'RUN pip install --no-cache -r'),
  '0.4.0': WITHOUT_UV.replace('RUN python -m pip install -U "pip>=21.2"\n', '')
    .replace('COPY requirements.txt', 'COPY src/requirements.txt')
    .replace(WITH_UV, 'RUN pip install --no-cache -r'),
  // One stage, requirements below src, and rights for all.
  '0.3.0': `ARG BASE_IMAGE=python:3.6-buster
FROM $BASE_IMAGE

# install project requirements
COPY src/requirements.txt /tmp/requirements.txt
RUN pip install -r /tmp/requirements.txt && rm -f /tmp/requirements.txt

# add kedro user
ARG KEDRO_UID=999
ARG KEDRO_GID=0
RUN groupadd -f -g \${KEDRO_GID} kedro_group && \\
useradd -d /home/kedro -s /bin/bash -g \${KEDRO_GID} -u \${KEDRO_UID} kedro

# copy the whole project except what is in .dockerignore
WORKDIR /home/kedro
COPY . .
RUN chown -R kedro:\${KEDRO_GID} /home/kedro
USER kedro
RUN chmod -R a+w /home/kedro

EXPOSE 8888

CMD ["kedro", "run"]
`,
} as const;
