import { expect } from 'chai';
import { workingDirectoryHasProject } from '../../../../src/checks/rules/working-directory-has-project.js';
import { findingsOf } from '../../../support/check-rule.js';

const findings = (...lines: string[]) =>
  findingsOf(workingDirectoryHasProject, { files: { Dockerfile: ['FROM python:3.11', ...lines].join('\n') } });

describe('working-directory-has-project', () => {
  it('reports a project that is copied elsewhere', async () => {
    expect(await findings('WORKDIR /srv', 'COPY . /app')).to.deep.equal([
      'error Dockerfile:3: Dockerfile copies the project to /app, but the container starts in /srv, where Kedro cannot find it',
    ]);
  });

  const fine: [name: string, lines: string[]][] = [
    ['the same folder', ['WORKDIR /app', 'COPY . .']],
    ['a WORKDIR that comes last', ['COPY . /app', 'WORKDIR /app']],
    ['a copy from another stage', ['COPY . /app', 'FROM python:3.11', 'WORKDIR /srv', 'COPY --from=0 /app /srv']],
    ['conf/ copied by itself', ['WORKDIR /srv', 'COPY . /build', 'COPY conf conf']],
    ['a RUN that may move it', ['WORKDIR /srv', 'COPY . /app', 'RUN mv /app/* /srv']],
    ['a working directory of the base image', ['COPY . /app']],
    ['a project that is not copied as a whole', ['WORKDIR /srv', 'COPY src /app/src']],
    ['a variable that is not known', ['WORKDIR $HOME/x', 'COPY . /app']],
  ];
  for (const [name, lines] of fine)
    it(`is content with ${name}`, async () => expect(await findings(...lines)).to.deep.equal([]));

  it('is content with kedro docker’s own', async () =>
    expect(await findingsOf(workingDirectoryHasProject, { files: {} })).to.deep.equal([]));

  it('reports a project that is not copied at all', async () => {
    expect(await findings('RUN pip install kedro', 'CMD ["kedro", "run"]')).to.deep.equal([
      'error Dockerfile: Dockerfile copies nothing of the project into the image, so Kedro cannot find it there',
    ]);
  });

  const uncopied: [name: string, lines: string[]][] = [
    ['its requirements', ['COPY requirements.txt /tmp/', 'RUN pip install -r /tmp/requirements.txt', 'WORKDIR /app']],
    ['what names it', ['WORKDIR /app', 'COPY pyproject.toml uv.lock README.md ./', 'RUN uv sync']],
    ['a wheel', ['COPY dist/demo-1-py3-none-any.whl /tmp/', 'RUN pip install /tmp/demo-1-py3-none-any.whl']],
    ['a mounted file', ['RUN --mount=type=bind,source=requirements.txt,target=/r.txt pip install -r /r.txt']],
    ['a program of another image', ['COPY --from=ghcr.io/astral-sh/uv:latest /uv /uvx /bin/', 'COPY uv.lock .']],
    ['a file of its own', ['COPY <<EOF /app/run.sh', 'kedro run', 'EOF', 'COPY requirements.txt .']],
    [
      'requirements, in another stage',
      ['COPY requirements*.txt .', 'FROM python:3.11', 'COPY --from=0 /usr/local /usr/local'],
    ],
  ];
  for (const [name, lines] of uncopied)
    it(`reports a Dockerfile that copies no folder of the project, only ${name}`, async () => {
      const found = await findings(...lines);
      expect(found).to.have.length(1);
      expect(found[0]).to.match(
        /^error Dockerfile: Dockerfile copies .* of the project into the image, so Kedro cannot find/,
      );
    });

  const copied: [name: string, lines: string[]][] = [
    ['by ADD', ['ADD . /app', 'WORKDIR /app']],
    ['by folders', ['WORKDIR /app', 'COPY conf ./conf', 'COPY ["src", "./src"]']],
    ['by a pattern', ['WORKDIR /app', 'COPY * ./']],
    ['by a variable', ['WORKDIR /app', 'COPY $WHAT ./']],
    ['as an archive', ['ADD project.tar.gz /app', 'WORKDIR /app']],
    ['from a repository', ['ADD https://github.com/acme/demo.git /app']],
    ['from an image of one’s own', ['COPY --from=acme/project /app /app']],
    ['by a clone', ['RUN git clone https://github.com/acme/demo /app']],
    ['by a mount', ['RUN --mount=type=bind,target=/src cp -r /src /app']],
    [
      'through another stage that moves it',
      ['RUN git clone https://x /a', 'FROM python:3.11', 'COPY --from=0 /a /app'],
    ],
    [
      'by ONBUILD of another stage',
      ['ONBUILD COPY . /app', 'FROM python:3.11 AS b', 'ONBUILD COPY . /app', 'FROM b', 'WORKDIR /app'],
    ],
  ];
  for (const [name, lines] of copied)
    it(`is content with a project that is copied ${name}`, async () =>
      expect(await findings(...lines)).to.deep.equal([]));

  it('is content with a base image that may have the project', async () => {
    const Dockerfile = (base: string) => ({ files: { Dockerfile: `FROM ${base}\nCOPY requirements.txt /` } });
    for (const base of ['acme/demo-base:3.11', 'python:3-onbuild', '$BASE'])
      expect(await findingsOf(workingDirectoryHasProject, Dockerfile(base)), base).to.deep.equal([]);
  });
});
