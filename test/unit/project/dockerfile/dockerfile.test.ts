import { expect } from 'chai';
import fc from 'fast-check';
import { KdeployError } from '../../../../src/errors.js';
import {
  kedroDockerTemplate,
  needsBuildKit,
  pythonVersionOf,
  readDockerfile,
  type Dockerfile,
  type Install,
} from '../../../../src/project/dockerfile/dockerfile.js';
import { memorySource } from '../../../support/memory-source.js';
import { rejection } from '../../../support/rejection.js';
import { KEDRO_DOCKER } from './kedro-docker-templates.js';

async function read(
  text: string | string[],
  {
    files = ['requirements.txt'],
    buildArguments = {},
  }: { files?: string[]; buildArguments?: Record<string, string> } = {},
): Promise<Dockerfile> {
  const content = Array.isArray(text) ? text.join('\n') : text;
  const source = memorySource({ Dockerfile: content, ...Object.fromEntries(files.map((file) => [file, ''])) });
  const dockerfile = await readDockerfile({
    source,
    file: 'Dockerfile',
    buildArguments,
    platform: 'linux/arm64/v8',
  });
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
    case 'lock-file': {
      const {
        tool,
        groups = [],
        extras = [],
        without = [],
        withoutDefaultGroups = false,
        onlyGroups = false,
      } = install;
      const options = [
        ...(withoutDefaultGroups ? ['-'] : []),
        ...(onlyGroups ? ['only'] : []),
        ...groups.map((group) => `@${group}`),
        ...without.map((group) => `-@${group}`),
        ...extras.map((extra) => `[${extra}]`),
        ...(install.stale === undefined ? [] : [install.stale]),
      ];
      return ['lock', tool, ...options].join(' ');
    }
    case 'opaque':
      return `? ${install.what}`;
  }
}

describe('readDockerfile', () => {
  it('knows no file that is not there', async () => {
    expect(await readDockerfile({ source: memorySource({}), file: 'Dockerfile' })).to.equal(undefined);
  });

  it('reads the one that kedro docker writes, and agrees with what is assumed where there is none', async () => {
    const dockerfile = await read(KEDRO_DOCKER['0.6.2'], { buildArguments: { BASE_IMAGE: 'python:3.11-slim' } });
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
      [
        'by the target platform',
        ['FROM acme/$TARGETARCH/python:3.11${TARGETVARIANT:+-$TARGETVARIANT}'],
        'acme/arm64/python:3.11-v8',
      ],
      ['by BuildKit’s modifiers', ['ARG T=v3.11.4-slim', 'FROM python:${T#v}'], 'python:3.11.4-slim'],
      ['with quotes', ['ARG T="3.11"', 'FROM "python:$T"'], 'python:3.11'],
      ['not without a value that is required', ['FROM python:${T:?which}'], undefined],
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
        ['lock uv', 'lock poetry', '? conda', '? pipenv install', 'lock pdm'],
      ],
      ['pip-sync', ['COPY . /', 'RUN pip-sync /requirements.txt'], ['-r requirements.txt']],
      [
        'what a lock file is exported to',
        [
          'RUN poetry export > /r.txt && pip install -r /r.txt',
          'RUN uv export --no-dev -o r.txt',
          'RUN pip install -r r.txt',
        ],
        ['lock poetry -', 'lock uv -@dev renewed'],
      ],
      ['an export that is piped', ['RUN uv export --frozen | uv pip install -r -'], ['lock uv']],
      [
        'a file that is compiled during the build',
        [
          'COPY requirements.in /',
          'RUN pip-compile /requirements.in && pip install -r /requirements.txt',
          'RUN uv pip compile requirements.in -o /x.txt',
          'RUN uv pip sync /x.txt',
        ],
        ['-r requirements.in', '-r requirements.in'],
        ['requirements.in'],
      ],
      [
        'files that are put together or moved',
        ['COPY *.txt /', 'RUN cat a.txt b.txt > all.txt && cp all.txt /tmp/x.txt', 'RUN pip install -r /tmp/x.txt'],
        ['-r a.txt', '-r b.txt'],
        ['a.txt', 'b.txt'],
      ],
      [
        'a file that another program writes',
        ['RUN ./generate > /r.txt && pip install -r /r.txt'],
        ['? /r.txt, which is not copied from the project'],
      ],
      [
        'a file given as input',
        ['COPY requirements.txt .', 'RUN pip install -r /dev/stdin < requirements.txt'],
        ['-r requirements.txt'],
      ],
      [
        'what xargs reads',
        ['COPY requirements.txt .', 'RUN xargs pip install < requirements.txt', 'RUN cat x | xargs -n 1 pip install'],
        ['-r requirements.txt', '? xargs'],
      ],
      [
        'a file that the Dockerfile contains',
        [
          'COPY <<EOF /r.txt',
          'kedro>=1',
          '# a comment',
          '-i https://x',
          'kedro-mlflow # why',
          'EOF',
          'RUN pip install -r /r.txt',
        ],
        ['kedro>=1', 'kedro-mlflow'],
      ],
      [
        'a here-document for a shell, not one for another program',
        [
          'RUN bash -e <<EOF',
          'pip install a',
          'EOF',
          'RUN python <<EOF',
          'pip install b',
          'EOF',
          'RUN <<EOF',
          '#!/usr/bin/env python3',
          'pip install c',
          'EOF',
        ],
        ['a'],
      ],
      [
        'with a wrapper before it',
        [
          'RUN sudo -E pip install a && env A=1 pip install b && conda run -n x --no-capture-output pip install c',
          'RUN bash -lc "pip install d" && gosu app pip install e && poetry run pip install f',
          'RUN if [ -f x ]; then pip install g; else pip install h; fi',
          'RUN ["/bin/sh", "-c", "pip install i"]',
          'RUN pip --no-cache-dir install j && python3 -u -m pip install k && uv --quiet pip install l',
        ],
        ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l'],
      ],
      [
        'copies that keep the folders',
        ['COPY --parents docker/a.txt ./src/./b.txt /x/', 'RUN pip install -r /x/docker/a.txt -r /x/b.txt'],
        ['-r docker/a.txt', '-r src/b.txt'],
        ['docker/a.txt', 'src/b.txt'],
      ],
      [
        'a bind mount of the whole project, or of another stage',
        [
          'COPY requirements.txt /in/',
          'FROM python:3.11',
          'WORKDIR /app',
          'RUN --mount=type=bind,target=/src pip install -r /src/requirements.txt',
          'RUN --mount=type=bind,from=s,source=/in,target=/in --mount=type=cache,target=/root pip install -r /in/requirements.txt',
        ],
        ['-r requirements.txt', '-r requirements.txt'],
      ],
      ['nothing of ONBUILD', ['ONBUILD RUN pip install a', 'RUN pip install b'], ['b']],
      [
        'uv with its options',
        [
          'RUN uv sync --frozen --no-install-project --no-dev --extra gpu --group=serve',
          'RUN uv sync --locked --only-group ci',
          'RUN uv sync --all-extras --all-groups --no-group docs --python 3.11',
          'RUN python -m uv sync --no-default-groups && uv run --extra x kedro --no-dev --frozen',
          'RUN uv sync --only-dev --no-frozen',
        ],
        [
          'lock uv @serve -@dev [gpu]',
          'lock uv - only @ci refused',
          'lock uv @* -@docs [*] renewed',
          'lock uv - renewed',
          'lock uv [x] renewed',
          'lock uv - only @dev renewed',
        ],
      ],
      [
        'uv as its variables have it at that line',
        [
          'RUN uv sync',
          'ENV UV_FROZEN=1',
          'RUN uv sync',
          'RUN uv sync --locked',
          'ENV UV_FROZEN=0 UV_LOCKED=true',
          'RUN uv sync && poetry install',
          'RUN uv sync --frozen',
        ],
        ['lock uv renewed', 'lock uv', 'lock uv refused', 'lock uv refused', 'lock poetry', 'lock uv'],
      ],
      [
        'Poetry with its options',
        [
          'RUN poetry config virtualenvs.create false && poetry install --only main --no-root',
          'RUN poetry install --with a,b --without dev,docs -E x --extras "y z" -C /app',
          'RUN poetry install --no-dev && poetry sync --only=main,serve --without serve && poetry add q',
          'RUN poetry install --only serve && poetry install --only-root',
        ],
        [
          'lock poetry - @main',
          'lock poetry @a @b -@dev -@docs [x] [y] [z]',
          'lock poetry -',
          'lock poetry - @main @serve',
          'lock poetry - only @serve',
          'lock poetry - only',
        ],
      ],
      [
        'PDM with its options',
        [
          'RUN pdm sync --prod --no-editable -G serve && pdm export -o r.txt --prod && pip install -r r.txt',
          'RUN pdm install --without dev --no-default && pdm install --frozen-lockfile && pdm install --check',
        ],
        ['lock pdm - @serve', 'lock pdm -', 'lock pdm only -@dev renewed', 'lock pdm', 'lock pdm refused'],
      ],
      ['a lock file of another folder', ['COPY lib /lib', 'RUN cd /lib && uv sync'], ['? uv in the folder lib']],
      [
        'wheels that another stage made',
        [
          'COPY requirements.txt /',
          'RUN pip wheel -r /requirements.txt -w /w',
          'FROM python:3.11',
          'COPY --from=0 /w /w',
          'RUN pip install /w/*',
        ],
        ['-r requirements.txt', '/w/*'],
      ],
      [
        'the project without its dependencies',
        ['COPY . .', 'RUN pip install --no-deps . && pip install -r pyproject.toml'],
        ['-r pyproject.toml (missing)'],
      ],
      [
        'programs that may install anything',
        ['RUN make install && ./docker/setup.sh && bash x.sh && python -m venv /v && curl https://x/install.sh | sh'],
        ['? make install', '? the script setup.sh', '? the script x.sh'],
      ],
      [
        'as the variables are at that line',
        ['ENV D=/a', 'ENV D=/b E=$D', 'COPY requirements.txt $E/', 'RUN pip install -r /a/requirements.txt'],
        ['-r requirements.txt'],
      ],
      [
        'not with a variable that became unknown',
        ['ENV D=/a', 'COPY requirements.txt /a/', 'ENV D=$FROM_BASE', 'RUN pip install -r $D/requirements.txt'],
        ['? $D/requirements.txt, which is not copied from the project'],
      ],
      [
        'with the global ARG only where the stage declares it',
        ['ARG X=1', 'FROM python:3.11', 'RUN pip install a==$X', 'ARG X=2', 'RUN pip install b==$X'],
        ['a==$X', 'b==2'],
      ],
      ['with backticks for escape', ['RUN pip install `', '  a'], ['a']],
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
        const dockerfile = await read(
          [...(name.includes('backtick') ? ['# escape=`'] : []), 'FROM python:3.11 AS s', ...lines],
          files === undefined ? {} : { files },
        );
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

  it('takes the CMD away that a new ENTRYPOINT finds, unless it is of the same stage', async () => {
    const base = ['FROM python:3.11 AS base', 'CMD ["a"]'];
    expect((await read([...base, 'FROM base', 'ENTRYPOINT ["b"]'])).cmd).to.equal(undefined);
    expect((await read([...base, 'FROM base', 'CMD ["c"]', 'ENTRYPOINT ["b"]'])).cmd?.words).to.deep.equal(['c']);
  });

  it('knows what stands where, and whether the working directory is known', async () => {
    const dockerfile = await read(['FROM x', 'WORKDIR app', 'COPY . /srv', 'WORKDIR /srv', 'RUN mv /srv/a /b']);
    expect(dockerfile.isWorkdirKnown).to.equal(true);
    expect(dockerfile.movesFiles).to.equal(true);
    expect(dockerfile.filesAt('/srv/conf/base')).to.include('conf/base');
    expect(dockerfile.filesAt('/app/conf')).to.deep.equal([]);
    expect((await read(['FROM x', 'WORKDIR app'])).isWorkdirKnown).to.equal(false);
    expect((await read(['FROM x', 'WORKDIR $HOME/app', 'RUN apt-get install git'])).movesFiles).to.equal(false);
  });

  it('refuses what is too large or binary', async () => {
    for (const text of ['FROM x\n'.repeat(50_000), 'FROM x\0']) {
      expect((await rejection(read(text))).code).to.equal('configuration');
    }
  });

  const hostile: [name: string, text: string][] = [
    ['a line of a quarter of a million stars', `FROM x\nCOPY ${'*'.repeat(250_000)} /\nRUN pip install -r /a`],
    ['quotes that never end', `FROM x\nRUN ${'"\''.repeat(60_000)}`],
    ['escapes', `FROM x\nRUN ${'\\'.repeat(250_000)}`],
    ['braces in braces', `FROM x\nWORKDIR ${'${A:-'.repeat(40_000)}`],
    ['variables that double with each line', `FROM x\nENV A=ab\n${'ENV A=$A$A\n'.repeat(20_000)}WORKDIR $A`],
    ['patterns of nothing but stars', `ARG A=${'a'.repeat(250)}\nFROM \${A//${'*a'.repeat(100)}b/x}`],
    ['thousands of steps in a stage', `FROM x\n${'RUN pip install a\n'.repeat(14_000)}`],
    ['thousands of copies', `FROM x\n${'COPY . .\n'.repeat(14_000)}${'RUN pip install -r a\n'.repeat(100)}`],
    [
      'hundreds of stages, each from the one before',
      Array.from(
        { length: 900 },
        (_, at) => `FROM s${at - 1} AS s${at}\nENV A${at}=1\nCOPY . .\nRUN pip install a`,
      ).join('\n'),
    ],
    [
      'hundreds of stages, each copied from the one before',
      Array.from({ length: 900 }, (_, at) => `FROM x AS s${at}\nCOPY --from=s${at - 1} / /\nRUN pip install a`).join(
        '\n',
      ),
    ],
    ['a stage that is its own base', 'FROM a AS a\nFROM a AS a\nCOPY --from=a / /\nCOPY --from=1 / /'],
    ['a here-document that never ends', `FROM x\nRUN <<EOF\n${'pip install a\n'.repeat(10_000)}`],
    ['here-documents that never end, thousands of them', `FROM x\n${'RUN <<EOF\n'.repeat(5_000)}`],
    ['shells in shells', `FROM x\nRUN ${'sh -c "'.repeat(1_000)}`],
    ['files made of themselves', `FROM x\n${'RUN cat a b > a && cat a a > b\n'.repeat(5_000)}RUN pip install -r a`],
    ['spaces', `FROM x\nRUN${' '.repeat(250_000)}x\n# a${' '.repeat(1000)}=`],
  ];
  for (const [name, text] of hostile) {
    it(`is done with ${name} in no time and little memory`, async () => {
      const before = process.memoryUsage().heapUsed;
      const began = process.cpuUsage();
      const dockerfile = await read(text).catch((error: unknown) => error);
      const { user, system } = process.cpuUsage(began);
      if (dockerfile instanceof Error) expect(dockerfile).to.be.instanceOf(KdeployError);
      // Ten times what it takes; what is exponential or quadratic takes minutes, or never ends.
      expect((user + system) / 1e6).to.be.lessThan(8);
      expect(process.memoryUsage().heapUsed - before).to.be.lessThan(600 * 1024 * 1024);
    });
  }

  it('refuses more stages than anybody writes', async () => {
    expect((await rejection(read('FROM x\n'.repeat(1001)))).message).to.contain('more than 1000 stages');
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
    [KEDRO_DOCKER['0.6.2'], false],
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
    it(`${JSON.stringify(text.slice(0, 50))}: ${String(expected)}`, () =>
      expect(needsBuildKit(text)).to.equal(expected));
  }
});
