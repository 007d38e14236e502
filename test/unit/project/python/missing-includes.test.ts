import { expect } from 'chai';
import { requirementsReadable } from '../../../../src/checks/rules/requirements-readable.js';
import { findingsOf, remediesOf } from '../../../support/check-rule.js';

const INCLUDING = { 'requirements.txt': 'kedro\n-r base.txt\n', 'base.txt': 'kedro-mlflow\n' };

/** As `kedro docker init` writes it. */
const KEDRO_DOCKER = [
  'ARG BASE_IMAGE=python:3.9-slim',
  'FROM $BASE_IMAGE as runtime-environment',
  'RUN pip install uv',
  'COPY requirements.txt /tmp/requirements.txt',
  'RUN uv pip install --system --no-cache-dir -r /tmp/requirements.txt && rm -f /tmp/requirements.txt',
  'WORKDIR /home/kedro_docker',
  'FROM runtime-environment',
  'COPY . .',
].join('\n');

function image(...lines: readonly string[]): string {
  return ['FROM python:3.11-slim', ...lines].join('\n');
}

describe('includes that the Dockerfile does not copy', () => {
  const missing: [name: string, dockerfile: string | undefined, path: string][] = [
    ['without a Dockerfile, for which kedro docker has its own', undefined, ''],
    ['with the Dockerfile of kedro docker', KEDRO_DOCKER, '/tmp/base.txt'],
    [
      'with COPY . . too late',
      image('COPY requirements.txt .', 'RUN pip install -r requirements.txt', 'COPY . .'),
      '/base.txt',
    ],
    [
      'with COPY to another folder',
      image('COPY requirements.txt /a/', 'COPY base.txt /b/', 'RUN pip install -r /a/requirements.txt'),
      '/a/base.txt',
    ],
    [
      'with a pattern that does not match',
      image('COPY requirements*.txt /a/', 'RUN pip install -r /a/requirements.txt'),
      '/a/base.txt',
    ],
    [
      'with a bind mount of the one file',
      image('RUN --mount=type=bind,source=requirements.txt,target=/r.txt pip install -r /r.txt'),
      '/base.txt',
    ],
    [
      'with a bind mount of an earlier RUN',
      image(
        'COPY requirements.txt /a/',
        'RUN --mount=type=bind,target=/a pip --version',
        'RUN pip install -r /a/requirements.txt',
      ),
      '/a/base.txt',
    ],
    [
      'with files of another image elsewhere',
      image(
        'COPY --from=ghcr.io/astral-sh/uv:latest /uv /bin/',
        'COPY requirements.txt /a/',
        'RUN uv pip install -r /a/requirements.txt',
      ),
      '/a/base.txt',
    ],
  ];
  for (const [name, dockerfile, path] of missing) {
    it(name, async () => {
      const files = { ...INCLUDING, ...(dockerfile === undefined ? {} : { Dockerfile: dockerfile }) };
      expect(await findingsOf(requirementsReadable, { files })).to.deep.equal([
        dockerfile === undefined
          ? "error requirements.txt:2: requirements.txt:2 includes base.txt, but kedro docker's Dockerfile copies only requirements.txt: pip would not find it"
          : `error requirements.txt:2: requirements.txt:2 includes base.txt, but nothing is copied to ${path} in the image: pip would not find it`,
      ]);
    });
  }

  const install = 'RUN pip install -r /a/requirements.txt';
  const there: [name: string, dockerfile: string][] = [
    ['COPY . before', image('COPY . /a', install)],
    ['COPY of both', image('COPY requirements.txt base.txt /a/', install)],
    ['COPY of both as JSON', image('COPY ["requirements.txt", "base.txt", "/a/"]', install)],
    ['COPY of each', image('COPY requirements.txt /a/', 'COPY base.txt /a/base.txt', install)],
    ['COPY *.txt', image('COPY *.txt /a/', install)],
    ['COPY of a pattern that may stand for folders', image('COPY requirements.txt /a/', 'COPY conf* /a/', install)],
    ['COPY of a pattern with a class', image('COPY requirements.txt /a/', 'COPY [ab]*.txt /a/', install)],
    ['in the stage before', image('COPY . /a', 'FROM scratch', 'FROM python:3.11', 'COPY . /a', install)],
    [
      'in the stage that it starts from',
      `FROM python:3.11 AS base\nCOPY base.txt /a/\nFROM base\nCOPY requirements.txt /a/\n${install}`,
    ],
    [
      'from another stage',
      `FROM python:3.11 AS files\nRUN python make.py\nFROM python:3.11\nCOPY --from=files /x /a\nCOPY requirements.txt /a/\n${install}`,
    ],
    ['from another image', image('COPY --from=acme/requirements / /a/', 'COPY requirements.txt /a/', install)],
    ['from an archive', image('COPY requirements.txt /a/', 'ADD rest.tar.gz /a/', install)],
    ['from a server', image('COPY requirements.txt /a/', 'ADD https://example.com/base.txt /a/', install)],
    ['from a variable', image('ARG FILES', 'COPY requirements.txt /a/', 'COPY $FILES /a/', install)],
    ['to a variable', image('ARG FOLDER', 'COPY requirements.txt /a/', 'COPY base.txt $FOLDER', install)],
    ['with a bind mount of both', image('RUN --mount=type=bind,target=/a pip install -r /a/requirements.txt')],
    [
      'with a bind mount of the included file',
      image(
        'COPY requirements.txt /a/',
        'RUN --mount=type=bind,source=base.txt,target=/a/base.txt pip install -r /a/requirements.txt',
      ),
    ],
    [
      'as a build secret',
      image(
        'COPY requirements.txt /a/',
        'RUN --mount=type=secret,id=b,target=/a/base.txt pip install -r /a/requirements.txt',
      ),
    ],
    ['written by a command', image('COPY requirements.txt /a/', 'RUN echo kedro > /a/base.txt', install)],
    ['in a here-document', image('COPY requirements.txt /a/', 'COPY <<EOF /a/base.txt', 'kedro', 'EOF', install)],
    ['moved by a command', image('COPY . /src', 'RUN mv /src /a', install)],
    [
      'moved by the same command',
      image('COPY . /src', 'COPY requirements.txt /a/', 'RUN cp /src/* /a/ && pip install -r /a/requirements.txt'),
    ],
    ['in a base image of one’s own', `FROM acme/base\nCOPY requirements.txt /a/\n${install}`],
    ['in an unknown base image', `ARG IMAGE\nFROM $IMAGE\nCOPY requirements.txt /a/\n${install}`],
    [
      'given to pip as its input',
      image('COPY requirements.txt /a/', 'COPY base.txt /', 'RUN xargs pip install < /a/requirements.txt'),
    ],
    [
      'given to pip as one file made of two',
      image('COPY requirements.txt /a/', 'RUN cat /a/requirements.txt > /r.txt && pip install -r /r.txt'),
    ],
  ];
  for (const [name, dockerfile] of there) {
    it(`says nothing of ${name}`, async () => {
      expect(await findingsOf(requirementsReadable, { files: { ...INCLUDING, Dockerfile: dockerfile } })).to.deep.equal(
        [],
      );
    });
  }

  it('looks beside the including file, as pip does', async () => {
    const files = {
      'requirements/prod.txt': '-r common/base.txt\n',
      'requirements/common/base.txt': '-c ../limits.txt\nkedro\n',
      'requirements/limits.txt': 'kedro<2\n',
    };
    const RUN = 'RUN pip install -r /r/prod.txt';
    expect(
      await findingsOf(requirementsReadable, { files: { ...files, Dockerfile: image('COPY requirements /r', RUN) } }),
    ).to.deep.equal([]);
    const apart = image('COPY requirements/prod.txt /r/', 'COPY requirements/common /r/common', RUN);
    expect(await findingsOf(requirementsReadable, { files: { ...files, Dockerfile: apart } })).to.deep.equal([
      'error requirements/common/base.txt:1: requirements/common/base.txt:1 includes requirements/limits.txt, but nothing is copied to /r/limits.txt in the image: pip would not find it',
    ]);
  });

  it('says it once for a file that is installed twice', async () => {
    const Dockerfile = image('COPY requirements.txt /a/', install, install);
    expect(await findingsOf(requirementsReadable, { files: { ...INCLUDING, Dockerfile } })).to.have.length(1);
  });

  it('says only that a file is missing where the project lacks it as well', async () => {
    const files = { 'requirements.txt': '-r base.txt\n' };
    expect(await findingsOf(requirementsReadable, { files })).to.deep.equal([
      'error requirements.txt:1: requirements.txt:1 includes base.txt, which does not exist',
    ]);
  });

  it('is done with thousands of installations of hundreds of files', async () => {
    const names = Array.from({ length: 900 }, (_, at) => `r${at}.txt`);
    const files = {
      'requirements.txt': names.map((name) => `-r ${name}\n-r ${name}\n`).join(''),
      ...Object.fromEntries(names.map((name) => [name, ''])),
      Dockerfile: image('COPY requirements.txt /a/', ...Array.from({ length: 5000 }, () => install)),
    };
    expect(await findingsOf(requirementsReadable, { files })).to.have.length(900);
  });

  it('says nothing of a Dockerfile that cannot be read, of which another rule speaks', async () => {
    expect(
      await findingsOf(requirementsReadable, { files: { ...INCLUDING, Dockerfile: 'no Dockerfile' } }),
    ).to.deep.equal([]);
  });

  it('advises the COPY that lacks, and for kedro docker one file', async () => {
    expect(await remediesOf(requirementsReadable, { files: { ...INCLUDING, Dockerfile: KEDRO_DOCKER } })).to.deep.equal(
      ['in Dockerfile, copy base.txt to /tmp/ before line 5'],
    );
    expect(await remediesOf(requirementsReadable, { files: INCLUDING })).to.deep.equal([
      'move the contents of base.txt to requirements.txt; or create your own Dockerfile (kedro docker init) and copy both files in it',
    ]);
  });
});
