import { expect } from 'chai';
import fc from 'fast-check';
import { KdeployError } from '../../../src/errors.js';
import {
  kedroDockerTemplate,
  needsBuildKit,
  pythonVersionOf,
  readDockerfile,
  type Dockerfile,
  type Install,
} from '../../../src/project/dockerfile.js';
import { memorySource } from '../../support/memory-source.js';
import { rejection } from '../../support/rejection.js';

async function read(
  text: string | string[],
  {
    files = ['requirements.txt'],
    buildArguments = {},
  }: { files?: string[]; buildArguments?: Record<string, string> } = {},
): Promise<Dockerfile> {
  const content = Array.isArray(text) ? text.join('\n') : text;
  const source = memorySource({ Dockerfile: content, ...Object.fromEntries(files.map((file) => [file, ''])) });
  const dockerfile = await readDockerfile({ source, file: 'Dockerfile', buildArguments });
  if (dockerfile === undefined) throw new Error('no Dockerfile');
  return dockerfile;
}

function shown(install: Install): string {
  switch (install.kind) {
    case 'requirements-file':
      return `-r ${install.file}${install.exists ? '' : ' (missing)'}`;
    case 'package':
      return install.requirement;
    case 'project':
      return `.[${install.extras.join()}]`;
    case 'lock-file':
      return `${install.tool} lock`;
    case 'opaque':
      return `? ${install.what}`;
  }
}

/** kedro-docker 0.6.2, template/Dockerfile.simple */
const KEDRO_DOCKER = `ARG BASE_IMAGE=python:3.9-slim
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

describe('readDockerfile', () => {
  it('knows no file that is not there', async () => {
    expect(await readDockerfile({ source: memorySource({}), file: 'Dockerfile' })).to.equal(undefined);
  });

  it('reads the one that kedro docker writes, and agrees with what is assumed where there is none', async () => {
    const dockerfile = await read(KEDRO_DOCKER, { buildArguments: { BASE_IMAGE: 'python:3.11-slim' } });
    expect(dockerfile).to.deep.include({
      baseImage: 'python:3.11-slim',
      pythonVersion: '3.11',
      user: 'kedro_docker',
      workdir: '/home/kedro_docker',
      needsBuildKit: false,
    });
    expect(dockerfile.cmd?.words).to.deep.equal(['kedro', 'run']);
    expect(dockerfile.entrypoint).to.equal(undefined);
    expect(dockerfile.installs.map(shown)).to.deep.equal(['pip>=21.2', 'uv', '-r requirements.txt']);

    const assumed = kedroDockerTemplate('Dockerfile', 'python:3.11-slim', true);
    expect(assumed).to.deep.include({
      baseImage: dockerfile.baseImage,
      pythonVersion: dockerfile.pythonVersion,
      user: dockerfile.user,
      workdir: dockerfile.workdir,
    });
    expect(assumed.cmd?.words).to.deep.equal(dockerfile.cmd?.words);
    expect(assumed.installs.map(shown)).to.deep.equal(['-r requirements.txt']);
  });

  describe('base image', () => {
    const cases: [
      name: string,
      lines: string[],
      expected: string | undefined,
      buildArguments?: Record<string, string>,
    ][] = [
      ['the default of an ARG', ['ARG V=3.11', 'FROM python:${V}-slim'], 'python:3.11-slim'],
      ['a --build-arg over the default', ['ARG V=3.11', 'FROM python:$V'], 'python:3.12', { V: '3.12' }],
      ['an ARG made of another', ['ARG V=3.11', 'ARG IMAGE=python:$V', 'FROM $IMAGE'], 'python:3.11'],
      ['a default in the reference', ['FROM python:${V:-3.10}'], 'python:3.10'],
      ['the last stage', ['FROM node:20', 'FROM python:3.11'], 'python:3.11'],
      ['through stages', ['FROM python:3.11 AS base', 'FROM base AS deps', 'FROM DEPS'], 'python:3.11'],
      ['with a platform', ['FROM --platform=linux/amd64 python:3.11'], 'python:3.11'],
      ['not an ARG without a value', ['ARG IMAGE', 'FROM $IMAGE'], undefined],
      ['not a --build-arg that no ARG declares', ['FROM $IMAGE'], undefined, { IMAGE: 'python:3.11' }],
      ['not an ARG of a stage', ['FROM scratch', 'ARG IMAGE=python:3.11', 'FROM $IMAGE'], undefined],
    ];
    for (const [name, lines, expected, buildArguments = {}] of cases) {
      it(name, async () => expect((await read(lines, { buildArguments })).baseImage).to.equal(expected));
    }
  });

  describe('installs', () => {
    const cases: [name: string, lines: string[], expected: string[], files?: string[]][] = [
      [
        'a file copied to a folder',
        ['COPY requirements.txt /tmp/', 'RUN pip install -r /tmp/requirements.txt'],
        ['-r requirements.txt'],
      ],
      [
        'a file copied under another name',
        ['COPY requirements.txt /r.txt', 'RUN pip install -r /r.txt'],
        ['-r requirements.txt'],
      ],
      [
        'a file relative to WORKDIR',
        ['WORKDIR /app', 'COPY src/requirements.txt .', 'RUN pip3 install -r requirements.txt'],
        ['-r src/requirements.txt'],
        ['src/requirements.txt'],
      ],
      [
        'the whole project copied',
        ['WORKDIR /app', 'COPY . .', 'RUN pip install -r src/requirements.txt'],
        ['-r src/requirements.txt'],
        ['src/requirements.txt'],
      ],
      [
        'a folder copied',
        ['COPY docker/reqs /reqs', 'RUN pip install -r /reqs/prod.txt'],
        ['-r docker/reqs/prod.txt'],
        ['docker/reqs/prod.txt'],
      ],
      [
        'several files copied',
        ['COPY a.txt requirements.txt /x/', 'RUN pip install -r /x/requirements.txt -r /x/a.txt'],
        ['-r requirements.txt', '-r a.txt'],
        ['a.txt', 'requirements.txt'],
      ],
      [
        'a pattern copied',
        ['COPY requirements*.txt /x/', 'RUN pip install -r /x/requirements-prod.txt'],
        ['-r requirements-prod.txt'],
        ['requirements-prod.txt'],
      ],
      [
        'the JSON form of COPY and RUN',
        ['COPY ["requirements.txt", "/r s.txt"]', 'RUN ["pip", "install", "-r", "/r s.txt"]'],
        ['-r requirements.txt'],
      ],
      ['ADD', ['ADD requirements.txt /', 'RUN pip install -r /requirements.txt'], ['-r requirements.txt']],
      [
        'the latest of two copies',
        ['COPY a.txt /r.txt', 'COPY b.txt /r.txt', 'RUN pip install -r /r.txt'],
        ['-r b.txt'],
        ['a.txt', 'b.txt'],
      ],
      [
        'a path with variables',
        ['ENV DIR=/opt/x', 'ARG F=requirements.txt', 'COPY $F ${DIR}/', 'RUN pip install -r ${DIR}/$F'],
        ['-r requirements.txt'],
      ],
      [
        'a bind mount',
        ['RUN --mount=type=bind,source=requirements.txt,target=/t/r.txt pip install -r /t/r.txt'],
        ['-r requirements.txt'],
      ],
      [
        'after cd',
        ['COPY . /app', 'RUN apt-get update && cd /app && pip install -r requirements.txt'],
        ['-r requirements.txt'],
      ],
      [
        'what another stage installed and is copied from',
        [
          'COPY requirements.txt .',
          'RUN pip install -r requirements.txt',
          'FROM python:3.11',
          'COPY --from=0 /venv /venv',
        ],
        ['-r requirements.txt'],
      ],
      [
        'a file from another stage',
        [
          'COPY requirements.txt /a.txt',
          'FROM python:3.11',
          'COPY --from=0 /a.txt /b.txt',
          'RUN pip install -r /b.txt',
        ],
        ['-r requirements.txt'],
      ],
      [
        'not what a stage installed that is not used',
        ['RUN pip install a', 'FROM python:3.11', 'RUN pip install b'],
        ['b'],
      ],
      [
        'every spelling of the option',
        [
          'COPY . /',
          'RUN pip install -r/requirements.txt && pip install --requirement=/requirements.txt && pip install --requirement /requirements.txt',
        ],
        ['-r requirements.txt', '-r requirements.txt', '-r requirements.txt'],
      ],
      [
        'every spelling of pip',
        [
          'RUN python3 -m pip install a && python -m uv pip install b && uv pip install c && /opt/bin/pip3.11 install d && PIP_X=1 pip install e',
        ],
        ['a', 'b', 'c', 'd', 'e'],
      ],
      [
        'packages, not the values of options',
        [
          'RUN pip install --index-url https://x/simple --target /opt -c c.txt --no-cache-dir "kedro>=1" kedro-mlflow[x]',
        ],
        ['kedro>=1', 'kedro-mlflow[x]'],
      ],
      ['the project', ['WORKDIR /app', 'COPY . .', 'RUN pip install -e .[dev] && pip install /app'], ['.[dev]', '.[]']],
      ['a heredoc', ['RUN <<EOF', 'pip install a', 'pip install b', 'EOF'], ['a', 'b']],
      [
        'over continuation lines and comments',
        ['RUN pip install \\', '    # the loader', '    a \\', '    b'],
        ['a', 'b'],
      ],
      ['not a redirection', ['RUN pip install a > /dev/null 2>&1; pip install b >>/log'], ['a', 'b']],
      [
        'tools with files of their own',
        ['RUN uv sync --frozen && poetry install && conda env update -f e.yml && pipenv install && pdm sync'],
        ['? uv sync', '? poetry install', '? conda', '? pipenv install', '? pdm install'],
      ],
      ['pip-sync', ['COPY . /', 'RUN pip-sync /requirements.txt'], ['-r requirements.txt']],
      [
        'a file made during the build',
        ['RUN poetry export > /r.txt && pip install -r /r.txt'],
        ['? /r.txt, which is not copied from the project'],
      ],
      [
        'a file that the project lacks',
        ['COPY requirements.txt /', 'RUN pip install -r /requirements.txt'],
        ['-r requirements.txt (missing)'],
        [],
      ],
      [
        'nothing from other commands',
        ['RUN apt-get install -y pip && echo "pip install x" && npm install y && pip list && pip download z'],
        [],
      ],
    ];
    for (const [name, lines, expected, files] of cases) {
      it(name, async () => {
        const dockerfile = await read(['FROM python:3.11', ...lines], files === undefined ? {} : { files });
        expect(dockerfile.installs.map(shown)).to.deep.equal(expected);
      });
    }
  });

  it('gives the line of each installation', async () => {
    const { installs } = await read(['FROM python:3.11', '', 'RUN pip install \\', ' a']);
    expect(installs[0]?.place).to.deep.equal({ file: 'Dockerfile', line: 3 });
  });

  it('reads ENTRYPOINT, CMD, USER and WORKDIR of the final stage, the inherited ones too', async () => {
    const dockerfile = await read([
      'FROM python:3.11 AS base',
      'WORKDIR /a',
      'WORKDIR b',
      'USER 1000:0',
      'ENTRYPOINT ["tini", "--"]',
      'FROM base',
      'CMD kedro run',
    ]);
    expect(dockerfile).to.deep.include({
      workdir: '/a/b',
      user: '1000:0',
      entrypoint: { line: 5, words: ['tini', '--'] },
      cmd: { line: 7, shell: 'kedro run' },
    });
  });

  it('reads a file that is no Dockerfile as one that installs nothing', async () => {
    expect((await read('hello world\n')).installs).to.deep.equal([]);
    expect((await read('')).baseImage).to.equal(undefined);
  });

  it('refuses what is too large or binary', async () => {
    for (const text of ['FROM x\n'.repeat(50_000), 'FROM x\0']) {
      expect((await rejection(read(text))).code).to.equal('configuration');
    }
  });

  it('throws nothing but KdeployError, whatever the text', async () => {
    const line = fc.constantFrom(
      'FROM a',
      'FROM',
      'FROM $',
      'FROM a AS b',
      'FROM b',
      'RUN <<EOF',
      'EOF',
      'RUN pip install -r',
      'RUN [',
      'COPY',
      'COPY a',
      'COPY --from=b . .',
      'COPY --from=0 ${A:-${B}} /',
      'ENV',
      'ENV A',
      'ARG A=',
      'ARG',
      'WORKDIR',
      'WORKDIR $A',
      '\\',
      '# escape=`',
      '# syntax=x',
      'RUN --mount=',
      'RUN "\'',
      'USER',
      'CMD [1]',
      'é\t',
    );
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.string(),
          fc.array(line).map((lines) => lines.join('\n')),
        ),
        async (text) => {
          try {
            await read(text);
          } catch (error) {
            expect(error).to.be.instanceOf(KdeployError);
          }
        },
      ),
    );
  });
});

describe('pythonVersionOf', () => {
  const cases: [image: string, expected: string | undefined][] = [
    ['python:3.11-slim', '3.11'],
    ['python:3.11.4', '3.11.4'],
    ['docker.io/library/python:3.12-bookworm@sha256:abc', '3.12'],
    ['registry:5000/acme/python:3.10', '3.10'],
    ['ghcr.io/astral-sh/uv:python3.12-bookworm', '3.12'],
    ['acme/base:1.0-py3.11', '3.11'],
    ['python:slim', undefined],
    ['python', undefined],
    ['python:3', undefined],
    ['acme/kedro:3.11', undefined],
    ['registry:3.11/python', undefined],
    ['debian:12', undefined],
  ];
  for (const [image, expected] of cases) {
    it(`${image}: ${expected ?? 'unknown'}`, () => expect(pythonVersionOf(image)).to.equal(expected));
  }
});

describe('needsBuildKit', () => {
  const cases: [text: string, expected: boolean][] = [
    [KEDRO_DOCKER, false],
    ['FROM a\nRUN --mount=type=cache,target=/c pip install x', true],
    ['FROM a\nRUN --network=none x', true],
    ['FROM a\nRUN <<EOF\nx\nEOF', true],
    ['FROM a\nCOPY <<EOF /x\ny\nEOF', true],
    ['FROM a\nCOPY --link x /', true],
    ['FROM a\nCOPY --chmod=755 x /', true],
    ['FROM a\nCOPY --chown=1:1 x /', false],
    ['FROM a\nCOPY --from=b x /', false],
    ['FROM --platform=linux/amd64 a', false],
    ['# syntax=docker/dockerfile:1\nFROM a', true],
    ['FROM a\n# syntax=docker/dockerfile:1', false],
    ['FROM a\nARG TARGETARCH', true],
    ['FROM a\nARG TARGET', false],
    ['FROM a\nRUN echo --mount=x', false],
    ['FROM a\nRUN cat file << 1', false],
    ['FROM a\nHEALTHCHECK --interval=5s CMD x', false],
  ];
  for (const [text, expected] of cases) {
    it(`${JSON.stringify(text.slice(0, 50))}: ${String(expected)}`, async () =>
      expect(await needsBuildKit(text)).to.equal(expected));
  }
});
